import { setMaxListeners } from 'node:events';
import type { SealingKeys } from '#consumer';
import { type FaultCode, FaultError } from '#faults';
import {
  decodeLoadMark,
  deliveryTopic,
  HEADER,
  type HeaderBytes,
  isLoadMark,
  pseudonymIn,
  type ReceivedRecord,
  type SubjectUrn,
} from '#record';
import { crashPoint, type DeadLetterSeal, deadLetter, type Reader, type StreamClient, sentWith, type WireRecord } from '#stream';
import { describeError, type Logger, type Tracer } from '#telemetry';
import { Bell } from '../bell.js';
import type { PolicySource, WebhookEndpoint } from '../policy-source.js';
import { examineDelivery } from '../sealed/examine-delivery.js';
import type { Decisions } from '../state/decisions.js';
import { addressed } from '../steps/addressed.js';
import { bytesUnder } from '../steps/bytes-under.js';
import { type LaneName, type Ruling, rule } from '../steps/rule.js';
import { Breaker } from './breaker.js';
import type { Posted, Poster } from './post.js';
import { encodePushState, type PushState } from './push-state.js';
import { signWebhook } from './sign-webhook.js';

/** What a pusher works with. */
export interface PushDesk {
  readonly service: string;
  readonly seal?: DeadLetterSeal | undefined;
  readonly client: Pick<StreamClient, 'transport'>;
  readonly policy: PolicySource;
  readonly decisions: Decisions;
  readonly keys: SealingKeys;
  readonly poster: Poster;
  readonly log: Logger;
  readonly observe: PushObserver;
  readonly tracer: Tracer;
  readonly now: () => Date;
  /** Between 0 and 1, for jitter. */
  readonly random: () => number;
  readonly pace: PushPace;
}

/** How often a record is tried, and how long is waited in between, in milliseconds. */
export interface PushPace {
  readonly attempts: number;
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Counts what becomes of requests. */
export interface PushObserver {
  posted(lane: LaneName, posted: Posted): void;
  circuit(lane: LaneName, open: boolean): void;
  dead(fault: FaultCode): void;
}

/** How many deliveries of one endpoint are in hand at most; one is at most 900 KiB. */
const WINDOW = 32;
const ASK_AGAIN_MS = 1000;

type Fate = 'delivered' | FaultCode;
type Permit = Extract<Ruling, { kind: 'deliver' }>;

/**
 * Brings what stands on one consumer's topic of one type to its webhook. Subjects go side by side, the records of one subject one after
 * another. Whether a record may leave is asked again before every request. It has a window of its own, so that whatever its endpoint
 * does is felt by nobody else.
 */
export class Pusher {
  private readonly ending = new AbortController();
  private readonly bell = new Bell();
  private readonly breaker: Breaker;
  private readonly inHand = new Set<bigint>();
  /** By subject: the end of what is under way. */
  private readonly chains = new Map<string, Promise<void>>();
  private readonly settled: Set<bigint>;
  private next: bigint;
  /** Everything before it was taken in hand at some time. */
  private taken: bigint;
  private dead: WireRecord[] = [];
  private saving: Promise<void> | undefined;
  private unsaved = false;
  private readonly reader: Reader;

  constructor(
    readonly name: LaneName,
    private readonly endpoint: WebhookEndpoint,
    private readonly key: Buffer,
    state: PushState,
    private readonly desk: PushDesk,
    onCrash: (error: unknown) => void,
  ) {
    // Each delivery in hand waits on it by itself, and so do taking and saving; Node takes more than ten for a leak.
    setMaxListeners(WINDOW + 2, this.ending.signal);
    this.breaker = new Breaker(desk.pace.firstMs, desk.pace.longestMs);
    this.next = state.next;
    this.taken = state.next;
    this.settled = new Set(state.settled);
    const topic = deliveryTopic(name.consumer, name.type);
    this.reader = desk.client.transport.read({ topic, partition: 0, from: state.next }, ({ records }) => this.take(records));
    this.reader.done.catch((error: unknown) => {
      if (!this.ending.signal.aborted) onCrash(error);
    });
  }

  /** Whether the endpoint is given a rest. */
  get resting(): boolean {
    return this.breaker.open;
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.reader.stop();
    await Promise.all(this.chains.values());
    await this.saving;
  }

  /** Tries once more what became a dead letter. Gives the fault where that did not help. */
  async replay(record: ReceivedRecord): Promise<FaultCode | undefined> {
    const ruled = this.rule(record);
    if ('fault' in ruled) return ruled.fault;
    const posted = await this.post(record, ruled);
    return posted.ok ? undefined : 'DELIVERY_PUSH_FAILED';
  }

