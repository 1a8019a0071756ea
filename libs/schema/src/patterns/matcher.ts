import { RE2JS } from 're2js';
import { charge } from '../meter.js';
import { isLinear } from './linear.js';
import type { Ranges } from './ranges.js';
import { type Pattern, PatternSyntax, readPattern } from './syntax.js';

/** Says whether a pattern occurs in a text, in time linear in the text. The time is charged to the meter. */
export interface Matcher {
  test(text: string): boolean;
}

/** Programs of the linear engine with more instructions than this are refused: its time is text times program. */
const MAX_PROGRAM = 3000;
const MAX_RE2_REPEAT = 1000;
/** Characters that a proved pattern of the platform's engine, or one instruction of the linear engine, reads in one unit. */
const CHARACTERS_PER_UNIT = 8;
const RE2_BASE_UNITS = 50;
const SURROGATES = 0xd800;

/**
 * Makes a matcher for the text of a `pattern` (ECMA-262, unicode mode). A pattern that is proved linear runs on the platform's own
 * engine, which is twenty times faster; every other runs on RE2, which is linear for what it can do. Look-aheads are done where
 * they stand at the very beginning (`^(?!x)`), since then each can be asked by itself.
 * Throws {@link PatternSyntax}, with words that may be shown, for what cannot be done in linear time.
 */
export function matcherOf(text: string): Matcher {
  return conjunctionOf(readPattern(text));
}

function conjunctionOf(pattern: Pattern): Matcher {
  const parts = pattern.kind === 'sequence' ? pattern.of : [];
  const looks = [];
  for (const part of parts.slice(1)) {
    if (part.kind !== 'look' || part.behind) break;
    looks.push(part);
  }
  if (parts[0]?.kind !== 'start' || looks.length === 0) return single(pattern);
  const start: Pattern = { kind: 'start' };
  const rest = single({ kind: 'sequence', of: [start, ...parts.slice(1 + looks.length)] });
  const asked = looks.map((look) => ({
    wanted: !look.negated,
    matcher: single({ kind: 'sequence', of: [start, ...(look.of.kind === 'sequence' ? look.of.of : [look.of])] }),
  }));
  return { test: (text) => asked.every(({ wanted, matcher }) => matcher.test(text) === wanted) && rest.test(text) };
}

function single(pattern: Pattern): Matcher {
  return isLinear(pattern) ? onPlatform(pattern) : onRe2(pattern);
}

function onPlatform(pattern: Pattern): Matcher {
  return new PlatformMatcher(new RegExp(write(pattern, platformSet), staysBelow(pattern, SURROGATES) ? '' : 'u'));
}

class PlatformMatcher implements Matcher {
  constructor(private readonly expression: RegExp) {}

  test(text: string): boolean {
    charge(1 + text.length / CHARACTERS_PER_UNIT);
    return this.expression.test(text);
  }
}

function onRe2(pattern: Pattern): Matcher {
  const expression = re2(write(pattern, re2Set));
  const size = expression.programSize();
  if (size > MAX_PROGRAM) throw new PatternSyntax('is too large for matching in linear time');
  return new Re2Matcher(expression, 1 + size / CHARACTERS_PER_UNIT);
}

class Re2Matcher implements Matcher {
  constructor(
    private readonly expression: RE2JS,
    private readonly unitsPerCharacter: number,
  ) {}

  test(text: string): boolean {
    charge(RE2_BASE_UNITS + text.length * this.unitsPerCharacter);
    return this.expression.test(text);
  }
}

/** Whether all sets lie below `limit`: then characters and code units are the same, and unicode mode is not needed. */
function staysBelow(pattern: Pattern, limit: number): boolean {
  if (pattern.kind === 'sequence' || pattern.kind === 'choice') return pattern.of.every((part) => staysBelow(part, limit));
  if (pattern.kind === 'repeat') return staysBelow(pattern.of, limit);
  return pattern.kind !== 'set' || (pattern.ranges.at(-1) ?? 0) < limit;
}

function re2(text: string): RE2JS {
  try {
    return RE2JS.compile(text);
  } catch {
    throw new PatternSyntax('cannot be matched in linear time');
  }
}

const hex = (point: number): string => `{${point.toString(16)}}`;
const escaped = (point: number): string => (point > 0xffff ? `\\u${hex(point)}` : `\\u${point.toString(16).padStart(4, '0')}`);

function platformSet(ranges: Ranges): string {
  let members = '';
  for (let i = 0; i < ranges.length; i += 2) members += `${escaped(ranges[i] ?? 0)}-${escaped(ranges[i + 1] ?? 0)}`;
  return `[${members}]`;
}

function re2Set(ranges: Ranges): string {
  if (ranges.length === 0) return '[^\\x{0}-\\x{10ffff}]';
  let members = '';
  for (let i = 0; i < ranges.length; i += 2) members += `\\x${hex(ranges[i] ?? 0)}-\\x${hex(ranges[i + 1] ?? 0)}`;
  return `[${members}]`;
}

/** Writes a pattern from its parts, in what both engines read alike. */
function write(pattern: Pattern, set: (ranges: Ranges) => string): string {
  switch (pattern.kind) {
    case 'set':
      return set(pattern.ranges);
    case 'sequence':
      return pattern.of.map((part) => write(part, set)).join('');
    case 'choice':
      return `(?:${pattern.of.map((part) => write(part, set)).join('|')})`;
    case 'repeat':
      return `(?:${write(pattern.of, set)})${bounds(pattern.min, pattern.max, set === re2Set)}`;
    case 'start':
      return '^';
    case 'end':
      return '$';
    case 'boundary':
      return '\\b';
    case 'no-boundary':
      return '\\B';
    case 'look':
      throw new PatternSyntax('looks ahead or behind inside, which cannot be done in linear time');
    case 'backreference':
      throw new PatternSyntax('refers back to a group, which cannot be done in linear time');
    default:
      return pattern satisfies never;
  }
}

function bounds(min: number, max: number, isRe2: boolean): string {
  const finite = max === Number.POSITIVE_INFINITY ? min : max;
  if (isRe2 && finite > MAX_RE2_REPEAT) throw new PatternSyntax('repeats more than 1,000 times, which is too much for it');
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  return min === max ? `{${min}}` : `{${min},${max}}`;
}
