import { readEventType } from '#record';
import { administered } from './access.js';
import { type Adapter, adaptersOf, lastCursor, type ReadOutcome } from './adapter.js';
import { awaitOutcomes, type Tally } from './await-outcomes.js';
import { type Parcel, writeParcels } from './demo-parcels.js';
import { khidi } from './khidi.js';
import type { State } from './state.js';
import { withKafka } from './with-kafka.js';

/** What was sent. */
export interface Sent {
  /** The sentence that sums it up. */
  readonly said: string;
  readonly cluster: string;
  /** By record type: the `jti` of each exchange that is new. */
  readonly sealed: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Sends the demonstration data through the doors of its agencies, as they would, and waits until every record has an outcome. Done
 * once for each cluster, unless `again`: what is sent twice is recognised as a duplicate. Undefined where it was sent before.
 */
export async function demonstrate(state: State, again: boolean, tell: (line: string) => void): Promise<Sent | undefined> {
  const cluster = await withKafka(administered(state.current), (client) => client.admin.clusterId());
  if (state.current.demonstrated === cluster && !again) return undefined;
  tell('preparing the files');
  const parcels = writeParcels(state.folder);
  const total: Counts = { sent: 0, refused: 0, sealed: 0, rejected: 0, duplicate: 0, conflict: 0 };
  const progress = nowAndThen(() => tell(sentenceOf(total)));
  const sealed = new Map<string, Set<string>>();
  const each = ({ kind, type: of = '', jti }: ReadOutcome): void => {
    const type = readEventType(of)?.type;
    if (kind === 'sealed' && jti !== undefined && type !== undefined) sealed.set(type, (sealed.get(type) ?? new Set()).add(jti));
  };
  await Promise.all(adaptersOf(state.current).map((adapter) => sendAll(state, adapter, parcels, { total, progress, each })));
  return { said: sentenceOf(total), cluster, sealed };
}

/** Who is told of what comes of the sending. */
interface Told {
  readonly total: Counts;
  readonly progress: () => void;
  readonly each: (outcome: ReadOutcome) => void;
}

/** What happened to all records so far: at the doors, and on the road. */
interface Counts extends Tally {
  sent: number;
  refused: number;
}

/** One agency sends its files one after the other, then waits for what became of them. */
async function sendAll(
  state: State,
  adapter: Adapter,
  parcels: readonly Parcel[],
  { total, progress, each }: Told,
): Promise<void> {
  const cursor = await lastCursor(adapter);
  const ids: string[] = [];
  for (const { file, options } of parcels.filter(({ member }) => member === adapter.member)) {
    const args = ['send', file, '--as', adapter.member, ...options, '-o', 'json'];
    const { stdout } = await khidi(state.folder, args, undefined, [0, 1]);
    const answers = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { id?: string; status: number });
    const accepted = answers.flatMap(({ id, status }) => (status === 202 && id !== undefined ? [id] : []));
    ids.push(...accepted);
    total.sent += accepted.length;
    total.refused += answers.length - accepted.length;
    progress();
  }
  const before: Tally = { sealed: 0, rejected: 0, duplicate: 0, conflict: 0 };
  const count = (tally: Tally): void => {
    for (const kind of KINDS) {
      total[kind] += tally[kind] - before[kind];
      before[kind] = tally[kind];
    }
    progress();
  };
  await awaitOutcomes(adapter, cursor, ids, count, each);
}

/** Calls `tell` at most every two seconds. */
function nowAndThen(tell: () => void): () => void {
  let next = 0;
  return () => {
    if (Date.now() < next) return;
    next = Date.now() + 2000;
    tell();
  };
}

const KINDS = ['sealed', 'rejected', 'duplicate', 'conflict'] as const;

function sentenceOf({ sent, refused, ...tally }: Counts): string {
  const parts = KINDS.filter((kind) => tally[kind] > 0).map((kind) => `${tally[kind].toLocaleString('en')} ${kind}`);
  const door = refused === 0 ? '' : `, ${refused} refused at the door`;
  return `${sent.toLocaleString('en')} records sent${door}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}
