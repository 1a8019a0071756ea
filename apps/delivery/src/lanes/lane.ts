import type { SealingKeys } from '#consumer';
import { type FaultCode, FaultError, type FaultReport } from '#faults';
import type { HandedRecord, ReceivedRecord } from '#record';
import type { Quotas } from '#seen';
import { crashPoint, type DeadLetterSeal } from '#stream';
import { describeError, type Logger, type Tracer } from '#telemetry';
import type { Bell } from '../bell.js';
import type { PolicySource } from '../policy-source.js';
import { examine, type SealedItem } from '../sealed/examine.js';
import type { PartitionInput } from '../sealed/partition-input.js';
import type { Decisions } from '../state/decisions.js';
import { type LaneName, rule } from '../steps/rule.js';
import { type Ruled, writeHandover } from '../steps/write-handover.js';
import { LaneSpans } from './lane-spans.js';
import { encodeLaneState, type LaneState, stateAfter } from './lane-state.js';
import { isLoaded, type LoadState, loadAt, loadedAt, loadState } from './loading.js';
import { type GoBack, replayAt } from './replaying.js';
import { type UsedQuota, usedAfter } from './used-quotas.js';
import { withinQuota } from './within-quota.js';

/** What a lane works with. */
export interface LaneDesk {
  readonly service: string;
  readonly seal?: DeadLetterSeal | undefined;
  readonly policy: PolicySource;
  readonly decisions: Decisions;
  readonly keys: SealingKeys;
  /** Rung when there may be something new to read, or another policy. */
  readonly bell: Bell;
  readonly log: Logger;
  readonly observe: LaneObserver;
  readonly tracer: Tracer;
  /** What agreements allow in each window. */
  readonly quotas: Quotas;
  readonly now: () => Date;
  /** How many records are decided on together at most. */
  readonly chunkRecords: number;
}

/** Counts what becomes of records. */
export interface LaneObserver {
  handed(lane: LaneName, handed: readonly HandedRecord[]): void;
  waits(lane: LaneName, waits: boolean): void;
  /** How many records an agreement still allows in this window. */
  quota(agreement: string, remaining: number): void;
}

/** The broker takes one batch of at most 2 MiB; records beside the envelopes need some room. */
const CHUNK_BYTES = 900 * 1024;
/** How long a decision that has not been written yet holds: then the policy is asked again. */
const HOLDS_MS = 3000;
/** How soon a lane that waits for a decision of people asks again; a change of the policy wakes it at once. */
const ASK_AGAIN_MS = 1000;
/** How long a lane whose quota is used up rests at most before it looks at the clock again. */
const LONGEST_REST_MS = 60_000;

/**
 * All records of one type on their way to one consumer, in order, numbered without a gap. Each chunk is decided by the policy that
 * holds at that moment and written in one transaction with the lane's own position.
 */
export class Lane {
  private readonly ending = new AbortController();
  /** Why nothing moves at present. */
  private waitsFor: FaultCode | undefined;
  /** Dead letters that somebody wants decided on again. */
  private readonly replays: { readonly item: SealedItem; readonly answer: (fault: FaultCode | undefined) => void }[] = [];
  /** Ways back that somebody wants. */
  private readonly backs: GoBack[] = [];
  /** Under which policy nothing more may leave, and until when (milliseconds since 1970): the quota is used up. */
  private rest: { readonly policy: string; readonly until: number } | undefined;
  readonly done: Promise<void>;

  constructor(
    readonly name: LaneName,
    private readonly inputs: readonly PartitionInput[],
    private state: LaneState,
    private readonly desk: LaneDesk,
  ) {
    this.done = this.run();
  }

  get waiting(): FaultCode | undefined {
    return this.waitsFor;
  }

  /** How this lane began, and how far its last initial load is. */
  get load(): LoadState {
    return loadState(this.state, this.positions(), this.waitsFor);
  }

