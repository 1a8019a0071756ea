import { sha256Base64url } from '#canonical';
import { decodeBundle, decodeEvidence, decodeLeaf, type Leaf, leafHash, openCheckpoint, readVkey, TreeEdge } from '#evidence';
import type { ReceivedRecord } from '#record';
import type { StreamClient } from '#stream';
import { TYPE } from './ledger-instance.js';
import type { Written } from './statements.js';

/** The numbers that decide; all but `leaves` and `deliverable` must be zero. */
export interface Count {
  readonly leaves: number;
  readonly deliverable: number;
  /** Exchanges or refusals without a leaf. */
  readonly unlogged: number;
  /** Ids with more than one leaf. */
  readonly twice: number;
  /** Records that may be delivered and whose leaf is not at the place that the evidence event names. */
  readonly misplaced: number;
  /** Records that no evidence event covers, or that more than one covers. */
  readonly uncovered: number;
  /** Exchanges that may be delivered other than once. */
  readonly wrongly: number;
  /** Leaves of nothing that was written. */
  readonly invented: number;
  /** Checkpoints that were published on the way and that the final entries do not lead to. */
  readonly forks: number;
}

/** A reader of the log over HTTP, as anybody is. */
export async function readLog(url: string, vkey: string): Promise<{ readonly entries: Buffer[]; readonly root: Buffer }> {
  const key = readVkey(vkey);
  const note = await (await fetch(`${url}/checkpoint`)).text();
  const checkpoint = key === undefined ? undefined : openCheckpoint(note, key);
  if (checkpoint === undefined) throw new Error('the checkpoint does not hold');
  const entries: Buffer[] = [];
  for (let bundle = 0; bundle * 256 < checkpoint.size; bundle += 1) {
    const width = Math.min(256, checkpoint.size - bundle * 256);
    const path = `tile/entries/${String(bundle).padStart(3, '0')}${width === 256 ? '' : `.p/${width}`}`;
    const bytes = Buffer.from(await (await fetch(`${url}/${path}`)).arrayBuffer());
    entries.push(...(decodeBundle(bytes) ?? []));
  }
  if (!rootsOf(entries).get(checkpoint.size)?.equals(checkpoint.root)) throw new Error('the entries do not lead to the root');
  return { entries, root: checkpoint.root };
}

function rootsOf(entries: readonly Buffer[]): Map<number, Buffer> {
  const edge = TreeEdge.empty();
  const roots = new Map([[0, edge.root()]]);
  for (const entry of entries) {
    edge.append(leafHash(entry));
    roots.set(edge.size, edge.root());
  }
  return roots;
}

/** Compares the log with what was written, and the evidence events with both. */
export async function recount(
  client: StreamClient,
  entries: readonly Buffer[],
  written: Written,
  published: ReadonlyMap<number, string>,
): Promise<Count> {
  const leaves = entries.flatMap((entry) => decodeLeaf(entry) ?? []);
  const byId = new Map<string, Leaf[]>();
  for (const leaf of leaves) byId.set(`${leaf.k} ${leaf.id}`, [...(byId.get(`${leaf.k} ${leaf.id}`) ?? []), leaf]);
  const known = (leaf: Leaf): boolean =>
    leaf.k === 'rejection' ? written.refusals.has(leaf.id) : written.exchanges.has(leaf.id.split('|').slice(0, 2).join('|'));
  const roots = rootsOf(entries);
  const delivered = await deliverable(client, leaves);
  const wanted = [
    ...[...written.exchanges.keys()].map((id) => `record ${id}`),
    ...[...written.refusals].map((id) => `rejection ${id}`),
  ];
  return {
    leaves: leaves.length,
    ...delivered,
    unlogged: wanted.filter((id) => !byId.has(id)).length,
    twice: [...byId.values()].filter((all) => all.length > 1).length,
    wrongly: written.exchanges.size - delivered.deliverable,
    invented: leaves.filter((leaf) => !known(leaf)).length + entries.length - leaves.length,
    forks: [...published].filter(([size, root]) => roots.get(size)?.toString('base64') !== root).length,
  };
}

/** What a consumer that goes by the evidence topic alone would deliver. */
async function deliverable(client: StreamClient, leaves: readonly Leaf[]) {
  const topic = `sealed.${TYPE}`;
  const records = await readWhole(client, topic);
  const events = (await readWhole(client, 'evidence')).flatMap(({ value }) => decodeEvidence(value) ?? []);
  const covered = new Map<string, number>();
  let misplaced = 0;
  const exchanges = new Set<string>();
  let count = 0;
  for (const event of events.filter((one) => one.topic === topic)) {
    const within = records.filter(
      ({ partition, offset }) =>
        partition === event.partition && BigInt(offset) >= BigInt(event.first) && BigInt(offset) <= BigInt(event.last),
    );
    for (const { partition, offset } of within)
      covered.set(`${partition}/${offset}`, (covered.get(`${partition}/${offset}`) ?? 0) + 1);
    for (const [i, record] of within.filter(({ offset }) => !event.without.includes(offset)).entries()) {
      const leaf = leaves[event.leaf + i];
      if (leaf?.k !== 'record' || leaf.s256 !== payloadDigest(record)) misplaced += 1;
      else exchanges.add(leaf.id);
      count += 1;
    }
  }
  const uncovered = records.filter(({ partition, offset }) => covered.get(`${partition}/${offset}`) !== 1).length;
  return { deliverable: count, misplaced, uncovered: uncovered + (count - exchanges.size) };
}

const payloadDigest = ({ value }: ReceivedRecord): string =>
  sha256Base64url(Buffer.from(value?.toString('latin1').split('.')[1] ?? '', 'base64url'));

/** All committed records of a topic up to its end as it is now. */
export async function readWhole(client: StreamClient, topic: string): Promise<ReceivedRecord[]> {
  const found: ReceivedRecord[] = [];
  for (const { partition, start, end } of await client.admin.endOffsets(topic)) {
    if (BigInt(end) <= BigInt(start)) continue;
    await new Promise<void>((resolve, reject) => {
      const reader = client.transport.read({ topic, partition, from: 'earliest' }, async ({ records, next }) => {
        found.push(...records);
        if (next < BigInt(end)) return;
        void reader.stop();
        resolve();
      });
      reader.done.catch(reject);
    });
  }
  return found;
}