  private async take(records: readonly ReceivedRecord[]): Promise<void> {
    for (const record of records) {
      const offset = BigInt(record.offset);
      if (this.settled.has(offset)) {
        this.taken = offset + 1n;
        continue;
      }
      while (this.inHand.size >= WINDOW && !this.ending.signal.aborted) await this.bell.wait(this.ending.signal);
      if (this.ending.signal.aborted) return;
      this.inHand.add(offset);
      this.taken = offset + 1n;
      const subject = { subject: String(record.key), none: record.offset, all: '' }[this.endpoint.order];
      // That a load is complete is told once all before it are settled.
      const before = isLoadMark(record) ? Promise.all(this.chains.values()) : (this.chains.get(subject) ?? Promise.resolve());
      const own = before
        .then(() => this.bring(record))
        .finally(() => {
          if (this.chains.get(subject) === own) this.chains.delete(subject);
        });
      this.chains.set(subject, own);
    }
  }

  /** Sees one record to its end. Never rejects: what nobody foresaw makes a dead letter as well. */
  private async bring(record: ReceivedRecord): Promise<void> {
    const fate = await this.fateOf(record).catch((error: unknown): Fate => {
      this.desk.log.error('a delivery failed by a defect', { ...this.name, offset: record.offset, ...describeError(error) });
      return 'STREAM_DEFECT';
    });
    if (fate === undefined) return; // it ends with us and is taken up again at the next start
    if (fate !== 'delivered' && isLoadMark(record)) {
      // It holds nothing of any record, and whoever missed it can ask: nothing for the desk.
      this.desk.log.warn('a webhook did not take that its initial load is complete', { ...this.name, code: fate });
    } else if (fate !== 'delivered') {
      this.dead.push(addressed(deadLetter(this.desk.service, record, fate, this.desk.seal), this.name));
      this.desk.observe.dead(fate);
    }
    this.settle(BigInt(record.offset));
  }

  private async fateOf(record: ReceivedRecord): Promise<Fate | undefined> {
    const { pace, now } = this.desk;
    for (let attempt = 1; ; ) {
      if (this.ending.signal.aborted) return undefined;
      if (now().getTime() - record.timestamp > (this.endpoint.ttl ?? Infinity) * 1000) return 'DELIVERY_OUTLIVED';
      const ruled = isLoadMark(record) ? this.ruleMark() : this.rule(record);
      if (ruled !== 'mark' && 'fault' in ruled && ruled.final) return ruled.fault;
      const isBarred = ruled !== 'mark' && 'fault' in ruled;
      const wait = isBarred ? ASK_AGAIN_MS : this.breaker.enter(now().getTime());
      if (wait > 0 || isBarred) {
        await this.bell.wait(this.ending.signal, wait);
        continue;
      }
      const posted = ruled === 'mark' ? await this.postMark(record) : await this.post(record, ruled);
      if (posted.ok) return 'delivered';
      if (attempt >= pace.attempts) return 'DELIVERY_PUSH_FAILED';
      await this.pause(Math.min(pace.firstMs * 2 ** (attempt - 1), pace.longestMs));
      attempt += 1;
    }
  }

  /** How the record may leave now, or what keeps it from that: for good, or until something changes. */
  private rule(record: ReceivedRecord): Permit | { readonly fault: FaultCode; readonly final: boolean } {
    const { policy, keys, now } = this.desk;
    const source = policy.current();
    if ('fault' in source) return { fault: source.fault, final: false };
    const item = examineDelivery(record, keys.current(), now());
    if ('fault' in item) return { fault: item.fault, final: true };
    const ruling = rule(source, this.name, item.content, now().getTime());
    if (ruling.kind === 'deliver') return ruling;
    return { fault: ruling.faults[0]?.code ?? 'POLICY_NO_AGREEMENT', final: ruling.kind === 'refuse' };
  }

  /** A mark may leave whatever is agreed, since it holds nothing of a record; without a valid configuration nothing leaves. */
  private ruleMark(): 'mark' | { readonly fault: FaultCode; readonly final: boolean } {
    const source = this.desk.policy.current();
    return 'fault' in source ? { fault: source.fault, final: false } : 'mark';
  }