  /** How many records before `mark` (by partition) are not decided on yet; offsets without a record of ours count as well. */
  behind(mark: (partition: number) => bigint): number {
    return this.inputs.reduce((sum, { partition, position }) => sum + Math.max(0, Number(mark(partition) - position)), 0);
  }

  /** Decides once more on a record that became a dead letter. Gives the fault where it still cannot be delivered. */
  replay(record: ReceivedRecord): Promise<FaultCode | undefined> {
    const { keys, now, bell } = this.desk;
    const item = examine(record, keys.current(), now());
    if ('fault' in item) return Promise.resolve(item.fault);
    return new Promise((answer) => {
      this.replays.push({ item, answer });
      bell.ring();
    });
  }

  /** Goes back once what is in hand is written; `answer` hears of DELIVERY_REPLAYING, DELIVERY_REPLAY_NOTHING and STREAM_UNAVAILABLE. */
  goBack(back: GoBack): void {
    this.backs.push(back);
    this.desk.bell.ring();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.done;
    for (const { answer } of [...this.replays.splice(0), ...this.backs.splice(0)]) answer('DOOR_UNAVAILABLE');
    await Promise.all(this.inputs.map((input) => input.stop()));
  }

  private async run(): Promise<void> {
    const { bell } = this.desk;
    const { signal } = this.ending;
    while (!signal.aborted) {
      for (const back of this.backs.splice(0)) await this.turnBack(back);
      const found = this.resting() ?? this.decideNext();
      // Deciding may have come past what nobody gets, so that the load may be complete although nothing is handed over.
      if (isLoaded(this.state, this.positions())) await this.tellLoaded();
      else if (found === 'nothing') {
        this.wait(undefined);
        await bell.wait(signal);
      } else if ('fault' in found) {
        this.wait(found.fault);
        await bell.wait(signal, found.ms ?? ASK_AGAIN_MS);
      } else await this.hand(found);
    }
  }

  /** What is to be done with the records that wait, as far as that can be told now. */
  private decideNext(): Chunk | Waiting | 'nothing' {
    const replayed = this.replayNext();
    if (replayed !== undefined) return replayed;
    const waiting = this.inputs.map((input) => ({ input, items: input.waiting() }));
    if (waiting.every(({ items }) => items.length === 0)) return 'nothing';
    const source = this.desk.policy.current();
    if ('fault' in source) return source;
    const now = this.desk.now();
    const ruled: Ruled[] = [];
    const next: [PartitionInput, bigint][] = [];
    let bytes = 0;
    let open: readonly FaultReport[] = [];
    for (const { input, items } of waiting) {
      for (const item of items) {
        bytes += item.record.value?.length ?? 0;
        if (ruled.length >= this.desk.chunkRecords || (ruled.length > 0 && bytes > CHUNK_BYTES)) break;
        const replay = replayAt(this.state.replaying, input.partition, BigInt(item.record.offset));
        const under = replay === undefined ? undefined : this.state.replaying?.agreement;
        const ours = 'content' in item && (item.content.aud ?? this.name.consumer) === this.name.consumer;
        const ruling = 'content' in item && ours ? rule(source, this.name, item.content, now.getTime(), under) : undefined;
        if (ruling?.kind === 'wait') {
          open = ruling.faults;
          break;
        }
        const load = loadAt(this.state.loading, input.partition, BigInt(item.record.offset));
        const part = { ...(replay === undefined ? {} : { replay }), ...(load === undefined ? {} : { load }) };
        ruled.push({ item, ...(ruling === undefined ? {} : { ruling }), ...part });
        next.push([input, BigInt(item.record.offset) + 1n]);
      }
    }
    if (ruled.length === 0) return { fault: open[0]?.code ?? 'POLICY_NO_AGREEMENT' };
    return { ruled, next, policy: source.policy.version, at: now.toISOString() };
  }

