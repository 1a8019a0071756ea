import { FaultError } from '#faults';
import { decodeLoadMark } from '#record';
import type { Loaded, Loading } from './loading.js';
import { ongoing, type Replaying } from './replaying.js';
import type { UsedQuota } from './used-quotas.js';

/** How far one lane is. */
export interface LaneState {
  /** The number of the last delivery; 0 before the first. */
  readonly number: number;
  /** By partition of the sealed topic: the next offset to decide on. */
  readonly next: ReadonlyMap<number, bigint>;
  /** Present while it goes over what it delivered before. */
  readonly replaying?: Replaying;
  /** Present while an initial load goes on. */
  readonly loading?: Loading;
  /** The last initial load that is complete. */
  readonly loaded?: Loaded;
  /** Of a lane that gives changes only: from when on (RFC 3339). */
  readonly changes?: string;
  /** What left under quotas in windows that go on. */
  readonly used?: readonly UsedQuota[];
}

/** The value bytes of a state (JSON, UTF-8). */
export function encodeLaneState({ number, next, replaying, loading, loaded, changes, used }: LaneState): Buffer {
  return Buffer.from(
    JSON.stringify({
      number,
      next: writtenOffsets(next),
      ...(replaying === undefined ? {} : { replaying: { ...replaying, until: writtenOffsets(replaying.until) } }),
      ...(loading === undefined ? {} : { loading: { ...loading, until: writtenOffsets(loading.until) } }),
      ...(loaded === undefined ? {} : { loaded }),
      ...(changes === undefined ? {} : { changes }),
      ...(used === undefined || used.length === 0 ? {} : { used }),
    }),
  );
}

const writtenOffsets = (offsets: ReadonlyMap<number, bigint>) =>
  Object.fromEntries([...offsets].map(([partition, offset]) => [partition, String(offset)]));

const OFFSET = /^(0|[1-9][0-9]{0,18})$/;

/** Reads what {@link encodeLaneState} wrote. Throws DELIVERY_STATE_UNREADABLE: a lane that forgot its numbers must not go on. */
export function decodeLaneState(value: Buffer, lane: string): LaneState {
  try {
    const written = JSON.parse(value.toString('utf8')) as Record<string, unknown>;
    const { number, next, replaying, loading, loaded, changes, used } = written;
    if (!Number.isSafeInteger(number) || Number(number) < 0) throw new TypeError();
    return {
      number: number as number,
      next: readOffsets(next),
      ...(replaying === undefined ? {} : { replaying: readReplaying(replaying) }),
      ...(loading === undefined ? {} : { loading: readLoading(loading) }),
      ...(loaded === undefined ? {} : { loaded: readLoaded(loaded) }),
      ...(changes === undefined ? {} : { changes: textIn(changes) }),
      ...(used === undefined ? {} : { used: readUsed(used) }),
    };
  } catch {
    // not JSON, or of another form
    throw new FaultError('DELIVERY_STATE_UNREADABLE', lane);
  }
}

/** Throws a TypeError for anything else than offsets by partition. */
function readOffsets(written: unknown): ReadonlyMap<number, bigint> {
  const entries = Object.entries(written as Record<string, unknown>);
  if (!entries.every(([partition, offset]) => /^\d+$/.test(partition) && OFFSET.test(String(offset)))) throw new TypeError();
  return new Map(entries.map(([partition, offset]) => [Number(partition), BigInt(String(offset))]));
}

function readReplaying(written: unknown): Replaying {
  const { id, until, agreement } = written as Record<string, unknown>;
  return { id: textIn(id), until: readOffsets(until), ...(agreement === undefined ? {} : { agreement: textIn(agreement) }) };
}

function readLoading(written: unknown): Loading {
  const { id, until, begun } = written as Record<string, unknown>;
  return { id: textIn(id), until: readOffsets(until), begun: textIn(begun) };
}

function readLoaded(written: unknown): Loaded {
  const mark = decodeLoadMark(Buffer.from(JSON.stringify(written)));
  if (mark === undefined) throw new TypeError();
  return { ...mark, begun: textIn((written as Record<string, unknown>).begun) };
}

function readUsed(written: unknown): readonly UsedQuota[] {
  return (written as readonly Record<string, unknown>[]).map(({ name, windowMs, from, used }) => {
    const numbers = [windowMs, from, used].map(Number);
    if (!numbers.every((one) => Number.isSafeInteger(one) && one >= 0)) throw new TypeError();
    const [window = 0, begun = 0, count = 0] = numbers;
    return { name: textIn(name), windowMs: window, from: begun, used: count };
  });
}

function textIn(written: unknown): string {
  if (typeof written !== 'string') throw new TypeError();
  return written;
}

/** What follows on a state; what has come to its end is no longer in it. */
export function stateAfter(
  { replaying: before, loading, loaded: last, changes, used }: LaneState,
  number: number,
  next: LaneState['next'],
  loaded: LaneState['loaded'],
): LaneState {
  const replaying = ongoing(before, next);
  const newest = loaded ?? last;
  return {
    number,
    next,
    ...(replaying === undefined ? {} : { replaying }),
    ...(loading === undefined || loaded !== undefined ? {} : { loading }),
    ...(newest === undefined ? {} : { loaded: newest }),
    ...(changes === undefined ? {} : { changes }),
    ...(used === undefined ? {} : { used }),
  };
}
