import type { DecryptionKeys, DisclosedClaims, EnvelopeClaims, KeySet, RecordObject } from '#envelope';
import { type FaultReport, faultReport } from '#faults';
import {
  decodeLoadMark,
  deliveryTopic,
  HEADER,
  isLoadMark,
  type LoadMark,
  type Position,
  type ReceivedRecord,
  type RecordType,
  type SubsystemId,
} from '#record';
import type { FetchedRun, StreamTransport } from '#stream';
import { type Delivery, readDelivery } from './delivery.js';
import { giveAgain } from './give-again.js';
import type { ReceiptDoor } from './receipts.js';
import type { Applied, Sink, SinkPosition } from './sink.js';

/** The published keys, as the consumer holds them. */
export interface KeySource {
  current(): KeySet;
  /** Fetches them anew: an envelope has a key that is not among them. */
  refresh(): Promise<void>;
}

/** What a consumer is told. */
export interface ConsumerEvents<T> {
  readonly onApplied?: (delivery: Delivery<T>, applied: Applied) => void;
  /** Deliveries `from` to `to` never came: ask the operator. */
  readonly onGap?: (from: number, to: number) => void;
  /**
   * An initial load is complete: what it holds has taken effect before (`Delivery.load` says which), and what came up to the number `through` and
   * did not was reported. Told at least once: whoever is killed in it is told again with the same id. What it throws ends consuming.
   */
  readonly onInitialLoad?: (loaded: LoadMark) => void | Promise<void>;
  /** A message that is no delivery, or whose envelope does not hold. It takes no effect and reading goes on. */
  readonly onRefused?: (at: Position, fault: FaultReport) => void;
}

export interface ConsumeOptions<T> extends ConsumerEvents<T> {
  readonly transport: Pick<StreamTransport, 'read'>;
  readonly consumer: SubsystemId;
  readonly type: RecordType;
  readonly keys: KeySource;
  readonly sink: Sink<T>;
  /** Makes the consumer's own type of a record; it may throw, which ends consuming. */
  readonly decode: (record: RecordObject, claims: EnvelopeClaims | DisclosedClaims) => T;
  readonly now: () => Date;
  /** The consumer's private keys, where its agreement asks for encryption. */
  readonly decryption?: DecryptionKeys;
  /** Where receipts go, where an agreement asks for them. */
  readonly receipts?: ReceiptDoor;
}

/** A consumer at work. */
export interface Consuming {
  /** Resolves after `stop`; rejects with what the sink or `decode` threw, or where reading failed for good. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Takes the deliveries of one record type: verifies each, reports what is missing, and lets each take effect once, however often it comes
 * and whenever this process is killed. The sink remembers how far it is; nothing is committed to Kafka. A receipt is given for what the sink
 * has taken, whether it took effect now or before; the operator's door being away does not stop consuming.
 */
export async function consume<T>(options: ConsumeOptions<T>): Promise<Consuming> {
  const { transport, consumer, type, sink } = options;
  const topic = deliveryTopic(consumer, type);
  let position = await sink.position(topic);
  const take = async (records: readonly ReceivedRecord[], next: bigint): Promise<void> => {
    const read = await readAll(records, options, position?.number ?? 0);
    const to: SinkPosition = { offset: next, number: read.last };
    const applied = await sink.apply(topic, read.deliveries, position, to);
    position = to;
    for (const [i, delivery] of read.deliveries.entries()) options.onApplied?.(delivery, applied[i] ?? 'repeated');
    await options.receipts?.give(read.deliveries);
  };
  const onRun = async ({ records, next }: FetchedRun): Promise<void> => {
    let rest = records;
    for (let at = rest.findIndex(isLoadMark); at >= 0; at = rest.findIndex(isLoadMark)) {
      const mark = rest[at];
      if (mark === undefined) break;
      // What is before the mark has taken effect before it is told; only then the position moves past it.
      if (at > 0) await take(rest.slice(0, at), BigInt(mark.offset));
      await tell(mark, position?.number ?? 0, options);
      rest = rest.slice(at + 1);
      if (rest.length === 0) return take([], next);
    }
    if (rest.length > 0) await take(rest, next);
  };
  const reader = transport.read({ topic, partition: 0, from: position?.offset ?? 'earliest' }, onRun);
  reader.done.catch(() => undefined); // whoever looks at `done` hears of it
  const again = options.receipts === undefined || position === undefined ? undefined : giveAgain(options, position.offset);
  return {
    done: reader.done,
    async stop() {
      await again?.stop();
      await reader.stop();
    },
  };
}

async function tell<T>(
  record: ReceivedRecord,
  last: number,
  { onInitialLoad, onGap, onRefused }: ConsumeOptions<T>,
): Promise<void> {
  const loaded = decodeLoadMark(record.value);
  const { topic, partition, offset } = record;
  if (loaded === undefined)
    return onRefused?.({ topic, partition, offset }, faultReport('DELIVERY_MESSAGE', undefined, HEADER.loaded));
  if (loaded.through > last) onGap?.(last + 1, loaded.through);
  await onInitialLoad?.(loaded);
}

async function readAll<T>(
  records: readonly ReceivedRecord[],
  { keys, now, decode, decryption, onGap, onRefused }: ConsumeOptions<T>,
  before: number,
): Promise<{ readonly deliveries: readonly Delivery<T>[]; readonly last: number }> {
  const deliveries: Delivery<T>[] = [];
  let last = before;
  const opening = decryption === undefined ? {} : { decryption };
  for (const record of records) {
    let read = readDelivery(record, { keys: keys.current(), now: now(), decode, ...opening });
    if (!read.ok && read.fault.code === 'ENVELOPE_KEY_UNKNOWN') {
      await keys.refresh();
      read = readDelivery(record, { keys: keys.current(), now: now(), decode, ...opening });
    }
    const number = read.ok ? read.delivery.number : (read.number ?? last);
    if (number > last + 1) onGap?.(last + 1, number - 1);
    last = Math.max(last, number);
    if (read.ok) deliveries.push(read.delivery);
    else onRefused?.({ topic: record.topic, partition: record.partition, offset: record.offset }, read.fault);
  }
  return { deliveries, last };
}
