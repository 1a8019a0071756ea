import type { JsonObject, JsonValue } from './json-value.js';

/** An object with certain names in a certain order, to be copied: V8 copies a whole layout faster than it grows one. */
interface Layout {
  readonly names: readonly string[];
  readonly template: JsonObject;
}

/** Beyond this many lists of names (some megabytes) all are forgotten. */
const MAX_LAYOUTS = 2000;
/** Objects with fewer members are grown as fast as they are copied. */
const MIN_MEMBERS = 4;
/** V8 keeps larger objects as hash tables in any case. */
const MAX_MEMBERS = 128;

/**
 * The bounded memory of layouts, by a fingerprint of the list of names. Objects made from one layout share V8's hidden class, which
 * is what makes a compiled schema fast; grown member by member, an object of more than about sixteen becomes a hash table.
 */
export class Layouts {
  /** Null stands for a list of names that was met once: a layout is made when it is met again. */
  private readonly known = new Map<number, Layout | null>();

  /** A new object with these members, or undefined where no layout is known (yet). */
  copy(fingerprint: number, names: readonly string[], values: readonly JsonValue[]): JsonObject | undefined {
    const layout = this.known.get(fingerprint);
    if (layout === undefined || layout === null || !isSame(layout.names, names)) return undefined;
    const object: Record<string, JsonValue> = { ...layout.template };
    // Every name is an own member already, `__proto__` too, so each assignment only replaces a value.
    for (let i = 0; i < names.length; i++) object[names[i] ?? ''] = values[i] ?? null;
    return object;
  }

  /** To be told of lists of names, none of which may repeat a name, that {@link copy} did not know. */
  meet(fingerprint: number, names: readonly string[]): void {
    if (names.length < MIN_MEMBERS || names.length > MAX_MEMBERS) return;
    if (this.known.size >= MAX_LAYOUTS) this.known.clear();
    const template = this.known.has(fingerprint) ? templateOf(names) : undefined;
    this.known.set(fingerprint, template === undefined ? null : { names, template });
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** Read from JSON, since the engine's parser lays an object out as a record. */
function templateOf(names: readonly string[]): JsonObject {
  return JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join(',')}}`);
}
