import { HeaderShape } from './header-shape.js';
import type { FetchedHeaders, HeaderValue } from './kafkajs-modules.js';

const shape = new HeaderShape();

/**
 * Reads the fields of records from a buffer without a decoder or a slice per field. Keys, values and most header values are
 * views of the fetched buffer, as in stock: whoever keeps one longer than the batch keeps the whole fetch in memory and
 * should copy it. A header value that is that of the record before is the same object: none may be written to. Lengths that do not fit set `broken`, which the caller asks once per record.
 */
export class RecordReader {
  at = 0;
  broken = false;
  private readonly memory: ArrayBuffer;
  private readonly memoryStart: number;

  constructor(
    private readonly buffer: Buffer,
    private end: number,
  ) {
    this.memory = buffer.buffer as ArrayBuffer;
    this.memoryStart = buffer.byteOffset;
  }

  /** Reads from `start` on; nothing behind `end` belongs to the record. */
  enter(start: number, end: number): void {
    this.at = start;
    this.end = end;
  }

  int8(): number {
    const value = this.buffer[this.at++] as number;
    return value > 0x7f ? value - 0x100 : value;
  }

  varint(): number {
    let byte = this.buffer[this.at++] as number;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let raw = byte & 0x7f;
    let shift = 7;
    do {
      byte = this.buffer[this.at++] as number;
      raw |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 35);
    if (byte >= 0x80) this.broken = true;
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** A varlong as a number where it has at most 28 bits, which every usual timestamp delta has. */
  varlong(): number | bigint {
    const start = this.at;
    for (let i = 0; i < 4; i++) {
      if ((this.buffer[start + i] as number) < 0x80) return this.varint();
    }
    return this.longVarlong();
  }

  private longVarlong(): bigint {
    let raw = 0n;
    let shift = 0n;
    let byte: number;
    do {
      byte = this.buffer[this.at++] as number;
      raw |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
    } while (byte >= 0x80 && shift < 70n);
    if (byte >= 0x80) this.broken = true;
    return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n));
  }

  /** A key or a value: a view, or null where the length says so. */
  bytes(): HeaderValue {
    const start = this.passBytes();
    return start === undefined ? null : this.view(start);
  }

  headers(): FetchedHeaders {
    const headers: FetchedHeaders = {};
    const count = this.varint();
    for (let i = 0; i < count && !this.broken; i++) {
      const length = this.varint();
      const start = this.at;
      if (length < -1 || start + length > this.end) {
        this.broken = true;
        break;
      }
      const name = length === -1 ? shape.missingName(i) : shape.nameAt(i, this.buffer, start, start + length);
      if (length > 0) this.at = start + length;
      const value = this.passBytes();
      shape.add(
        headers,
        i,
        name,
        value === undefined ? null : (shape.valueAt(i, this.buffer, value, this.at) ?? this.view(value)),
      );
    }
    return headers;
  }

  /** Goes behind bytes that bear their length and says where they start; undefined where that says there are none. */
  private passBytes(): number | undefined {
    const length = this.varint();
    if (length === -1) return undefined;
    const start = this.at;
    if (length < 0 || start + length > this.end) {
      this.broken = true;
      return undefined;
    }
    this.at = start + length;
    return start;
  }

  /** What stands from `start` to here. Half the cost of a subarray, which looks up the memory behind the buffer each time. */
  private view(start: number): Buffer {
    return Buffer.from(this.memory, this.memoryStart + start, this.at - start);
  }
}