  private postMark({ value }: ReceivedRecord): Promise<Posted> {
    const { consumer, type } = this.name;
    const load = decodeLoadMark(value)?.load ?? '';
    return this.send(`${consumer}/${type}/load/${load}`, value ?? Buffer.alloc(0), {
      'content-type': 'application/json',
      'khidi-loaded': load,
    });
  }

  private async post(record: ReceivedRecord, permit: Permit): Promise<Posted> {
    const { headers, value } = record;
    const before = sentWith(record);
    const span = this.desk.tracer.begin(`webhook ${this.name.type}`, 'client', before);
    const traceparent = span?.traceparent ?? before;
    const body = bytesUnder(value ?? Buffer.alloc(0), permit);
    const number = textOf(headers, HEADER.number);
    const posted = await this.send(webhookId(this.name, number, permit.subject), body, {
      'content-type': textOf(headers, HEADER.contentType),
      'khidi-number': number,
      'khidi-agreement': textOf(headers, HEADER.agreement),
      'khidi-purpose': textOf(headers, HEADER.purpose),
      ...(headers[HEADER.replay] === undefined ? {} : { 'khidi-replay': textOf(headers, HEADER.replay) }),
      ...(headers[HEADER.load] === undefined ? {} : { 'khidi-load': textOf(headers, HEADER.load) }),
      ...(headers[HEADER.receipt] === undefined ? {} : { 'khidi-receipt': textOf(headers, HEADER.receipt) }),
      ...(traceparent === undefined ? {} : { traceparent }),
    });
    const result = posted.ok ? 'accepted' : posted.why;
    span?.end({ 'khidi.consumer': this.name.consumer, 'khidi.result': result }, posted.ok ? undefined : 'DELIVERY_PUSH_FAILED');
    return posted;
  }

  private async send(id: string, body: Buffer, headers: Readonly<Record<string, string>>): Promise<Posted> {
    const { poster, now, observe } = this.desk;
    const signed = signWebhook(id, now().getTime(), body, this.key);
    const all = { 'khidi-record-type': this.name.type, ...headers, ...signed };
    const posted = await poster.post(new URL(this.endpoint.url), all, body);
    if (posted.ok) this.breaker.succeeded();
    else this.breaker.failed(now().getTime());
    observe.posted(this.name, posted);
    observe.circuit(this.name, this.breaker.open);
    crashPoint('after-post');
    return posted;
  }

  /** Between half and the whole of `ms`, so that endpoints that failed together are not asked together again. */
  private pause(ms: number): Promise<void> {
    return new Bell().wait(this.ending.signal, ms * (0.5 + this.desk.random() / 2));
  }

  private settle(offset: bigint): void {
    this.settled.add(offset);
    this.inHand.delete(offset);
    const lowest = [...this.inHand].reduce<bigint | undefined>(
      (low, one) => (low === undefined || one < low ? one : low),
      undefined,
    );
    this.next = lowest ?? this.taken;
    for (const one of this.settled) if (one < this.next) this.settled.delete(one);
    this.unsaved = true;
    this.saving ??= this.save();
    this.bell.ring();
  }

  /** Ends in the same moment in which nothing is left to save, so that whatever is settled later begins it anew. */
  private async save(): Promise<void> {
    try {
      await this.saveAll();
    } finally {
      this.saving = undefined;
    }
  }

  private async saveAll(): Promise<void> {
    while (this.unsaved) {
      this.unsaved = false;
      const records = this.dead.splice(0);
      const value = encodePushState({ next: this.next, settled: this.settled });
      try {
        await this.desk.decisions.commit({ key: pushKey(this.name), value, records });
      } catch (error) {
        this.dead.unshift(...records);
        if (this.ending.signal.aborted || (error instanceof FaultError && error.code === 'STREAM_FENCED')) return;
        this.desk.log.error('how far a webhook is cannot be kept', { ...this.name, ...describeError(error) });
        await this.bell.wait(this.ending.signal, ASK_AGAIN_MS);
        this.unsaved = true;
      }
    }
  }
}

/** Stays the same at every attempt, and is signed: so is the consumer's own pseudonym of the subject, where it has one. */
const webhookId = ({ consumer, type }: LaneName, number: string, subject: SubjectUrn | undefined): string =>
  `${consumer}/${type}/${number}${subject === undefined ? '' : `/${pseudonymIn(subject)}`}`;

/** The key of a webhook in the state of delivery. */
export const pushKey = ({ consumer, type }: LaneName): string => `push|${consumer}|${type}`;

const textOf = (headers: HeaderBytes, name: string): string => {
  const value = headers[name];
  return Buffer.isBuffer(value) ? value.toString('latin1') : '';
};
