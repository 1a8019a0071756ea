import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sha256Base64url } from '#canonical';
import { encodeLeaf, type Leaf, TreeEdge } from '#evidence';
import { encodeOutcomes, type Outcome } from '#record';
import { readJsonFile, Secret } from '#settings';
import { planTopics } from '#stream';
import { createLogger } from '#telemetry';
import { memoryStream } from '#testkit';
import { FollowLog } from '../../apps/ledger/src/index/follow-log.js';
import type { LeafQuery } from '../../apps/ledger/src/index/leaf-index.js';
import { openIndex, rebuildFile } from '../../apps/ledger/src/index/open-index.js';
import { grow, type LogEnd } from '../../apps/ledger/src/log/grow.js';
import { LogFiles } from '../../apps/ledger/src/log/log-files.js';
import { membershipOf } from '../instance/instance.js';
import { findPostgres, startPostgres, type TestPostgres } from '../postgres.js';

jest.setTimeout(120_000);

const PLAN = planTopics(readJsonFile('deploy/kafka/topics.json'), membershipOf());
const RECORDS = 700;
const T = 4_070_908_800;
const jtiOf = (i: number): string => sha256Base64url(Buffer.from(`exchange ${i}`));
const at = (t: number): string => new Date(t * 1000).toISOString();
const REFUSED = 'ingress.GE-GOV-7002.population.person/0/9@2099-01-01T00:00:00Z';

/** Envelopes of two members in turn, of two types by halves, and at the end a refusal, a conflict and an act. */
const LEAVES: readonly Leaf[] = [
  ...Array.from({ length: RECORDS }, (_, i): Leaf => {
    const type = i < RECORDS / 2 ? 'population.person' : 'address.locality';
    return { k: 'record', id: `GE/GOV/0001|${jtiOf(i)}`, s256: jtiOf(i), t: T + i, rd: `sha-256:${jtiOf(i)}`, type };
  }),
  { k: 'rejection', id: REFUSED, s256: jtiOf(-1), t: T + RECORDS, f: 'SCHEMA_VIOLATION' },
  {
    k: 'conflict',
    id: `GE/GOV/0001|${jtiOf(3)}|sealed.population.person/0/7`,
    s256: jtiOf(-2),
    t: T + RECORDS,
    f: 'SEEN_CONFLICT',
  },
  { k: 'key', id: 'keys/0/0@0', s256: jtiOf(-3), t: T + RECORDS },
];
const memberOf = (i: number): string => `GE/GOV/700${1 + (i % 2)}`;

