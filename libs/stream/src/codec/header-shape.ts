import type { FetchedHeaders, HeaderValue } from './kafkajs-modules.js';

const PLACES = 64;
const LONGEST = 128;
const LONGEST_VALUE = 512;
/** So many other values in a row, and no more are remembered at a place. */
const ENOUGH_OTHERS = 16;
/** Up to here a loop is quicker than a call into native code. */
const SHORT = 48;

interface KnownName {
  readonly name: string;
  readonly bytes: Uint8Array;
  value: Buffer | undefined;
  /** How many other values have come since the remembered one was met. */
  others: number;
}

/**
 * The header names of the record before, by place, and its values. Records of a topic bear the same headers in the same order, so that a
 * name is mostly recognised by its bytes, not decoded, and known to be new to its record without looking; and half of their values
 * are those of the record before, which are given again.
 */
export class HeaderShape {
  private readonly places: (KnownName | undefined)[] = [];
  /** So many places at the start hold names that differ from each other and from what objects inherit. */
  private plain = 0;

  /** The text of the name at `start … end`, the record's header number `place`. */
  nameAt(place: number, buffer: Buffer, start: number, end: number): string {
    const before = this.places[place];
    if (before !== undefined && sameBytes(buffer, start, end, before.bytes)) return before.name;
    const name = buffer.toString('utf8', start, end);
    this.keep(place, name, end - start <= LONGEST ? new Uint8Array(buffer.subarray(start, end)) : undefined);
    return name;
  }

  /** The value at `start … end` where it is that of the record before; a copy, which keeps no fetched memory. */
  valueAt(place: number, buffer: Buffer, start: number, end: number): Buffer | undefined {
    const known = this.places[place];
    if (known === undefined || known.others > ENOUGH_OTHERS) return undefined;
    const { value } = known;
    if (value !== undefined && sameValue(buffer, start, end, value)) {
      known.others = 0;
      return value;
    }
    known.others += 1;
    known.value = end - start <= LONGEST_VALUE ? Buffer.from(buffer.subarray(start, end)) : undefined;
    return undefined;
  }

  /** A name that is not on the wire at all, which stock reads as null and uses as the name of a member. */
  missingName(place: number): string {
    this.keep(place, 'null', undefined);
    return 'null';
  }

  /** Adds header number `place`: a repeated name becomes a list, a name that objects inherit a member like any other. */
  add(headers: FetchedHeaders, place: number, name: string, value: HeaderValue): void {
    if (place < this.plain) {
      headers[name] = value;
    } else if (headers[name] === undefined) {
      headers[name] = value;
      if (place === this.plain && this.places[place]?.name === name) this.plain += 1;
    } else {
      addAgain(headers, name, value);
    }
  }

  private keep(place: number, name: string, bytes: Uint8Array | undefined): void {
    if (place < this.plain) this.plain = place;
    if (place < PLACES) this.places[place] = bytes && { name, bytes, value: undefined, others: 0 };
  }
}

const sameBytes = (buffer: Buffer, start: number, end: number, bytes: Uint8Array): boolean => {
  if (bytes.length !== end - start) return false;
  for (let i = 0; i < bytes.length; i++) {
    if (buffer[start + i] !== bytes[i]) return false;
  }
  return true;
};

const sameValue = (buffer: Buffer, start: number, end: number, value: Buffer): boolean =>
  end - start <= SHORT ? sameBytes(buffer, start, end, value) : value.compare(buffer, start, end) === 0;

const addAgain = (headers: FetchedHeaders, name: string, value: HeaderValue): void => {
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const held = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  Object.defineProperty(headers, name, { value: held, enumerable: true, configurable: true, writable: true });
};
