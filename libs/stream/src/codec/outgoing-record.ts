import { type ByteSource, lengthOfBytes, writeBytes } from './byte-source.js';
import { nameOnTheWire } from './header-names.js';
import type { LengthTape } from './length-tape.js';
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from './varint.js';

type HeaderSource = ByteSource | null;

/** A message as kafkajs's producer takes it. Unlike in stock, a header may be null, which Kafka allows. */
export interface OutgoingMessage {
  readonly key?: ByteSource | null;
  readonly value?: ByteSource | null;
  readonly headers?: Readonly<Record<string, HeaderSource | readonly HeaderSource[]>>;
  readonly timestamp?: string | number | null;
  readonly partition?: number | null;
}

const NO_HEADERS: NonNullable<OutgoingMessage['headers']> = {};

/** Bytes of a whole record, its own length included. The lengths that `writeRecord` needs go onto the tape. */
export const measureRecord = (message: OutgoingMessage, index: number, timestampDelta: number, tape: LengthTape): number => {
  const place = tape.hold();
  const body =
    1 + // attributes, unused
    sizeOfVarlong(timestampDelta) +
    sizeOfVarint(index) +
    measure(message.key, tape) +
    measure(message.value, tape) +
    measureHeaders(message.headers ?? NO_HEADERS, tape);
  tape.fill(place, body);
  return sizeOfVarint(body) + body;
};

/** Writes a record that `measureRecord` has measured and returns the offset behind it. */
export const writeRecord = (
  target: Buffer,
  offset: number,
  message: OutgoingMessage,
  index: number,
  timestampDelta: number,
  tape: LengthTape,
): number => {
  let at = writeVarint(target, offset, tape.take());
  target[at++] = 0;
  at = writeVarlong(target, at, timestampDelta);
  at = writeVarint(target, at, index);
  at = writeMeasured(target, at, message.key, tape.take());
  at = writeMeasured(target, at, message.value, tape.take());
  return writeHeaders(target, at, message.headers ?? NO_HEADERS, tape);
};

const measure = (source: ByteSource | null | undefined, tape: LengthTape): number => {
  const length = tape.put(lengthOfBytes(source));
  return length < 0 ? 1 : sizeOfVarint(length) + length;
};

const measureHeaders = (headers: NonNullable<OutgoingMessage['headers']>, tape: LengthTape): number => {
  const place = tape.hold();
  let count = 0;
  let size = 0;
  for (const name in headers) {
    const held = headers[name];
    const nameSize = nameOnTheWire(name).length;
    if (Array.isArray(held)) {
      for (const each of held) size += nameSize + measureHeader(each, tape);
      count += held.length;
    } else {
      size += nameSize + measureHeader(held as HeaderSource, tape);
      count += 1;
    }
  }
  return sizeOfVarint(tape.fill(place, count)) + size;
};

const measureHeader = (value: HeaderSource, tape: LengthTape): number => {
  // A forgotten value must not travel as null: stock refuses it too.
  if (value === undefined) throw new TypeError('a header of a Kafka record must be text, bytes or null');
  return measure(value, tape);
};

const writeHeaders = (
  target: Buffer,
  offset: number,
  headers: NonNullable<OutgoingMessage['headers']>,
  tape: LengthTape,
): number => {
  let at = writeVarint(target, offset, tape.take());
  for (const name in headers) {
    const held = headers[name];
    const wireName = nameOnTheWire(name);
    if (Array.isArray(held)) {
      for (const each of held) at = writeHeader(target, at, wireName, each, tape);
    } else {
      at = writeHeader(target, at, wireName, held as HeaderSource, tape);
    }
  }
  return at;
};

const writeHeader = (target: Buffer, offset: number, wireName: Uint8Array, value: HeaderSource, tape: LengthTape): number => {
  let at = offset;
  for (let i = 0; i < wireName.length; i++) target[at++] = wireName[i] as number;
  return writeMeasured(target, at, value, tape.take());
};

const writeMeasured = (target: Buffer, offset: number, source: ByteSource | null | undefined, length: number): number => {
  const at = writeVarint(target, offset, length);
  return source === null || source === undefined ? at : writeBytes(target, at, source, length);
};
