import type { FetchedHeaders, HeaderValue } from './kafkajs-modules.js';

const PLACES = 64;
const LONGEST = 128;

interface KnownName {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The header names of the record before, by place. Records of a topic bear the same headers in the same order, so that a
 * name is mostly recognised by its bytes, not decoded, and known to be new to its record without looking.
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
    if (place < PLACES) this.places[place] = bytes && { name, bytes };
  }
}

const sameBytes = (buffer: Buffer, start: number, end: number, bytes: Uint8Array): boolean => {
  if (bytes.length !== end - start) return false;
  for (let i = 0; i < bytes.length; i++) {
    if (buffer[start + i] !== bytes[i]) return false;
  }
  return true;
};

const addAgain = (headers: FetchedHeaders, name: string, value: HeaderValue): void => {
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const held = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  Object.defineProperty(headers, name, { value: held, enumerable: true, configurable: true, writable: true });
};
