import type { JsonObject, JsonValue } from './json-value.js';
import { fill, Layouts, NO_MEMBERS } from './layouts.js';
import { MAX_DEPTH } from './limits.js';
import { type Name, NameMemory, type NameSet } from './names.js';
import { OpenMembers } from './open-members.js';
import type { Spans } from './spans.js';
import type { Tokens } from './tokens.js';

const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const memory = new NameMemory();
const members = new OpenMembers();
const layouts = new Layouts();

/**
 * Reads the value of a whole text in one pass; undefined with `tokens.fault` set where the text is not JSON or too deep. `spans` are
 * told where each value stands.
 */
export function readDocument(tokens: Tokens, maxDepth: number, spans: Spans): JsonValue | undefined {
  if (tokens.atEnd()) return tokens.refuse('JSON_EMPTY');
  const value = readValue(tokens, MAX_DEPTH - maxDepth, memory.begin(), spans); // what wraps a record may start above its level
  members.close(0); // those of objects that were never closed
  return value === undefined || tokens.atEnd() ? value : tokens.refuse('JSON_SYNTAX');
}

/** Recursion is bounded, since no call is made beyond {@link MAX_DEPTH}. `set` has the names that objects here may use. */
function readValue(tokens: Tokens, depth: number, set: NameSet, spans: Spans): JsonValue | undefined {
  const first = tokens.peek();
  if (first === OPEN_BRACE) return depth < MAX_DEPTH ? readObject(tokens, depth + 1, set, spans) : tokens.refuse('JSON_TOO_DEEP');
  if (first === OPEN_BRACKET)
    return depth < MAX_DEPTH ? readArray(tokens, depth + 1, set, spans) : tokens.refuse('JSON_TOO_DEEP');
  const start = tokens.place;
  const value = readScalar(tokens, first);
  if (!spans.isOn) return value;
  if (!tokens.takeOdd()) spans.value(start, tokens.place);
  else if (tokens.fault === undefined) spans.rewrite(start, tokens.place, value);
  else spans.giveUp(); // half a surrogate pair could not be written
  return value;
}

function readScalar(tokens: Tokens, first: number): JsonValue | undefined {
  switch (first) {
    case QUOTE:
      return tokens.readString();
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

function readArray(tokens: Tokens, depth: number, set: NameSet, spans: Spans): JsonValue | undefined {
  const items: JsonValue[] = [];
  const start = tokens.place;
  const mark = spans.mark;
  tokens.skip();
  if (tokens.peek() === CLOSE_BRACKET) {
    tokens.skip();
    spans.closeArray(mark, start, tokens.place);
    return items;
  }
  for (;;) {
    const item = readValue(tokens, depth, set, spans);
    if (item === undefined) return undefined;
    items.push(item);
    const next = tokens.peek();
    tokens.skip();
    if (next === CLOSE_BRACKET) {
      spans.closeArray(mark, start, tokens.place);
      return items;
    }
    if (next !== COMMA) return tokens.refuse('JSON_SYNTAX');
  }
}

function readObject(tokens: Tokens, depth: number, set: NameSet, spans: Spans): JsonValue | undefined {
  const start = tokens.place;
  const mark = spans.mark;
  tokens.skip();
  if (tokens.peek() === CLOSE_BRACE) {
    tokens.skip();
    spans.closeObject(mark, start, tokens.place, NO_MEMBERS);
    return {};
  }
  const from = members.mark;
  let fingerprint = 1; // of the list of names; 0 once the memory does not take one of them
  let last: Name | undefined;
  for (;;) {
    if (tokens.peek() !== QUOTE) return tokens.refuse('JSON_SYNTAX');
    const nameStart = tokens.place;
    const name = readName(tokens, set, last, spans);
    if (name === undefined) return undefined;
    if (spans.isOn) spans.name(nameStart, tokens.place);
    const place = members.open(typeof name === 'string' ? name : name.text);
    if (typeof name === 'string') {
      fingerprint = 0;
    } else {
      if (fingerprint !== 0) fingerprint = Math.imul(fingerprint + name.id, 0x9e3779b1);
      last = name;
    }
    if (tokens.peek() !== COLON) return tokens.refuse('JSON_SYNTAX');
    tokens.skip();
    const value = readValue(tokens, depth, last?.inside ?? set, spans);
    if (value === undefined) return undefined;
    members.set(place, value);
    const next = tokens.peek();
    tokens.skip();
    if (next === CLOSE_BRACE) {
      const layout = layouts.find(fingerprint, members, from);
      spans.closeObject(mark, start, tokens.place, layout);
      const object = layout === undefined ? build(tokens, fingerprint, from) : fill(layout, members, from);
      members.close(from);
      return object;
    }
    if (next !== COMMA) return tokens.refuse('JSON_SYNTAX');
  }
}

/** The name that is next: as one that is known, otherwise as text. */
function readName(tokens: Tokens, set: NameSet, last: Name | undefined, spans: Spans): Name | string | undefined {
  const likely = last === undefined ? set.first : last.next;
  if (likely !== undefined) {
    if (tokens.skipIf(likely.quoted)) return likely;
    // Perhaps the likely one was left out this time.
    const second = likely.next;
    if (second !== undefined && tokens.skipIf(second.quoted)) return second;
  }
  const text = tokens.readString();
  if (text === undefined) return undefined;
  if (tokens.takeOdd()) spans.giveUp(); // rare: not worth writing it anew
  const name = memory.know(set, text);
  if (name === undefined) return text;
  if (last === undefined) set.first = name;
  else last.next = name;
  return name;
}

/** An object of the members from a place on. */
function build(tokens: Tokens, fingerprint: number, from: number): JsonObject {
  const object: Record<string, JsonValue> = {};
  for (let i = from; i < members.mark; i++) {
    const name = members.names[i] ?? '';
    const value = members.values[i] ?? null;
    if (!(name in object)) object[name] = value;
    else if (Object.hasOwn(object, name)) tokens.note('JSON_DUPLICATE_MEMBER');
    // An assignment to an inherited name such as `__proto__` would not make a member of it.
    else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  }
  if (tokens.fault === undefined && fingerprint !== 0) layouts.meet(fingerprint, members.names.slice(from, members.mark));
  return object;
}
