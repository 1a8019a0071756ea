import { isDisclosable, payloadDigest } from '#envelope';
import type { FaultReport } from '#faults';
import { periodMs } from '#policy';
import {
  CONTENT_TYPE,
  deliveryTopic,
  encodeHandover,
  HANDOVER_TOPIC,
  type HandedRecord,
  HEADER,
  type OutgoingRecord,
  pseudonymIn,
  type ReceivedRecord,
} from '#record';
import { type DeadLetterSeal, deadLetter, type WireRecord } from '#stream';
import type { SealedContent, SealedItem } from '../sealed/examine.js';
import { addressed } from './addressed.js';
import { bytesUnder } from './bytes-under.js';
import type { LaneName, Ruling } from './rule.js';

/** A record and what is decided on it; without a ruling it can be delivered to nobody. */
export interface Ruled {
  readonly item: SealedItem;
  readonly ruling?: Exclude<Ruling, { kind: 'wait' }>;
  /** The id of the replay, of a record that was decided on before. */
  readonly replay?: string;
  /** The id of the initial load, of a record that is part of one. */
  readonly load?: string;
}

/** What a decision writes: deliveries and dead letters, and one line that says what became of each record. */
export interface Written {
  readonly records: readonly WireRecord[];
  readonly handed: readonly HandedRecord[];
  /** The number of the last delivery. */
  readonly number: number;
}

/** The hints of an envelope that are passed on with it; what else stands beside it stays here. */
const HINTS = [
  HEADER.specversion,
  HEADER.id,
  HEADER.source,
  HEADER.type,
  HEADER.time,
  HEADER.subject,
  HEADER.dataschema,
  HEADER.sequence,
];

type Permit = Extract<Ruling, { kind: 'deliver' }>;

/** Where and when rulings are written down, and by which policy. */
interface Circumstances {
  readonly number: number;
  readonly policy: string;
  readonly at: string;
  readonly service: string;
  readonly seal?: DeadLetterSeal | undefined;
  /** With which `traceparent` each delivery is sent. */
  readonly spans: { sentWith(one: Ruled): string | undefined };
}

/** Writes down rulings in their order, numbering deliveries from `number` + 1 on. */
export function writeHandover(
  lane: LaneName,
  ruled: readonly Ruled[],
  { number: last, policy, at, service, seal, spans }: Circumstances,
): Written {
  let number = last;
  const records: WireRecord[] = [];
  const handed: HandedRecord[] = [];
  for (const one of ruled) {
    const { item, ruling, replay, load } = one;
    // An answer to somebody else is nothing that this consumer hears of.
    if ('content' in item && (item.content.aud ?? lane.consumer) !== lane.consumer) continue;
    // What became of it the first time was told then; a replay only tells of what leaves again.
    if (replay !== undefined && ('fault' in item || ruling?.kind !== 'deliver')) continue;
    const { record } = item;
    const again = replay === undefined ? {} : { replay };
    const sealed = `${record.topic}/${record.partition}/${record.offset}`;
    if ('fault' in item) {
      records.push(addressed(deadLetter(service, record, item.fault, seal), lane));
      handed.push({ fate: 'dead', sealed, faults: [{ code: item.fault }] });
    } else if (ruling?.kind === 'deliver') {
      number += 1;
      const beside = { ...again, ...(load === undefined ? {} : { load }), traceparent: spans.sentWith(one) };
      records.push(delivery(lane, item, { ...ruling, ...beside }, number));
      const more = { ...given(item.content, ruling), ...receiptFor(record, ruling, at), ...again };
      handed.push({ fate: 'delivered', sealed, jti: item.content.jti, number, ...more });
    } else {
      handed.push({ fate: 'refused', sealed, jti: item.content.jti, faults: ruling?.faults.map(bare) ?? [] });
    }
  }
  if (handed.length === 0) return { records, handed, number };
  const { consumer, type } = lane;
  const line: OutgoingRecord = {
    topic: HANDOVER_TOPIC,
    partition: 0,
    key: `${consumer}|${type}`,
    value: encodeHandover({ consumer, type, policy, at, records: handed }),
    headers: { 'content-type': 'application/json' },
  };
  return { records: [...records, line], handed, number };
}

/** Under what a delivery was given, whose record it is, and what of it. */
function given({ subject }: SealedContent, { agreement, purpose, fields, shownFrom }: Permit) {
  return {
    agreement,
    purpose,
    ...(subject === undefined ? {} : { subject }),
    ...(fields === 'record' ? {} : { fields }),
    ...(shownFrom === undefined ? {} : { shownFrom }),
  };
}

function delivery(
  { consumer, type }: LaneName,
  { record, content }: Extract<SealedItem, { content: SealedContent }>,
  ruling: Permit & Pick<Ruled, 'replay' | 'load'> & { readonly traceparent: string | undefined },
  number: number,
): WireRecord {
  const value = bytesUnder(record.value ?? Buffer.alloc(0), ruling);
  const { subject, traceparent } = ruling;
  const hints = HINTS.flatMap((name) => {
    const value = name === HEADER.subject && subject !== undefined ? undefined : record.headers[name];
    return Buffer.isBuffer(value) ? [[name, value] as const] : [];
  });
  return {
    topic: deliveryTopic(consumer, type),
    partition: 0,
    key: subject === undefined ? (record.key ?? Buffer.alloc(0)) : pseudonymIn(subject),
    value,
    headers: {
      ...Object.fromEntries(hints),
      ...(traceparent === undefined ? {} : { [HEADER.traceparent]: traceparent }),
      [HEADER.contentType]: isDisclosable(value) ? CONTENT_TYPE.disclosable : CONTENT_TYPE.envelope,
      [HEADER.number]: String(number),
      [HEADER.agreement]: ruling.agreement,
      [HEADER.purpose]: ruling.purpose,
      ...(ruling.replay === undefined ? {} : { [HEADER.replay]: ruling.replay }),
      ...(ruling.load === undefined ? {} : { [HEADER.load]: ruling.load }),
      ...(subject === undefined ? {} : { [HEADER.ownSubject]: subject }),
      ...(ruling.key === undefined ? {} : readable(content)),
      ...(ruling.receipts === undefined ? {} : { [HEADER.receipt]: ruling.receipts }),
    },
  };
}

/** What a receipt for the delivery will have to say, and until when. */
function receiptFor({ value }: ReceivedRecord, { receipts }: Permit, at: string): Pick<HandedRecord, 'receipt'> {
  const digest = receipts === undefined ? undefined : payloadDigest(value ?? Buffer.alloc(0));
  if (receipts === undefined || digest === undefined) return {};
  return { receipt: { digest, due: new Date(Date.parse(at) + periodMs(receipts)).toISOString() } };
}

/** What delivery has to know of a record whose envelope it can read no more: see `examineDelivery`. */
const readable = ({ agency, id, origin }: SealedContent): Readonly<Record<string, string>> => ({
  [HEADER.source]: `/${agency}`,
  [HEADER.id]: id,
  [HEADER.proved]: origin,
});

const bare = ({ code, pointer }: FaultReport): FaultReport => ({ code, ...(pointer === undefined ? {} : { pointer }) });
