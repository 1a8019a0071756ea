import { type DeliveryReceipt, type KeySet, openDeliveryReceipt } from '#envelope';
import { type FaultCode, FaultError, type FaultReport } from '#faults';
import {
  decodeHandover,
  HANDOVER_TOPIC,
  HEADER,
  type MemberId,
  memberOf,
  RECEIPT_TOPIC,
  type RecordType,
  type SubsystemId,
} from '#record';
import type { StreamClient, Tail, WireRecord } from '#stream';
import { describeError, type Logger } from '#telemetry';
import type { PolicySource } from '../policy-source.js';
import type { Decisions } from '../state/decisions.js';
import type { LaneName } from '../steps/rule.js';
import { type Awaited, AwaitedReceipts, encodeRanges, type LaneReceipts, missingIn, receiptsKey } from './awaited-receipts.js';
import { NumberRanges } from './number-ranges.js';

/** What taking receipts takes. */
export interface ReceiptParts {
  readonly client: Pick<StreamClient, 'tail'>;
  readonly decisions: Decisions;
  readonly policy: PolicySource;
  readonly observe: ReceiptObserver;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Counts receipts. */
export interface ReceiptObserver {
  received(consumer: SubsystemId, result: 'taken' | 'repeated' | FaultCode): void;
  missing(lane: LaneName, count: number): void;
}

/** What became of one receipt; one that is there already is as good as taken. */
export type ReceiptResult = { readonly ok: true } | ({ readonly ok: false } & FaultReport);

/** The receipts of one lane in numbers. */
export interface ReceiptCount extends LaneName {
  readonly received: number;
  readonly awaited: number;
  readonly missing: number;
}
/** A delivery whose receipt is overdue. */
export type MissingReceipt = LaneName & Awaited;

const LOOK_MS = 10_000;
/** Once a minute. */
const REMEMBER_EVERY = 6;
/** Of the state of delivery: the offset of `handovers` before which nothing is awaited. */
const FROM_KEY = 'receipts-from';
/** What one answer lists at most. */
const MOST_LISTED = 1000;

/** Where consumers bring their receipts, and both sides see which ones are missing. One act at a time. */
export class ReceiptDesk {
  private readonly awaited: AwaitedReceipts;
  private last: Promise<unknown> = Promise.resolve();
  private tail: Tail | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Everything before it was read. */
  private read = 0n;
  private looks = 0;

  constructor(private readonly parts: ReceiptParts) {
    this.awaited = new AwaitedReceipts(parts.decisions);
  }

  /** Begins to read what was delivered. `onCrash` is told when that cannot go on. Throws STREAM_TOPIC_MISSING. */
  async start(onCrash: (error: unknown) => void): Promise<void> {
    const from = readFrom(this.parts.decisions.get(FROM_KEY));
    this.read = from ?? 0n;
    this.tail = await this.parts.client.tail(
      HANDOVER_TOPIC,
      { fromOffset: from === undefined ? 'earliest' : String(from) },
      (records) => {
        for (const { value, offset } of records) {
          // Most lines tell of deliveries without receipts: they need not be taken apart.
          const handover = value?.includes('"receipt":{') === true ? decodeHandover(value) : undefined;
          if (handover !== undefined) this.awaited.note(handover, BigInt(offset));
          this.read = BigInt(offset) + 1n;
        }
      },
    );
    this.tail.done.catch(onCrash);
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.tail?.stop();
    await this.last;
    await this.remember();
  }

  /**
   * Takes receipts of one consumer and keeps them in the topic `receipts`, each once however often it is sent. Gives for each what became of
   * it: RECEIPT_SIGNATURE, RECEIPT_CLAIMS, RECEIPT_FOREIGN, RECEIPT_UNKNOWN (worth another try, it may be early), RECEIPT_CONTRADICTS. Rejects
   * with what keeps anything from being kept.
   */
  take(consumer: SubsystemId, receipts: readonly string[]): Promise<readonly ReceiptResult[]> {
    const taken = this.last.then(() => this.takeAll(consumer, receipts));
    this.last = taken.catch(() => undefined); // whoever asked hears of it
    return taken;
  }

  /** The lanes that a caller may see: its own, those of its records, or with `everything` all of them; of those the asked ones. */
  counts(sees: Sight, asked: Asked = {}): readonly ReceiptCount[] {
    const now = this.parts.now().toISOString();
    return this.lanesOf(asked)
      .filter((lane) => this.mayTellOf(lane, sees))
      .map((lane) => {
        const { name, awaited, received, forgotten } = lane;
        const missing = missingIn(lane, now);
        return { ...name, received: received.size, awaited: awaited.size + forgotten, missing };
      });
  }

  /** The deliveries of these lanes whose receipts are overdue, as far as a caller may see them, the longest overdue first; at most 1,000. */
  missing(sees: Sight, asked: Asked = {}): readonly MissingReceipt[] {
    const now = this.parts.now().toISOString();
    return this.lanesOf(asked)
      .flatMap(({ name, awaited }) =>
        [...awaited.values()]
          .filter((one) => one.due <= now && this.isSeen(name, one, sees))
          .map(({ offset: _, ...one }) => ({ ...name, ...one })),
      )
      .sort((a, b) => a.due.localeCompare(b.due))
      .slice(0, MOST_LISTED);
  }

  private lanesOf({ consumer, type }: Asked): readonly LaneReceipts[] {
    const isAsked = ({ name }: LaneReceipts): boolean =>
      (consumer === undefined || name.consumer === consumer) && (type === undefined || name.type === type);
    return this.awaited.all().filter(isAsked);
  }

