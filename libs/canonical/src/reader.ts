import type { JsonObject, JsonValue } from './json-value.js';
import { MAX_DEPTH } from './limits.js';
import { type Shape, ShapeMemory } from './shape.js';
import type { Tokens } from './tokens.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** An object with the right names in the right order, to be copied: V8 copies a whole layout faster than it grows one. */
interface Layout {
  readonly names: readonly string[];
  readonly template: Readonly<Record<string, JsonValue>>;
}

type Place = Shape<Layout>;

const memory = new ShapeMemory<Layout>();

/** Reads the value of a whole text in one pass; undefined with `tokens.fault` set where the text is not JSON or too deep. */
export function readDocument(tokens: Tokens, maxDepth = MAX_DEPTH): JsonValue | undefined {
  if (tokens.atEnd()) return tokens.refuse('JSON_EMPTY');
  const value = readValue(tokens, MAX_DEPTH - maxDepth, memory.begin()); // what wraps a record may start above its level
  return value === undefined || tokens.atEnd() ? value : tokens.refuse('JSON_SYNTAX');
}

/** Recursion is bounded, since no call is made beyond {@link MAX_DEPTH}. `place` is where the names of objects begin. */
function readValue(tokens: Tokens, depth: number, place: Place): JsonValue | undefined {
  switch (tokens.peek()) {
    case QUOTE:
      return tokens.readString();
    case OPEN_BRACE:
      return depth < MAX_DEPTH ? readObject(tokens, depth + 1, place) : tokens.refuse('JSON_TOO_DEEP');
    case OPEN_BRACKET:
      return depth < MAX_DEPTH ? readArray(tokens, depth + 1, place) : tokens.refuse('JSON_TOO_DEEP');
    case 0x74:
      return tokens.readWord('true', true);
    case 0x66:
      return tokens.readWord('false', false);
    case 0x6e:
      return tokens.readWord('null', null);
    default:
      return tokens.readNumber();
  }
}

function readArray(tokens: Tokens, depth: number, place: Place): JsonValue | undefined {
  const items: JsonValue[] = [];
  tokens.skip();
  if (tokens.peek() === CLOSE_BRACKET) {
    tokens.skip();
    return items;
  }
  for (;;) {
    const item = readValue(tokens, depth, place);
    if (item === undefined) return undefined;
    items.push(item);
    const next = tokens.peek();
    tokens.skip();
    if (next === CLOSE_BRACKET) return items;
    if (next !== COMMA) return tokens.refuse('JSON_SYNTAX');
  }
}

function readObject(tokens: Tokens, depth: number, start: Place): JsonValue | undefined {
  tokens.skip();
  if (tokens.peek() === CLOSE_BRACE) {
    tokens.skip();
    return {};
  }
  const values: JsonValue[] = [];
  let place = start;
  let names: string[] | undefined; // only of an object that has left what the memory takes
  for (;;) {
    if (tokens.peek() !== QUOTE) return tokens.refuse('JSON_SYNTAX');
    const name = names === undefined ? readKnownName(tokens, place) : tokens.readString();
    if (name === undefined) return undefined;
    if (typeof name === 'object') place = name;
    else {
      names ??= place.names();
      names.push(name);
    }
    if (tokens.peek() !== COLON) return tokens.refuse('JSON_SYNTAX');
    tokens.skip();
    const value = readValue(tokens, depth, place.inside);
    if (value === undefined) return undefined;
    values.push(value);
    const next = tokens.peek();
    tokens.skip();
    if (next === CLOSE_BRACE) return names === undefined ? buildKnown(tokens, place, values) : build(tokens, names, values);
    if (next !== COMMA) return tokens.refuse('JSON_SYNTAX');
  }
}

/** The place of the next name; the name itself where the memory does not take it. A document with a fault teaches nothing. */
function readKnownName(tokens: Tokens, place: Place): Place | string | undefined {
  const likely = place.likely;
  if (likely !== undefined && tokens.skipIf(likely.quoted)) return likely;
  const name = tokens.readString();
  // Half a surrogate pair in a name was noted just now; it must be noted every time, so such a name is never known.
  return name === undefined || tokens.fault !== undefined ? name : (memory.step(place, name) ?? name);
}

function buildKnown(tokens: Tokens, place: Place, values: readonly JsonValue[]): JsonObject {
  const layout = place.known;
  if (layout === undefined) return buildFirst(tokens, place, values);
  const object: Record<string, JsonValue> = { ...layout.template };
  const names = layout.names;
  // The template has every name as its own member, `__proto__` too, so each assignment only replaces a value.
  for (let i = 0; i < names.length; i++) object[names[i] ?? ''] = values[i] ?? null;
  return object;
}

/** A layout is made when it is needed again, and never of names that repeat. */
function buildFirst(tokens: Tokens, place: Place, values: readonly JsonValue[]): JsonObject {
  const names = place.names();
  const object = build(tokens, names, values);
  if (++place.visits > 1 && tokens.fault === undefined) {
    // Read from JSON, for V8 then lays the object out as a record; grown member by member it becomes a hash table.
    const template = JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join(',')}}`);
    place.known = { names, template };
  }
  return object;
}

function build(tokens: Tokens, names: readonly string[], values: readonly JsonValue[]): JsonObject {
  // From entries, since an assignment to `__proto__` would set the prototype instead of a member.
  const object = Object.fromEntries(names.map((name, i): [string, JsonValue] => [name, values[i] ?? null]));
  if (Object.keys(object).length !== names.length) tokens.note('JSON_DUPLICATE_MEMBER');
  return object;
}
