import { FaultError } from '#faults';
import { type Shape, ShapeMemory } from './shape.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
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
  root = memory.begin();
  write(value, 0);
  return Buffer.from(out.subarray(0, length));
}

/** Deep enough for any document and its wrapping; a value that is deeper contains itself. */
const DEEPEST = 256;

// The text grows here and is copied out at the end: the length is only known then, and a growing buffer would be copied as well.
let out = Buffer.allocUnsafeSlow(64 * 1024);
let length = 0;

function reserve(bytes: number): void {
  if (length + bytes <= out.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(out.length * 2, length + bytes));
  out.copy(larger, 0, 0, length);
  out = larger;
}

function write(value: unknown, depth: number): void {
  if (depth > DEEPEST) throw new FaultError('JSON_TOO_DEEP', `canonical form of more than ${DEEPEST} levels`);
  if (typeof value === 'string') writeString(value);
  else if (typeof value === 'number') writeAscii(numberText(value));
  else if (value === null || typeof value === 'boolean') writeAscii(String(value));
  else if (Array.isArray(value)) writeArray(value, depth);
  else if (isPlainObject(value)) writeObject(value, depth);
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

function writeArray(items: readonly unknown[], depth: number): void {
  writeByte(OPEN_BRACKET);
  for (let i = 0; i < items.length; i++) {
    if (i > 0) writeByte(COMMA);
    write(items[i], depth + 1);
  }
  writeByte(CLOSE_BRACKET);
}

/** For a list of names as an object has them: which member is written when, and the bytes `{"a":` or `,"b":` before its value. */
interface Layout {
  readonly order: readonly number[];
  readonly heads: readonly Buffer[];
}

const memory = new ShapeMemory<Layout>();
let root = memory.begin();
const NOTHING = new Uint8Array(0);

function writeObject(object: Readonly<Record<string, unknown>>, depth: number): void {
  const names = Object.keys(object);
  const values: readonly unknown[] = Object.values(object);
  if (names.length === 0) writeByte(OPEN_BRACE);
  const shape = shapeOf(names);
  if (shape?.known === undefined) writeFirst(names, values, depth, shape);
  else writeKnown(shape.known, values, depth);
  writeByte(CLOSE_BRACE);
}

/** Where the memory keeps the layout of objects with these names in this order, if it takes them. */
function shapeOf(names: readonly string[]): Shape<Layout> | undefined {
  let shape: Shape<Layout> | undefined = root;
  for (let i = 0; i < names.length && shape !== undefined; i++) shape = memory.step(shape, names[i] ?? '');
  return shape;
}

function writeKnown({ order, heads }: Layout, values: readonly unknown[], depth: number): void {
  for (let i = 0; i < order.length; i++) {
    writeBytes(heads[i] ?? NOTHING);
    write(values[order[i] ?? 0], depth + 1);
  }
}

/** Sorts and encodes the names; a layout is kept when the same list of names comes a second time. */
function writeFirst(names: readonly string[], values: readonly unknown[], depth: number, shape?: Shape<Layout>): void {
  // `<` compares strings by their UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const order = [...names.keys()].sort((a, b) => ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1));
  const keep = shape !== undefined && shape.visits++ > 0;
  const heads: Buffer[] = [];
  for (const [i, member] of order.entries()) {
    const start = length;
    writeByte(i === 0 ? OPEN_BRACE : COMMA);
    writeString(names[member] ?? '');
    writeByte(COLON);
    if (keep) heads.push(Buffer.from(out.subarray(start, length)));
    write(values[member], depth + 1);
  }
  if (keep) shape.known = { order, heads };
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

/** Encodes and escapes in one loop; a native call for each short string would cost more than its characters do. */
function writeString(text: string): void {
  reserve(text.length * 6 + 2); // one unit becomes at most six bytes: \u001f
  const to = out;
  let at = length;
  to[at++] = QUOTE;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      if (unit >= 0x20 && unit !== QUOTE && unit !== BACKSLASH) to[at++] = unit;
      else at = writeEscape(to, at, unit);
    } else if (unit < 0x800) {
      to[at++] = 0xc0 | (unit >> 6);
      to[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      to[at++] = 0xe0 | (unit >> 12);
      to[at++] = 0x80 | ((unit >> 6) & 0x3f);
      to[at++] = 0x80 | (unit & 0x3f);
    } else {
      at = writePair(to, at, unit, text.charCodeAt(++i));
    }
  }
  to[at++] = QUOTE;
  length = at;
}

/** The characters that have a short escape (RFC 8785 section 3.2.2.2), and the letter of it. */
const SHORT_ESCAPE = new Map([
  [QUOTE, 0x22],
  [BACKSLASH, 0x5c],
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
]);

function writeEscape(to: Buffer, from: number, unit: number): number {
  const letter = SHORT_ESCAPE.get(unit);
  let at = from;
  to[at++] = BACKSLASH;
  if (letter !== undefined) {
    to[at++] = letter;
    return at;
  }
  return at + to.write(`u${unit.toString(16).padStart(4, '0')}`, at, 'latin1');
}

function writePair(to: Buffer, from: number, high: number, low: number): number {
  // At the end of the text `low` is NaN, which no comparison holds for.
  if (high > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) throw new FaultError('JSON_SURROGATE_LONE', 'in a value to be written');
  const point = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  let at = from;
  to[at++] = 0xf0 | (point >> 18);
  to[at++] = 0x80 | ((point >> 12) & 0x3f);
  to[at++] = 0x80 | ((point >> 6) & 0x3f);
  to[at++] = 0x80 | (point & 0x3f);
  return at;
}
