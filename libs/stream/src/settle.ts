import type { FaultCode } from '#faults';
import {
  CONTENT_TYPE,
  HEADER,
  joinOutcomes,
  type MemberId,
  type MemberOutcome,
  outcomesTopic,
  type ReceivedRecord,
  type Verdict,
} from '#record';
import { deadLetter } from './dead-letter.js';
import type { DeadLetterSeal } from './dead-letter-seal.js';
import type { FetchedRun, WireRecord } from './port.js';
import { wireSize } from './size.js';

export interface SettleOptions {
  readonly service: string;
  /** What one transaction writes at most, in bytes; a record whose writes are larger goes alone. */
  readonly budgetBytes: number;
  /** Encrypts the bodies of dead letters; absent: they stay as they are. */
  readonly seal?: DeadLetterSeal | undefined;
}

/** One transaction: the writes for `count` records, and the offset that is committed with them. */
export interface Settled {
  readonly records: readonly WireRecord[];
  readonly next: bigint;
  readonly count: number;
}

export interface Settlement {
  /** In order; each is committed before the next one begins. */
  readonly transactions: readonly Settled[];
  /** Where the partition stops, is paused and read again, because this record is undecided. */
  readonly retry?: { readonly at: bigint; readonly fault: FaultCode };
  /** The fault of every dead letter. */
  readonly dead: readonly FaultCode[];
}

/** One outcomes record holds at most this much, so that it never nears what a topic accepts. */
const OUTCOMES_BYTES = 256 * 1024;
const OUTCOMES_OVERHEAD = 200;

/**
 * The only place that turns verdicts into Kafka writes. Everything before the first `retry` commits, in transactions that stay
 * within the budget; nothing at or after it does. Pure but for encryption. There must be one verdict for each record.
 */
export function settle(run: FetchedRun, verdicts: readonly Verdict[], options: SettleOptions): Settlement {
  if (verdicts.length !== run.records.length) throw new RangeError('there must be one verdict for each record');
  const undecided = verdicts.findIndex((verdict) => verdict.kind === 'retry');
  const count = undecided < 0 ? verdicts.length : undecided;
  const dead: FaultCode[] = [];
  const transactions: Settled[] = [];
  let open = new OpenTransaction();

  const close = (index: number): void => {
    if (open.count > 0) transactions.push(open.settled(offsetAt(run, index)));
    open = new OpenTransaction();
  };
  for (let i = 0; i < count; i += 1) {
    const writes = writesOf(run.records[i] as ReceivedRecord, verdicts[i] as Verdict, options);
    if (writes.dead !== undefined) dead.push(writes.dead);
    if (open.count > 0 && open.bytes + writes.bytes > options.budgetBytes) close(i);
    open.add(writes);
  }
  close(count);
  const stop = verdicts[undecided];
  return {
    transactions,
    dead,
    ...(stop?.kind === 'retry' ? { retry: { at: offsetAt(run, undecided), fault: stop.fault } } : {}),
  };
}

/** The offset to go on from after `index` records: after the last one this also passes the control records that follow it. */
function offsetAt(run: FetchedRun, index: number): bigint {
  const following = run.records[index];
  return following === undefined ? run.next : BigInt(following.offset);
}

interface Writes {
  readonly outputs: readonly WireRecord[];
  readonly told?: Told | undefined;
  readonly dead?: FaultCode;
  readonly bytes: number;
}

/** An outcome as the JSON text that is written: made once, since its size decides where it goes. */
interface Told {
  readonly member: MemberId;
  readonly text: string;
  readonly bytes: number;
}

function toldOf(told: MemberOutcome | undefined): Told | undefined {
  if (told === undefined) return undefined;
  const text = JSON.stringify(told.outcome);
  return { member: told.member, text, bytes: Buffer.byteLength(text) + 1 };
}

function writesOfOutcome(outcome: MemberOutcome): Writes {
  const told = toldOf(outcome);
  return { outputs: [], told, bytes: told?.bytes ?? 0 };
}

function writesOf(record: ReceivedRecord, verdict: Verdict, options: SettleOptions): Writes {
  switch (verdict.kind) {
    case 'accepted': {
      const bytes = verdict.outputs.reduce((sum, output) => sum + wireSize(output), 0);
      const told = toldOf(verdict.outcome);
      return { outputs: verdict.outputs, told, bytes: bytes + (told?.bytes ?? 0) };
    }
    case 'rejected':
    case 'duplicate':
    case 'conflict':
      return writesOfOutcome(verdict.outcome);
    case 'dead':
      return deadWrites(record, verdict.fault, verdict.outcome, options);
    case 'retry':
      throw new RangeError('an undecided record is never settled');
  }
}

function deadWrites(
  record: ReceivedRecord,
  fault: FaultCode,
  outcome: MemberOutcome | undefined,
  { service, seal }: SettleOptions,
): Writes {
  const letter = deadLetter(service, record, fault, seal);
  const told = toldOf(outcome);
  return { outputs: [letter], told, dead: fault, bytes: wireSize(letter) + (told?.bytes ?? 0) };
}

/** Gathers the writes of one transaction; outcomes are grouped by member as they come. */
class OpenTransaction {
  count = 0;
  bytes = 0;
  private readonly outputs: WireRecord[] = [];
  private readonly told = new Map<MemberId, { texts: string[]; bytes: number }[]>();

  add(writes: Writes): void {
    this.count += 1;
    this.bytes += writes.bytes;
    this.outputs.push(...writes.outputs);
    if (writes.told !== undefined) this.tell(writes.told);
  }

  settled(next: bigint): Settled {
    const outcomes = [...this.told].flatMap(([member, groups]) => groups.map((group) => outcomesRecord(member, group.texts)));
    return { records: [...this.outputs, ...outcomes], next, count: this.count };
  }

  private tell({ member, text, bytes }: Told): void {
    const groups = this.told.get(member) ?? [];
    this.told.set(member, groups);
    const last = groups.at(-1);
    if (last !== undefined && last.bytes + bytes <= OUTCOMES_BYTES) {
      last.texts.push(text);
      last.bytes += bytes;
      return;
    }
    groups.push({ texts: [text], bytes });
    this.bytes += OUTCOMES_OVERHEAD;
  }
}

function outcomesRecord(member: MemberId, texts: readonly string[]): WireRecord {
  return {
    topic: outcomesTopic(member),
    key: member,
    value: joinOutcomes(texts),
    headers: { [HEADER.contentType]: CONTENT_TYPE.json },
  };
}
