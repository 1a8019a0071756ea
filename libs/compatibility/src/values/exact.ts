import { Decimal } from './decimal.js';
import { fromJson, type Value } from './value.js';

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/gs;
const MARK = 'exact-number:';

/** Whether a JSON text has a number that JSON.parse would change. */
export function hasLossyNumber(text: string): boolean {
  for (const [token] of text.matchAll(TOKENS)) {
    const isSuspect = !token.startsWith('"') && (token.length > 15 || /e/i.test(token));
    if (isSuspect && !isHeld(token)) return true;
  }
  return false;
}

function isHeld(literal: string): boolean {
  const value = Number(literal);
  return Number.isFinite(value) && Decimal.from(value).compare(Decimal.parse(literal)) === 0;
}

/** A JSON text whose numbers are kept as they are written: reads what stands at a path. The text was parsed before. */
export class ExactText {
  private readonly root: unknown;
  private readonly mark: string;

  constructor(text: string) {
    let mark = MARK;
    while (text.includes(mark)) mark += '#';
    this.mark = mark;
    this.root = JSON.parse(text.replaceAll(TOKENS, (token) => (token.startsWith('"') ? token : `"${mark}${token}"`)));
  }

  /** The value at a path; undefined where there is none. */
  at(path: readonly string[]): Value | undefined {
    let at: unknown = this.root;
    for (const name of path) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
      at = (at as Record<string, unknown>)[name];
    }
    return at === undefined ? undefined : this.read(at);
  }

  private read(json: unknown): Value {
    if (typeof json === 'string' && json.startsWith(this.mark)) return Decimal.parse(json.slice(this.mark.length));
    if (Array.isArray(json)) return json.map((item) => this.read(item));
    if (typeof json !== 'object' || json === null) return fromJson(json);
    return new Map(Object.entries(json).map(([name, below]) => [name, this.read(below)]));
  }
}