/** Waits for a fact; an index that does not answer is none yet. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const stop = Date.now() + 60_000; !(await holds().catch(() => false)); await pause(20)) {
    if (Date.now() > stop) throw new Error('it did not come about');
  }
}

const programs = findPostgres('the index of leaves on a server');
let postgres: TestPostgres | undefined;
beforeAll(async () => {
  if (programs !== undefined) postgres = await startPostgres(programs);
});
afterAll(() => postgres?.remove());

describe.each(programs === undefined ? ['PGlite'] : ['PGlite', 'PostgreSQL'])('the index of leaves in %s', (database) => {
  let folder: string;
  let files: LogFiles;
  let end: LogEnd = { edge: TreeEdge.empty(), bundle: [] };
  let follower: FollowLog;
  const stream = memoryStream(PLAN);

  const follow = (): FollowLog => {
    const url = database === 'PostgreSQL' && postgres !== undefined ? new Secret(postgres.url) : undefined;
    const started = new FollowLog({
      open: () => openIndex(folder, url),
      files,
      size: () => end.edge.size,
      client: stream,
      plan: () => PLAN,
      rebuildFile: rebuildFile(folder),
      log: createLogger('test', 'error', { write: (line) => void line }),
      observe: () => undefined,
    });
    started.start();
    return started;
  };
  const write = async (leaves: readonly Leaf[]): Promise<void> => {
    const growth = grow(end, leaves.map(encodeLeaf));
    await files.write(growth.files);
    end = growth.end;
  };
  const find = async (query: Partial<LeafQuery>): Promise<number[]> =>
    (await follower.index().find({ start: 0, limit: 1000, ...query })).map(({ index }) => index);
  /** Waits until all leaves and all members are there. */
  const whole = (): Promise<void> =>
    until(async () => {
      const index = follower.index();
      const members = (await index.find({ start: 0, limit: 1000 })).filter(({ member }) => member !== undefined);
      return (await index.size()) === end.edge.size && members.length === RECORDS + 2;
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'khidi-index-'));
    files = new LogFiles(join(folder, 'log'));
    await write(LEAVES.slice(0, 300));
    for (const i of LEAVES.keys()) {
      if (i >= RECORDS) break;
      const ingress = `ingress.GE-GOV-700${1 + (i % 2)}.population.person/0/${i}`;
      const told: Outcome = { kind: 'sealed', ingress, at: at(T), jti: jtiOf(i) };
      const topic = `outcomes.GE-GOV-700${1 + (i % 2)}`;
      stream.append({ topic, key: 'k', value: encodeOutcomes([told]), headers: {}, partition: 0 });
    }
    follower = follow();
    await write(LEAVES.slice(300));
    await whole();
  });
  afterAll(async () => {
    await follower?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it('finds leaves by kind, type, member, exchange, fault and time, and page by page', async () => {
    expect(await find({ kind: 'key' })).toEqual([RECORDS + 2]);
    expect(await find({ jti: jtiOf(3), iss: 'GE/GOV/0001' })).toEqual([3, RECORDS + 1]);
    expect(await find({ type: 'address.locality' })).toHaveLength(RECORDS / 2);
    expect(await find({ member: 'GE/GOV/7002', kind: 'record' })).toEqual(
      Array.from({ length: RECORDS / 2 }, (_, i) => 2 * i + 1),
    );
    expect(await find({ member: 'GE/GOV/7002', fault: 'SCHEMA_VIOLATION' })).toEqual([RECORDS]);
    expect(await find({ from: T + 10, to: T + 13 })).toEqual([10, 11, 12]);
    expect(await find({ type: 'population.person', start: 348, limit: 1 })).toEqual([348]);
    expect(await find({ type: "x' or 'a'='a" })).toEqual([]);
    const [one] = await follower.index().find({ jti: jtiOf(4), start: 0, limit: 1 });
    expect(one).toEqual({
      index: 4,
      kind: 'record',
      id: `GE/GOV/0001|${jtiOf(4)}`,
      type: 'population.person',
      member: memberOf(4),
      at: T + 4,
    });
  });

  it('changes nothing when the same is added again', async () => {
    await follower.index().add(0, LEAVES.slice(0, 10));
    expect(await follower.index().size()).toBe(LEAVES.length);
    expect(await find({})).toHaveLength(LEAVES.length);
  });

  it('is made anew from tiles and topics when that is asked for, and is the same', async () => {
    const before = await follower.index().find({ start: 0, limit: 1000 });
    writeFileSync(rebuildFile(folder), '');
    await until(async () => !existsSync(rebuildFile(folder)));
    await whole();
    expect(await follower.index().find({ start: 0, limit: 1000 })).toEqual(before);
  });

  it('is made anew at the start where it is of another log', async () => {
    await follower.stop();
    end = { edge: TreeEdge.empty(), bundle: [] };
    files = new LogFiles(join(folder, 'other-log'));
    await write([LEAVES[RECORDS]!]);
    follower = follow();
    await until(async () => (await find({})).length === 1);
    expect(await find({ kind: 'rejection' })).toEqual([0]);
  });

  // PGlite lives and dies with this process.
  (database === 'PGlite' ? it.skip : it)('waits while the database is away, says so, and catches up', async () => {
    postgres?.stop();
    const code = (error: unknown) => (error as { code?: string }).code;
    await until(async () => (await find({}).catch(code)) === 'LOG_INDEX_UNAVAILABLE');
    await write(LEAVES.slice(0, 5));
    postgres?.start();
    await until(async () => (await find({})).length === 6);
    expect(await find({ kind: 'record' })).toEqual([1, 2, 3, 4, 5]);
  });
});
