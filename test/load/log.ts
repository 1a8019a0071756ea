import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalize, parseStrict, sha256Base64url } from '#canonical';
import { sealAll } from '#envelope';
import { encodeLeaf, inclusionProof, type Leaf, leafHash, TreeEdge, verifyInclusion } from '#evidence';
import type { ReceivedRecord } from '#record';
import { sealInput, testIssuer } from '#testkit';
import { grow, type LogEnd } from '../../apps/ledger/src/log/grow.js';
import { LogFiles } from '../../apps/ledger/src/log/log-files.js';
import { readSealed } from '../../apps/ledger/src/steps/read-sealed.js';
import { keyOf, LeafKeys } from '../../apps/ledger/src/store/leaf-keys.js';
import { persons } from '../../examples/registries/index.js';
import { quantile, type Row, row } from './measure.js';

const CHUNK = 4000;
const SMALL = 10_000;
const PROOFS = 2000;
const READ_ROUNDS = 5;

/**
 * Leaves integrated by the ledger's own parts but for Kafka: looked up in the index, encoded, hashed into tiles that are flushed
 * to the disk, and added to the index. First at ten thousand leaves, then at the end of a million; then proofs from those tiles.
 */
export async function benchLog(leaves: number, tell: (text: string) => void): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-bench-log-'));
  const files = new LogFiles(join(folder, 'log'));
  const keys = await LeafKeys.open(join(folder, 'store'));
  try {
    let end: LogEnd = { edge: TreeEdge.empty(), bundle: [] };
    const upTo = async (size: number): Promise<number> => {
      const begun = performance.now();
      const from = end.edge.size;
      while (end.edge.size < size) {
        end = await integrate(files, keys, end, Math.min(CHUNK, size - end.edge.size));
        tell(`log: ${end.edge.size} of ${leaves}`);
      }
      return (size - from) / ((performance.now() - begun) / 1000);
    };
    await upTo(Math.min(2000, leaves)); // warm-up
    const first = await upTo(Math.min(SMALL + 2000, leaves));
    await upTo(leaves - SMALL * 10);
    const before = process.cpuUsage();
    const last = await upTo(leaves);
    const { user, system } = process.cpuUsage(before);
    const { p50, p99 } = await proofs(files, end);
    return [
      ...(await reading(tell)),
      row(`log: leaves integrated on files, around ${SMALL}`, first, 'leaves/s'),
      row(`log: leaves integrated on files, the last ${SMALL * 10} of ${leaves}`, last, 'leaves/s', {
        name: 'around ten thousand',
        value: first,
      }),
      row('log: the same for each second of processor time', (SMALL * 10) / ((user + system) / 1e6), 'leaves/s'),
      row(`log: inclusion proof at ${leaves} leaves, median`, p50, 'ms'),
      row(`log: inclusion proof at ${leaves} leaves, p99`, p99, 'ms'),
    ];
  } finally {
    await keys.close();
    rmSync(folder, { recursive: true });
  }
}

/** Envelopes of persons of 1 KB as the ledger reads them: seals verified in the thread pool, leaves drafted. Processor time beside verifying alone. */
async function reading(tell: (text: string) => void): Promise<Row[]> {
  const issuer = testIssuer();
  const inputs = [...persons({ count: CHUNK, from: 900_000 })].map(({ bytes }, i) => {
    const parsed = parseStrict(bytes);
    if (!parsed.ok) throw new Error('the fixture is no strict JSON');
    return sealInput({ event: { ...sealInput().event, id: `bench-${i}` }, record: canonicalize(parsed.value) });
  });
  const sealed = await sealAll(inputs, issuer.sealer, new Date());
  const records = sealed.flatMap((one, i) => (one.ok ? [sealedRecord(one.envelope, i)] : []));
  const keys = { known: () => issuer.keys, caughtUp: async () => issuer.keys };
  let best = { rate: 0, micros: Infinity };
  for (let round = 0; round <= READ_ROUNDS; round += 1) {
    tell('log: reading envelopes');
    const begun = performance.now();
    const before = process.cpuUsage();
    const drafts = await readSealed(records, issuer.sealer.iss, keys);
    const { user, system } = process.cpuUsage(before);
    if (drafts.length !== CHUNK || drafts.some((one) => typeof one === 'string')) throw new Error('a seal does not hold');
    const rate = CHUNK / ((performance.now() - begun) / 1000);
    if (round > 0) best = { rate: Math.max(best.rate, rate), micros: Math.min(best.micros, (user + system) / CHUNK) };
  }
  return [
    row('log: envelopes read, each seal verified in the thread pool', best.rate, '/s'),
    row('log: the same, all threads', best.micros, 'µs/record'),
  ];
}

function sealedRecord(value: Buffer, i: number): ReceivedRecord {
  return { topic: 'sealed.population.person', partition: 0, offset: String(i), timestamp: 0, key: null, value, headers: {} };
}

async function integrate(files: LogFiles, keys: LeafKeys, end: LogEnd, count: number): Promise<LogEnd> {
  const from = end.edge.size;
  const all = Array.from({ length: count }, (_, i) => leafOf(from + i));
  const known = await keys.find(all.map(keyOf));
  const fresh = all.filter((_, i) => known[i] === undefined);
  const growth = grow(end, fresh.map(encodeLeaf));
  await files.write(growth.files);
  await keys.add(from, fresh);
  return growth.end;
}

function leafOf(i: number): Leaf {
  const s256 = sha256Base64url(Buffer.from(`payload ${i}`));
  return { k: 'record', id: `GE/GOV/0001|${s256}`, s256, t: 4_070_908_800, rd: `sha-256:${s256}`, type: 'population.person' };
}

async function proofs(files: LogFiles, { edge }: LogEnd): Promise<{ readonly p50: number; readonly p99: number }> {
  const root = edge.root();
  const times: number[] = [];
  for (let i = 0; i < PROOFS; i += 1) {
    const index = randomInt(edge.size);
    const begun = performance.now();
    const path = await inclusionProof((tile) => files.tile(tile), index, edge.size);
    times.push(performance.now() - begun);
    if (!verifyInclusion(leafHash(encodeLeaf(leafOf(index))), index, edge.size, path, root))
      throw new Error(`no proof of ${index}`);
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