  private async takeAll(consumer: SubsystemId, receipts: readonly string[]): Promise<readonly ReceiptResult[]> {
    const keys = this.keysOf(consumer);
    const fresh = new Map<RecordType, { readonly jws: string; readonly number: number }[]>();
    const results = receipts.map((jws): ReceiptResult => {
      const judged = this.judge(consumer, jws, keys);
      if (typeof judged === 'string' || 'code' in judged) {
        const result = typeof judged === 'string' ? judged : judged.code;
        this.parts.observe.received(consumer, result);
        return typeof judged === 'string' ? { ok: true } : { ok: false, ...judged };
      }
      const { type, number } = judged;
      fresh.set(type, [...(fresh.get(type) ?? []), { jws, number }]);
      return { ok: true };
    });
    for (const [type, list] of fresh) await this.keep({ consumer, type }, list);
    return results;
  }

  private judge(consumer: SubsystemId, jws: string, keys: KeySet): DeliveryReceipt | FaultReport | 'repeated' {
    const opened = openDeliveryReceipt(jws, keys, this.parts.now());
    if (!opened.ok) return { code: opened.code, ...(opened.pointer === undefined ? {} : { pointer: opened.pointer }) };
    const { receipt } = opened;
    if (receipt.consumer !== consumer) return { code: 'RECEIPT_FOREIGN', pointer: '/consumer' };
    const { awaited, received } = this.awaited.of({ consumer, type: receipt.type });
    if (received.has(receipt.number)) return 'repeated';
    const delivery = awaited.get(receipt.number);
    if (delivery === undefined) return { code: 'RECEIPT_UNKNOWN', pointer: '/number' };
    if (delivery.jti !== receipt.envelope.jti) return { code: 'RECEIPT_CONTRADICTS', pointer: '/envelope/jti' };
    if (delivery.digest !== receipt.envelope.digest) return { code: 'RECEIPT_CONTRADICTS', pointer: '/envelope/digest' };
    return delivery.agreement === receipt.agreement ? receipt : { code: 'RECEIPT_CONTRADICTS', pointer: '/agreement' };
  }

  private async keep(name: LaneName, list: readonly { readonly jws: string; readonly number: number }[]): Promise<void> {
    const once = [...new Map(list.map((one) => [one.number, one])).values()];
    const ranges = NumberRanges.of(this.awaited.of(name).received.toJSON());
    for (const { number } of once) ranges.add(number);
    const records = once.map(
      ({ jws, number }): WireRecord => ({
        topic: RECEIPT_TOPIC,
        partition: 0,
        key: `${name.consumer}|${name.type}`,
        value: Buffer.from(jws),
        headers: { [HEADER.contentType]: 'application/jose', [HEADER.number]: String(number) },
      }),
    );
    await this.parts.decisions.commit({ key: receiptsKey(name), value: encodeRanges(ranges), records });
    this.awaited.settle(
      name,
      once.map(({ number }) => number),
    );
    for (const _ of once) this.parts.observe.received(name.consumer, 'taken');
  }

  private keysOf(consumer: SubsystemId): KeySet {
    const source = this.parts.policy.current();
    return 'fault' in source ? new Map() : source.signingKeys(consumer);
  }

  private look(): void {
    const now = this.parts.now().toISOString();
    for (const lane of this.awaited.all()) this.parts.observe.missing(lane.name, missingIn(lane, now));
    this.looks += 1;
    if (this.looks % REMEMBER_EVERY === 0) void this.remember();
  }

  /** Notes from where the next start has to read: handovers are kept for years, and most have nothing to do with what is awaited. */
  async remember(): Promise<void> {
    const from = Buffer.from(JSON.stringify({ from: String(this.awaited.oldest() ?? this.read) }));
    if (this.parts.decisions.get(FROM_KEY)?.equals(from) === true) return;
    await this.parts.decisions
      .commit({ key: FROM_KEY, value: from, records: [] })
      .catch((error: unknown) => this.parts.log.warn('how far receipts are cannot be kept', describeError(error)));
  }

  private mayTellOf({ name, awaited }: LaneReceipts, sees: Sight): boolean {
    return sees === 'everything' || name.consumer === sees || [...awaited.values()].some((one) => this.isSeen(name, one, sees));
  }

  private isSeen({ consumer, type }: LaneName, { agreement }: Awaited, sees: Sight): boolean {
    if (sees === 'everything' || sees === consumer) return true;
    return this.providerOf({ consumer, type }, agreement) === memberOf(sees);
  }

  private providerOf({ consumer, type }: LaneName, agreement: string): MemberId | undefined {
    const source = this.parts.policy.current();
    if ('fault' in source) return undefined;
    const [id, version] = agreement.split('/');
    const candidates = source.policy.candidates.get(consumer)?.get(type) ?? [];
    return candidates.find((one) => one.id === id)?.ready.get(Number(version))?.terms.provider;
  }
}

function readFrom(value: Buffer | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  const said = /^\{"from":"(\d{1,19})"\}$/.exec(value.toString('utf8'))?.[1];
  if (said === undefined) throw new FaultError('DELIVERY_STATE_UNREADABLE', FROM_KEY);
  return BigInt(said);
}

/** Whose eyes look: those of a consumer or of the provider of its records, or of an operator. */
export type Sight = SubsystemId | 'everything';

/** Which lanes; all of them where neither is named. */
interface Asked {
  readonly consumer?: string;
  readonly type?: string;
}
