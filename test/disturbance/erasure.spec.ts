import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { verify } from '#envelope';
import { ingressTopic, type ReceivedRecord, recordType, sealedTopic, validatedTopic } from '#record';
import { Ledger } from '../flow/ledger.js';
import { parcel } from '../flow/parcels.js';
import { readOutcomes, readWhole } from '../flow/reader.js';
import { type Parcel, sendAll } from '../flow/sender.js';
import { describeInstance } from '../flow/state-file.js';
import { LeafReader } from '../harness/leaves.js';
import { configureTopics } from '../harness/topic-command.js';
import { type Agency, type Instance, startInstance } from '../instance/instance.js';
import { publishedKeys } from '../instance/published-keys.js';
import { registerSchema } from '../instance/register.js';
import { vkeyOf } from './ledger-instance.js';

const TYPE = recordType('address.locality')!;
const SUBJECTS = 20;
const CHANGES = 3;
/** Whose records are erased. */
const ERASED = 7;
/** What stands in its records and nowhere else. */
const MARK = `Change 2 of place ${ERASED}`;

describe('when the records of one subject are erased', () => {
  let instance: Instance;
  let agency: Agency;
  let ledger: Ledger;
  let leaves: LeafReader;
  let sub = '';
  let jtis: readonly string[] = [];
  let erased: { bodies: number; topics: string[] };
  let rejections = 0;

  beforeAll(async () => {
    instance = await startInstance();
    await registerSchema(instance, 'schemas/address/locality/1.0.json', TYPE);
    [agency] = instance.agencies as [Agency];
    ledger = new Ledger(join(instance.folder, 'ledger'));
    leaves = new LeafReader(instance.ledger.url, await vkeyOf(instance.ledger));
    for (let change = 1; change <= CHANGES; change++)
      await sendAll(
        agency,
        batch((subject) => parcel(agency, subject, change)),
        ledger,
      );
    await sendAll(agency, [parcel(agency, ERASED, 99, 0)], ledger); // refused
    await until('everything has its leaf', async () => {
      await leaves.catchUp();
      return leaves.size >= SUBJECTS * CHANGES + 1;
    });
    const own = (await envelopes()).filter(({ subject }) => subject === `GE/${agency.member.id.slice(-4)} flow ${ERASED}`);
    sub = own[0]?.sub ?? '';
    jtis = own.map(({ jti }) => jti);
    rejections = await rejected();
    erased = JSON.parse(khidi(['erase', '--type', TYPE, '--subject', sub, '--why', 'a test', '-o', 'json'])) as typeof erased;
    await compact();
  }, 400_000);

  afterAll(() => instance?.stop(), 60_000);

  it('finds each of its bodies: as sent, validated and sealed', () => {
    const topics = [ingressTopic(agency.member.id, TYPE), sealedTopic(TYPE), validatedTopic(TYPE)];
    expect(erased).toMatchObject({ bodies: 3 * CHANGES, topics });
  });

  it('leaves none of them on any topic or in any file of the broker, and all of the others', async () => {
    const pseudonym = sub.split(':').at(-1) ?? '';
    for (const topic of [sealedTopic(TYPE), validatedTopic(TYPE)]) {
      const kept = await readWhole(instance, topic);
      expect([topic, kept.filter(({ key }) => String(key) === pseudonym)]).toEqual([topic, []]);
      expect(new Set(kept.map(({ key }) => String(key))).size).toBe(SUBJECTS - 1);
    }
    expect(filesWith(MARK)).toEqual([]);
    expect(filesWith(`Change 4 of place ${ERASED + 1}`).length).toBeGreaterThan(0);
    process.stdout.write(`erased=${erased.bodies} left=0 others=${SUBJECTS - 1} subjects\n`);
  });

  it('leaves the evidence: every leaf, the act among them, and a bundle that says what it no longer proves', async () => {
    await leaves.catchUp();
    expect(leaves.forks).toBe(0);
    expect(jtis.filter((jti) => !leaves.leaves.has(`record GE/GOV/0001|${jti}`))).toEqual([]);
    khidi(['audit', 'verify']);
    expect(khidi(['audit', 'list'])).toMatch(/erase .* a test/);
    const file = join(instance.folder, 'bundle.json');
    khidi(['evidence', 'get', '--jti', jtis[0] ?? '', '--file', file, '--why', 'a test']);
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).not.toContain('envelope');
  });

  it('is no record to anybody: nothing was refused, nothing became a dead letter, and the road goes on', async () => {
    expect(await rejected()).toBe(rejections);
    for (const service of ['validation', 'signing', 'ledger'])
      expect([service, await readWhole(instance, `dead-letter.${service}`)]).toEqual([service, []]);
    const before = leaves.size;
    await sendAll(agency, [parcel(agency, ERASED, 100)], ledger);
    await until('a new record of the subject has its leaf', async () => {
      await leaves.catchUp();
      return leaves.size > before;
    });
  }, 60_000);

  const batch = (make: (subject: number) => Parcel): Parcel[] => Array.from({ length: SUBJECTS }, (_, i) => make(i));

  async function rejected(): Promise<number> {
    return (await readOutcomes(instance, agency)).filter(({ kind }) => kind === 'rejected').length;
  }

  async function envelopes(): Promise<{ sub: string; jti: string; subject: unknown }[]> {
    const keys = (await publishedKeys(instance)).current();
    return (await readWhole(instance, sealedTopic(TYPE))).flatMap(({ value }: ReceivedRecord) => {
      const result = verify(value ?? Buffer.alloc(0), { keys, now: new Date() });
      return result.ok ? [{ sub: result.claims.sub, jti: result.claims.jti, subject: result.claims.record.id }] : [];
    });
  }

  /** Lets Kafka compact now and not in a week, and waits until it has. */
  async function compact(): Promise<void> {
    await configureTopics(instance.brokers, erased.topics, {
      ...{ 'min.compaction.lag.ms': '0', 'max.compaction.lag.ms': '500', 'segment.ms': '500' },
      ...{ 'min.cleanable.dirty.ratio': '0.01', 'delete.retention.ms': '0' },
    });
    for (let change = 4; change < 60 && filesWith(MARK).length > 0; change++) {
      const others = batch((subject) => parcel(agency, subject, change)).filter((_, subject) => subject !== ERASED);
      await sendAll(agency, others, ledger); // a segment ends when something is written
      await pause(1000);
    }
  }

  /** The files of the broker in which a text stands. */
  function filesWith(text: string): string[] {
    const data = join(instance.folder, 'kafka', 'data');
    const files = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) => /\.log(\.deleted)?$/.test(name));
    return files.filter((name) => readFileSync(join(data, name)).includes(text) && !name.endsWith('.deleted'));
  }

  function khidi(args: readonly string[]): string {
    const run = spawnSync(process.execPath, [resolve('apps/cli/bin/khidi.js'), ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', KHIDI_STATE: describeInstance(instance) },
    });
    if (run.status !== 0) throw new Error(`khidi ${args.join(' ')} ended with ${run.status}: ${run.stderr}`);
    return run.stdout;
  }
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds().catch(() => false)); await pause(200))
    if (Date.now() > end) throw new Error(`${what} did not come about in a minute`);
}