  /** A chunk of one record that somebody wants decided on again; it changes no position. */
  private replayNext(): Chunk | undefined {
    const source = this.desk.policy.current();
    for (let one = this.replays.shift(); one !== undefined; one = this.replays.shift()) {
      const { item, answer } = one;
      const now = this.desk.now();
      if ('fault' in source) answer(source.fault);
      else if ('content' in item) {
        const ruling = rule(source, this.name, item.content, now.getTime());
        if (ruling.kind === 'deliver')
          return { ruled: [{ item, ruling }], next: [], policy: source.policy.version, at: now.toISOString(), answer };
        answer(ruling.faults[0]?.code ?? 'POLICY_NO_AGREEMENT');
      }
    }
    return undefined;
  }

  /** Whether the quota of what waits is used up, asked without counting; another policy may allow more. */
  private resting(): Waiting | undefined {
    const { policy, now } = this.desk;
    const source = policy.current();
    const ms = (this.rest?.until ?? 0) - now().getTime();
    if (ms <= 0 || 'fault' in source || source.policy.version !== this.rest?.policy) return undefined;
    for (const { answer } of this.replays.splice(0)) answer('DELIVERY_QUOTA');
    return { fault: 'DELIVERY_QUOTA', ms: Math.min(ms, LONGEST_REST_MS) };
  }

  /** The first part of a chunk that quotas let leave now; undefined where that is nothing. */
  private async allowed(chunk: Chunk): Promise<Allowed | undefined> {
    const { quotas, now, observe } = this.desk;
    const at = now();
    const { count, restMs, remaining } = await withinQuota(chunk.ruled, quotas, at);
    for (const [agreement, left] of remaining) observe.quota(agreement, left);
    this.rest = restMs === 0 ? undefined : { policy: chunk.policy, until: at.getTime() + restMs };
    const ruled = chunk.ruled.slice(0, count);
    if (count > 0) return { ...chunk, ruled, next: chunk.next.slice(0, count), used: usedAfter(this.state.used, ruled, at) };
    chunk.answer?.('DELIVERY_QUOTA');
    return undefined;
  }

  private async hand(chunk: Chunk): Promise<void> {
    const { decisions, observe, log, service, seal, now, tracer } = this.desk;
    crashPoint('after-read');
    const allowed = await this.allowed(chunk);
    if (allowed === undefined) return;
    const { ruled, policy, at, answer, used } = allowed;
    const next = new Map(allowed.next);
    const spans = new LaneSpans(tracer, this.name, ruled, Date.parse(at));
    const written = writeHandover(this.name, ruled, { number: this.state.number, policy, at, service, seal, spans });
    const positions = new Map(this.inputs.map((input) => [input.partition, next.get(input) ?? input.position]));
    const last = isLoaded(this.state, positions) ? loadedAt(this.name, this.state, written.number, now()) : undefined;
    const state = stateAfter({ ...this.state, used }, written.number, positions, last?.state);
    crashPoint('after-decision');
    if (last !== undefined) crashPoint('at-load-end');
    const until = Date.parse(at) + HOLDS_MS;
    try {
      const records = [...written.records, ...(last?.records ?? [])];
      await decisions.commit({ key: keyOf(this.name), value: encodeLaneState(state), records, until });
    } catch (error) {
      answer?.('STREAM_UNAVAILABLE');
      if (this.ending.signal.aborted) return;
      log.error('a consumer gets nothing of a type', { ...this.name, ...describeError(error) });
      this.wait(error instanceof FaultError ? error.code : 'STREAM_UNAVAILABLE');
      await this.desk.bell.wait(this.ending.signal, ASK_AGAIN_MS);
      return;
    }
    crashPoint('after-commit');
    spans.end();
    this.state = state;
    for (const [input, offset] of next) input.advance(offset);
    observe.handed(this.name, written.handed);
    answer?.(undefined);
    this.wait(undefined);
  }

  private positions(): ReadonlyMap<number, bigint> {
    return new Map(this.inputs.map((input) => [input.partition, input.position]));
  }

