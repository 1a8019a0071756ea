import { FaultError } from '#faults';
import { encodeString, longestString } from './encode-string.js';
import { type Name, NameMemory, type NameSet } from './names.js';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The RFC 8785 (JCS) form of a value: members ordered by the UTF-16 units of their names, numbers as ECMAScript writes them,
 * nothing escaped that need not be, no white space, UTF-8. The buffer belongs to the caller. The size is not limited here: compare
 * it with {@link MAX_RECORD_BYTES}.
 *
 * Throws FaultError for what has no canonical form, which after {@link parseStrict} can only be a defect: JSON_NOT_REPRESENTABLE
 * for undefined, NaN, infinities, bigints, functions and objects that are neither plain nor arrays, JSON_SURROGATE_LONE for half
 * a surrogate pair, JSON_TOO_DEEP for a value that (being circular, say) nests deeper than 256.
 */
export function canonicalize(value: unknown): Buffer {
  length = 0;
  if (objects > MANY_OBJECTS) {
    objects = 0;
    memory = new NameMemory(); // no old name may take a new object for its owner
  }
  write(value, 0, memory.begin());
  return Buffer.from(out.subarray(0, length));
}

/** Deep enough for any document and its wrapping; a value that is deeper contains itself. */
const DEEPEST = 256;

let memory = new NameMemory();
/** Numbers the objects written, so that a name knows whether it stands in the one at hand. */
let objects = 0;
/** As far as V8 counts without allocating. */
const MANY_OBJECTS = 2 ** 30;

// The text grows here and is copied out at the end: the length is only known then, and a growing buffer would be copied as well.
let out = Buffer.allocUnsafeSlow(64 * 1024);
let length = 0;

function reserve(bytes: number): void {
  if (length + bytes <= out.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(out.length * 2, length + bytes));
  out.copy(larger, 0, 0, length);
  out = larger;
}

function write(value: unknown, depth: number, set: NameSet): void {
  if (depth > DEEPEST) throw new FaultError('JSON_TOO_DEEP', `canonical form of more than ${DEEPEST} levels`);
  if (typeof value === 'string') writeString(value);
  else if (typeof value === 'number') writeAscii(numberText(value));
  else if (value === null || typeof value === 'boolean') writeAscii(String(value));
  else if (Array.isArray(value)) writeArray(value, depth, set);
  else if (isPlainObject(value)) writeObject(value, depth, set);
  else throw new FaultError('JSON_NOT_REPRESENTABLE', typeof value);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new FaultError('JSON_NOT_REPRESENTABLE', 'a number that is not finite');
  return String(value); // also makes -0 the 0 that RFC 8785 section 3.2.2.3 asks for
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm (a worker's or a test runner's) is plain as well: its prototype has no prototype.
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function writeArray(items: readonly unknown[], depth: number, set: NameSet): void {
  writeByte(OPEN_BRACKET);
  for (let i = 0; i < items.length; i++) {
    if (i > 0) writeByte(COMMA);
    write(items[i], depth + 1, set);
  }
  writeByte(CLOSE_BRACKET);
}

function writeObject(object: Readonly<Record<string, unknown>>, depth: number, set: NameSet): void {
  const names = Object.keys(object);
  const values: readonly unknown[] = Object.values(object);
  writeByte(OPEN_BRACE);
  const owner = ++objects;
  if (claim(names, owner, set)) writeKnown(set, owner, values, depth);
  else writeSorted(names, values, depth, set);
  writeByte(CLOSE_BRACE);
}

/** Notes at each name where its value stands; false where the memory does not take one of the names. */
function claim(names: readonly string[], owner: number, set: NameSet): boolean {
  let last: Name | undefined;
  for (let i = 0; i < names.length; i++) {
    const text = names[i] ?? '';
    const likely = last === undefined ? set.first : last.next;
    const name: Name | undefined = likely?.text === text ? likely : memory.know(set, text);
    if (name === undefined) return false;
    if (last === undefined) set.first = name;
    else last.next = name;
    name.owner = owner;
    name.place = i;
    last = name;
  }
  return true;
}

/** Writes the members of the object `owner`: those among the set's names, which are sorted and encoded already, that it claimed. */
function writeKnown(set: NameSet, owner: number, values: readonly unknown[], depth: number): void {
  const sorted = set.sorted;
  let written = 0;
  for (let i = 0; written < values.length; i++) {
    const name = sorted[i];
    if (name === undefined) return;
    if (name.owner !== owner) continue;
    if (written++ > 0) writeByte(COMMA);
    writeBytes(name.quoted);
    writeByte(COLON);
    write(values[name.place], depth + 1, name.inside);
  }
}

function writeSorted(names: readonly string[], values: readonly unknown[], depth: number, set: NameSet): void {
  // `<` compares strings by their UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const order = [...names.keys()].sort((a, b) => ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1));
  for (const [i, place] of order.entries()) {
    if (i > 0) writeByte(COMMA);
    writeString(names[place] ?? '');
    writeByte(COLON);
    write(values[place], depth + 1, set);
  }
}

function writeByte(byte: number): void {
  reserve(1);
  out[length++] = byte;
}

function writeBytes(bytes: Uint8Array): void {
  reserve(bytes.length);
  const to = out;
  let at = length;
  for (let i = 0; i < bytes.length; i++) to[at++] = bytes[i] ?? 0;
  length = at;
}

function writeAscii(text: string): void {
  reserve(text.length);
  for (let i = 0; i < text.length; i++) out[length++] = text.charCodeAt(i);
}

function writeString(text: string): void {
  reserve(longestString(text.length));
  length = encodeString(text, out, length);
}
