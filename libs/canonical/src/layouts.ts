import type { JsonObject, JsonValue } from './json-value.js';
import type { OpenMembers } from './open-members.js';

/** An object with certain names in a certain order. */
export interface Layout {
  readonly names: readonly string[];
  /** To be copied: V8 copies a whole layout faster than it grows one. */
  readonly template: JsonObject;
  /** The places of the names in the list, in the order of RFC 8785. */
  readonly order: Uint8Array;
  readonly isSorted: boolean;
}

export const NO_MEMBERS: Layout = { names: [], template: {}, order: new Uint8Array(0), isSorted: true };

/** Beyond this many lists of names (some megabytes) all are forgotten. */
const MAX_LAYOUTS = 2000;
/** V8 keeps larger objects as hash tables in any case. */
const MAX_MEMBERS = 128;

/**
 * The bounded memory of layouts, by a fingerprint of the list of names. Objects made from one layout share V8's hidden class, which
 * is what makes a compiled schema fast; grown member by member, an object of more than about sixteen becomes a hash table.
 */
export class Layouts {
  /** Null stands for a list of names that was met once: a layout is made when it is met again. */
  private readonly known = new Map<number, Layout | null>();

  /** The layout of the open members from a place on, or undefined where none is known (yet). */
  find(fingerprint: number, members: OpenMembers, from: number): Layout | undefined {
    const layout = this.known.get(fingerprint);
    return layout === undefined || layout === null || !isNamed(members, from, layout.names) ? undefined : layout;
  }

  /** To be told of lists of names, none of which may repeat a name, that {@link find} did not know. */
  meet(fingerprint: number, names: readonly string[]): void {
    if (names.length > MAX_MEMBERS) return;
    if (this.known.size >= MAX_LAYOUTS) this.known.clear();
    this.known.set(fingerprint, this.known.has(fingerprint) ? layoutOf(names) : null);
  }
}

/** A new object with the members of a layout, and with the values of the open members from a place on. */
export function fill(layout: Layout, { values }: OpenMembers, from: number): JsonObject {
  const object: Record<string, JsonValue> = { ...layout.template };
  const names = layout.names;
  // Every name is an own member already, `__proto__` too, so each assignment only replaces a value.
  for (let i = 0; i < names.length; i++) object[names[i] ?? ''] = values[from + i] ?? null;
  return object;
}

/** Whether the open members from a place on have these names. */
function isNamed({ mark, names }: OpenMembers, from: number, expected: readonly string[]): boolean {
  if (mark - from !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) {
    if (names[from + i] !== expected[i]) return false;
  }
  return true;
}

function layoutOf(names: readonly string[]): Layout {
  // `<` compares strings by their UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const order = Uint8Array.from([...names.keys()].sort((a, b) => ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1)));
  return { names, template: templateOf(names), order, isSorted: order.every((place, i) => place === i) };
}

/** Read from JSON, since the engine's parser lays an object out as a record. */
function templateOf(names: readonly string[]): JsonObject {
  return JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join(',')}}`);
}