  /** Says that the load is complete where that is not said with the last of its deliveries. */
  private async tellLoaded(): Promise<void> {
    const { state: loaded, records } = loadedAt(this.name, this.state, this.state.number, this.desk.now());
    const state = stateAfter(this.state, this.state.number, this.positions(), loaded);
    crashPoint('at-load-end');
    try {
      await this.desk.decisions.commit({ key: keyOf(this.name), value: encodeLaneState(state), records });
      this.state = state;
      this.desk.log.info('an initial load is complete', { ...this.name, load: loaded.load, through: loaded.through });
    } catch (error) {
      if (this.ending.signal.aborted) return;
      this.desk.log.error('an initial load could not be told complete', { ...this.name, ...describeError(error) });
      this.wait(error instanceof FaultError ? error.code : 'STREAM_UNAVAILABLE');
      await this.desk.bell.wait(this.ending.signal, ASK_AGAIN_MS);
    }
  }

  /** Goes back to where it was before; everything up to here will be a repeat. A new load takes the place of whatever goes on. */
  private async turnBack({ id, starts, agreement, loading, records, answer }: GoBack): Promise<void> {
    const now = this.positions();
    const back = this.inputs.flatMap((input) => {
      const start = starts.get(input.partition) ?? input.position;
      return start < input.position ? [{ input, start }] : [];
    });
    const { replaying } = this.state;
    if (replaying !== undefined && loading === undefined) return answer('DELIVERY_REPLAYING');
    if (back.length === 0 && loading === undefined) return answer('DELIVERY_REPLAY_NOTHING');
    const next = new Map([...now, ...back.map(({ input, start }) => [input.partition, start] as const)]);
    // What another replay had not come to again is a repeat all the same.
    const repeated = this.inputs.flatMap(({ partition, position }) => {
      const end = later(position, replaying?.until.get(partition));
      return end > (next.get(partition) ?? position) ? [[partition, end] as const] : [];
    });
    const again = { id, until: new Map(repeated), ...(agreement === undefined ? {} : { agreement }) };
    const before = { ...this.state, replaying: again, ...(loading === undefined ? {} : { loading }) };
    const state = stateAfter(before, this.state.number, next, undefined);
    try {
      await this.desk.decisions.commit({ key: keyOf(this.name), value: encodeLaneState(state), records });
    } catch (error) {
      this.desk.log.error('a lane could not go back', { ...this.name, ...describeError(error) });
      return answer('STREAM_UNAVAILABLE');
    }
    this.state = state;
    for (const { input, start } of back) input.rewind(start);
    this.desk.log.info('a lane goes over what it delivered before', { ...this.name, replay: id });
    answer(undefined);
  }

  private wait(fault: FaultCode | undefined): void {
    if (this.waitsFor === fault) return;
    if (fault !== undefined) this.desk.log.warn('a lane waits', { ...this.name, code: fault });
    this.waitsFor = fault;
    this.desk.observe.waits(this.name, fault !== undefined);
  }
}

/** Why nothing can leave now, and how long that may be so. */
interface Waiting {
  readonly fault: FaultCode;
  readonly ms?: number;
}

interface Chunk {
  readonly ruled: readonly Ruled[];
  /** For each record: its input, and the offset after it. Empty for one that is decided on again. */
  readonly next: readonly (readonly [PartitionInput, bigint])[];
  readonly policy: string;
  readonly at: string;
  /** Of a record that is decided on again: told what came of it. */
  readonly answer?: (fault: FaultCode | undefined) => void;
}

/** A chunk that may leave, and what is used of quotas once it has. */
interface Allowed extends Chunk {
  readonly used: readonly UsedQuota[];
}

const later = (a: bigint, b: bigint | undefined): bigint => (b === undefined || a > b ? a : b);

/** The key of a lane in the state of delivery. */
export const keyOf = ({ consumer, type }: LaneName): string => `${consumer}|${type}`;
