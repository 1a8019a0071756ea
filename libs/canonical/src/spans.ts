import { encodeString } from './encode-string.js';
import type { JsonValue } from './json-value.js';
import type { Layout } from './layouts.js';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** A larger text is left to `canonicalize`: most records have a kilobyte or two, and the memory for this is never given back. */
const MAX_TEXT = 32 * 1024;
/** No double is written longer: `-0.0000012345678901234567` has 25 characters. */
const LONGEST_NUMBER = 25;
/** From here on a native call costs less than a loop. */
const LONG_SPAN = 256;

/** The text; behind it what was written anew, each object behind what is inside it. */
const work = Buffer.allocUnsafeSlow(4 * MAX_TEXT);
const words = new DataView(work.buffer);
/** Room for what {@link copy} changes behind a copy. */
const ROOM = work.length - 8;
/** Two integers for each item, which has two bytes of text with its comma, and four for each member, which has at least five. */
const stack = new Int32Array(MAX_TEXT + 8);

/**
 * Makes the canonical form (RFC 8785) of a text while a reader reads it. Most values are canonical as they stand, so it suffices to
 * know where, and to copy them in the order that the layout of their object knows, without making anything that would become garbage.
 *
 * A value is its place in `work` and its size. `stack` has the values of all that is open, in an object with the start and the end of
 * the name before each. What is not known (a layout not met before, an escaped name) or takes too much room makes it give up: there is
 * no form then, never a wrong one. An object is copied once for each level that it stands in, within the room that there is.
 */
export class Spans {
  /** Whether the reader shall say what it reads; no longer after giving up. */
  isOn = false;
  private top = 0;
  private at = 0;
  /** How much larger the numbers written anew may be than in the text. Nothing else becomes larger than it was. */
  private growth = 0;

  begin(text: Uint8Array): void {
    this.isOn = text.length <= MAX_TEXT;
    if (!this.isOn) return;
    work.set(text);
    this.at = text.length;
    this.top = 0;
    this.growth = 0;
  }

  /** The canonical form of a text that was read to its end without a fault; undefined after giving up. The buffer is the caller's. */
  end(): Buffer | undefined {
    if (!this.isOn) return undefined;
    this.isOn = false;
    const place = stack[0] ?? 0;
    const size = stack[1] ?? 0;
    const form = Buffer.allocUnsafe(size);
    work.copy(form, 0, place, place + size);
    return form;
  }

  giveUp(): void {
    this.isOn = false;
  }

  /** To be taken where an array or object opens, and given back where it closes. */
  get mark(): number {
    return this.top;
  }

  /** A name, from quote to quote and written canonically, whose value comes next. */
  name(start: number, end: number): void {
    this.push(start, end);
  }

  /** A value that is canonical as it stands. */
  value(start: number, end: number): void {
    this.push(start, end - start);
  }

  /** A string or number that is to be written anew. A string must have no half of a surrogate pair. */
  rewrite(start: number, end: number, value: JsonValue | undefined): void {
    if (typeof value === 'number') this.growth += LONGEST_NUMBER;
    if (!this.fits(end - start)) return;
    const from = this.at;
    if (typeof value === 'string') this.at = encodeString(value, work, from);
    else this.at += work.write(String(value), from, 'latin1'); // makes -0 the 0 that RFC 8785 section 3.2.2.3 asks for
    this.push(from, this.at - from);
  }

  closeArray(mark: number, start: number, end: number): void {
    if (!this.isOn) return;
    if (this.itemsStand(mark, start, end)) this.replace(mark, start, end);
    else if (this.fits(end - start)) this.replaceByCopy(mark, this.copyItems(mark));
  }

  /** An object whose members have no name twice; undefined where its layout is not known. */
  closeObject(mark: number, start: number, end: number, layout: Layout | undefined): void {
    if (!this.isOn) return;
    if (layout === undefined) this.giveUp();
    else if (layout.isSorted && this.membersStand(mark, start, end)) this.replace(mark, start, end);
    else if (this.fits(end - start)) this.replaceByCopy(mark, this.copyMembers(mark, layout.order));
  }

  private copyItems(mark: number): number {
    let at = this.at;
    work[at++] = OPEN_BRACKET;
    for (let item = mark; item < this.top; item += 2) {
      if (item > mark) work[at++] = COMMA;
      at = copy(stack[item] ?? 0, stack[item + 1] ?? 0, at);
    }
    work[at++] = CLOSE_BRACKET;
    return at;
  }

  private copyMembers(mark: number, order: Uint8Array): number {
    let at = this.at;
    work[at++] = OPEN_BRACE;
    for (let i = 0; i < order.length; i++) {
      const member = mark + 4 * (order[i] ?? 0);
      const name = stack[member] ?? 0;
      const nameEnd = stack[member + 1] ?? 0;
      const place = stack[member + 2] ?? 0;
      const size = stack[member + 3] ?? 0;
      if (i > 0) work[at++] = COMMA;
      if (place === nameEnd + 1) {
        at = copy(name, place + size - name, at); // the byte between can only be the colon
      } else {
        at = copy(name, nameEnd - name, at);
        work[at++] = COLON;
        at = copy(place, size, at);
      }
    }
    work[at++] = CLOSE_BRACE;
    return at;
  }

  /** Whether all items stand in the text, with one byte before and behind each: a bracket or a comma. */
  private itemsStand(mark: number, start: number, end: number): boolean {
    let next = start + 1;
    for (let item = mark; item < this.top; item += 2) {
      if (stack[item] !== next) return false;
      next += (stack[item + 1] ?? 0) + 1;
    }
    return next === end || end - start === 2;
  }

  private membersStand(mark: number, start: number, end: number): boolean {
    let next = start + 1;
    for (let member = mark; member < this.top; member += 4) {
      const place = stack[member + 2] ?? 0;
      if (stack[member] !== next || stack[member + 1] !== place - 1) return false;
      next = place + (stack[member + 3] ?? 0) + 1;
    }
    return next === end || end - start === 2;
  }

  /** Puts a whole array or object in the place of its items or members. */
  private replace(mark: number, start: number, end: number): void {
    this.top = mark;
    this.push(start, end - start);
  }

  private replaceByCopy(mark: number, end: number): void {
    this.replace(mark, this.at, end);
    this.at = end;
  }

  private push(first: number, second: number): void {
    const top = this.top;
    stack[top] = first;
    stack[top + 1] = second;
    this.top = top + 2;
  }

  /** Whether there is room for the form of something that has so many bytes of text; gives up where there is none. */
  private fits(size: number): boolean {
    this.isOn &&= this.at + size + this.growth <= ROOM;
    return this.isOn;
  }
}

/** For a reader whose caller does not want the form. */
export const NO_SPANS = new Spans();

/** Copies part of `work` behind all that is in use, and gives the end of the copy. Up to three bytes behind it change as well. */
function copy(from: number, size: number, to: number): number {
  if (size > LONG_SPAN) work.copyWithin(to, from, from + size);
  else for (let i = 0; i < size; i += 4) words.setInt32(to + i, words.getInt32(from + i, true), true);
  return to + size;
}
