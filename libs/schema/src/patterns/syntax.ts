import { complement, DIGIT, LINE_END, property, type Ranges, SPACE, union, WORD } from './ranges.js';

/** A regular expression taken apart. Groups have vanished: JSON Schema only asks whether a pattern occurs. */
export type Pattern =
  | { readonly kind: 'set'; readonly ranges: Ranges }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly of: Pattern; readonly min: number; readonly max: number }
  | { readonly kind: 'start' | 'end' | 'boundary' | 'no-boundary' }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negated: boolean; readonly of: Pattern }
  | { readonly kind: 'backreference' };

/** Thrown for text that is no regular expression of ECMA-262, with words that may be shown. */
export class PatternSyntax extends Error {}

/** Takes the text of a `pattern` apart. Reads ECMA-262 unicode mode, and the needless escapes that older schemas contain. */
export function readPattern(text: string): Pattern {
  if (!compiles(text, 'u') && !compiles(text, '')) throw new PatternSyntax('is not a regular expression of ECMA-262');
  const reader = new Reader([...text]);
  const pattern = reader.choice();
  if (!reader.done()) throw new PatternSyntax('is not a regular expression of ECMA-262');
  return pattern;
}

function compiles(text: string, flags: string): boolean {
  try {
    new RegExp(text, flags);
    return true;
  } catch {
    return false;
  }
}

function known(name: string): Ranges {
  try {
    return property(name);
  } catch {
    throw new PatternSyntax('names a property of characters that does not exist');
  }
}

const CONTROL: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };
const point = (char: string): number => char.codePointAt(0) ?? 0;

class Reader {
  private at = 0;
  constructor(private readonly chars: readonly string[]) {}

  done(): boolean {
    return this.at >= this.chars.length;
  }

  choice(): Pattern {
    const branches = [this.sequence()];
    while (this.take('|')) branches.push(this.sequence());
    const [only] = branches;
    return only !== undefined && branches.length === 1 ? only : { kind: 'choice', of: branches };
  }

  private sequence(): Pattern {
    const parts: Pattern[] = [];
    while (!this.done() && this.peek() !== '|' && this.peek() !== ')') parts.push(this.quantified(this.atom()));
    return { kind: 'sequence', of: parts };
  }

  private quantified(of: Pattern): Pattern {
    const bounds = this.bounds();
    if (bounds === undefined) return of;
    this.take('?'); // lazy or greedy: the same strings match
    return { kind: 'repeat', of, ...bounds };
  }

  private bounds(): { min: number; max: number } | undefined {
    if (this.take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.take('?')) return { min: 0, max: 1 };
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.chars.slice(this.at, this.at + 24).join(''));
    if (counted === null) return undefined;
    this.at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === '' ? Number.POSITIVE_INFINITY : Number(counted[3]);
    return { min, max };
  }

  private atom(): Pattern {
    const char = this.next();
    switch (char) {
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '.':
        return { kind: 'set', ranges: complement(LINE_END) };
      case '(':
        return this.group();
      case '[':
        return { kind: 'set', ranges: this.bracketed() };
      case '\\':
        return this.escaped();
      default:
        return { kind: 'set', ranges: [point(char), point(char)] };
    }
  }

  private group(): Pattern {
    let look: { behind: boolean; negated: boolean } | undefined;
    if (this.take('?') && !this.take(':')) {
      const behind = this.peek() === '<' && (this.peek(1) === '=' || this.peek(1) === '!');
      if (behind) this.next();
      if (behind || this.peek() === '=' || this.peek() === '!') look = { behind, negated: this.next() === '!' };
      else if (this.peek() === '<') while (this.next() !== '>');
      else throw new PatternSyntax('uses modifiers inside a group, which are not supported');
    }
    const of = this.choice();
    if (!this.take(')')) throw new PatternSyntax('has a group that does not end');
    return look === undefined ? of : { kind: 'look', ...look, of };
  }

  private escaped(): Pattern {
    const char = this.peek();
    if (char === 'b' || char === 'B') {
      this.next();
      return { kind: char === 'b' ? 'boundary' : 'no-boundary' };
    }
    if (/[1-9]/.test(char) || (char === 'k' && this.peek(1) === '<')) {
      this.next();
      return { kind: 'backreference' };
    }
    return { kind: 'set', ranges: this.escapedSet() };
  }

  /** What stands after a backslash, inside brackets and outside. */
  private escapedSet(): Ranges {
    const char = this.next();
    if (char === 'd' || char === 'D') return char === 'd' ? DIGIT : complement(DIGIT);
    if (char === 'w' || char === 'W') return char === 'w' ? WORD : complement(WORD);
    if (char === 's' || char === 'S') return char === 's' ? SPACE : complement(SPACE);
    if ((char === 'p' || char === 'P') && this.take('{')) {
      let name = '';
      for (let c = this.next(); c !== '}'; c = this.next()) name += c;
      return char === 'p' ? known(name) : complement(known(name));
    }
    const one = this.escapedPoint(char);
    return [one, one];
  }

  private escapedPoint(char: string): number {
    if (Object.hasOwn(CONTROL, char)) return CONTROL[char] ?? 0;
    if (char === 'x') return Number.parseInt(this.next() + this.next(), 16);
    if (char === 'c') return point(this.next()) % 32;
    if (char !== 'u') return point(char);
    if (this.take('{')) {
      let hex = '';
      for (let c = this.next(); c !== '}'; c = this.next()) hex += c;
      return Number.parseInt(hex, 16);
    }
    const unit = this.fourHex();
    const isHigh = unit >= 0xd800 && unit <= 0xdbff;
    if (!isHigh || this.peek() !== '\\' || this.peek(1) !== 'u') return unit;
    this.at += 2;
    return 0x10000 + ((unit - 0xd800) << 10) + (this.fourHex() - 0xdc00);
  }

  private fourHex(): number {
    return Number.parseInt(this.next() + this.next() + this.next() + this.next(), 16);
  }

  private bracketed(): Ranges {
    const negated = this.take('^');
    const sets: Ranges[] = [];
    while (!this.take(']')) {
      const from = this.member();
      const isRange = this.peek() === '-' && this.peek(1) !== ']' && from.length === 2 && from[0] === from[1];
      if (!isRange) sets.push(from);
      else {
        this.next();
        const to = this.member();
        sets.push([from[0] ?? 0, to[0] ?? 0]);
      }
    }
    const all = union(...sets);
    return negated ? complement(all) : all;
  }

  private member(): Ranges {
    const char = this.next();
    if (char !== '\\') return [point(char), point(char)];
    if (this.peek() !== 'b') return this.escapedSet();
    this.next();
    return [8, 8]; // inside brackets \b is the backspace
  }

  private peek(ahead = 0): string {
    return this.chars[this.at + ahead] ?? '';
  }

  private next(): string {
    const char = this.chars[this.at++];
    if (char === undefined) throw new PatternSyntax('ends too early');
    return char;
  }

  private take(char: string): boolean {
    if (this.peek() !== char) return false;
    this.at++;
    return true;
  }
}
