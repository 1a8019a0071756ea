import { FAULTS, type FaultCode } from '#faults';
import type { HeaderBytes, ReceivedRecord } from '#record';
import type { DeadLetterSeal } from './dead-letter-seal.js';
import { deadLetterTopic } from './plan.js';
import type { WireRecord } from './port.js';

/** The headers that a dead letter has besides the original ones. Only codes, names and positions: never anything of the record. */
export const DEAD_LETTER_HEADER = {
  fault: 'khidi_fault',
  step: 'khidi_step',
  topic: 'khidi_topic',
  partition: 'khidi_partition',
  offset: 'khidi_offset',
  /** Where the body is encrypted: the thumbprint of the operators' key. */
  encrypted: 'khidi_encrypted',
} as const;

/**
 * The record kept whole (key, value bytes and headers as they arrived) with the reason beside it: in our headers and in those of
 * Kafka Connect's dead-letter queues, which existing tools read. A header that is there already keeps its values before ours. With `seal` the
 * value can be read by the operators only; everything beside it stays readable.
 */
export function deadLetter(service: string, record: ReceivedRecord, fault: FaultCode, seal?: DeadLetterSeal): WireRecord {
  const sealed = record.value === null ? undefined : seal?.seal(record.value);
  const reasons: Record<string, string> = {
    [DEAD_LETTER_HEADER.fault]: fault,
    [DEAD_LETTER_HEADER.step]: service,
    [DEAD_LETTER_HEADER.topic]: record.topic,
    [DEAD_LETTER_HEADER.partition]: String(record.partition),
    [DEAD_LETTER_HEADER.offset]: record.offset,
    ...(sealed === undefined || seal === undefined ? {} : { [DEAD_LETTER_HEADER.encrypted]: seal.kid }),
    '__connect.errors.topic': record.topic,
    '__connect.errors.partition': String(record.partition),
    '__connect.errors.offset': record.offset,
    '__connect.errors.connector.name': service,
    '__connect.errors.task.id': '0',
    '__connect.errors.stage': 'TRANSFORMATION',
    '__connect.errors.class.name': service,
    '__connect.errors.exception.class.name': fault,
    '__connect.errors.exception.message': FAULTS[fault].title,
  };
  const headers: Record<string, HeaderBytes[string]> = { ...record.headers };
  for (const [name, reason] of Object.entries(reasons)) {
    const before = Object.hasOwn(record.headers, name) ? record.headers[name] : undefined;
    headers[name] = before === undefined ? Buffer.from(reason) : [before, Buffer.from(reason)].flat();
  }
  // One partition is named, since the original key may be missing and must stay so.
  return { topic: deadLetterTopic(service), partition: 0, key: record.key, value: sealed ?? record.value, headers };
}

const CONNECT = '__connect.errors.';
const OFFSET = /^(0|[1-9][0-9]{0,18})$/;

/** A dead letter taken apart: why it is one, and the record as it was. */
export interface ReadDeadLetter {
  readonly fault: FaultCode;
  readonly step: string;
  /** Its value is still encrypted where `encryptedTo` is there: the thumbprint of the key. */
  readonly original: ReceivedRecord;
  readonly encryptedTo?: string;
}

/** Takes apart what {@link deadLetter} wrote; undefined for anything else. */
export function readDeadLetter(record: ReceivedRecord): ReadDeadLetter | undefined {
  const last = (name: string): string => String([record.headers[name]].flat().at(-1) ?? '');
  const fault = last(DEAD_LETTER_HEADER.fault);
  const [topic, partition, offset] = [DEAD_LETTER_HEADER.topic, DEAD_LETTER_HEADER.partition, DEAD_LETTER_HEADER.offset].map(
    last,
  );
  if (!Object.hasOwn(FAULTS, fault) || topic === undefined || topic === '' || offset === undefined || !OFFSET.test(offset))
    return undefined;
  const ours = new Set<string>(Object.values(DEAD_LETTER_HEADER));
  const headers: Record<string, HeaderBytes[string]> = {};
  for (const [name, value] of Object.entries(record.headers)) {
    if (!ours.has(name) && !name.startsWith(CONNECT)) headers[name] = value;
    else if (Array.isArray(value) && value.length > 1) headers[name] = value.length === 2 ? value[0] : value.slice(0, -1);
  }
  const original = { ...record, topic, partition: Number(partition), offset, headers };
  const kid = last(DEAD_LETTER_HEADER.encrypted);
  const encrypted = kid === '' || record.value === null ? {} : { encryptedTo: kid };
  return { fault: fault as FaultCode, step: last(DEAD_LETTER_HEADER.step), original, ...encrypted };
}
