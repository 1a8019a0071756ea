import { disjoint, type Ranges } from './ranges.js';
import type { Pattern } from './syntax.js';

/** More positions than this are not looked at. */
const MAX_POSITIONS = 3000;
const MAX_FOLLOWERS = 64;
const LONG_RUN = 100;
/** A pattern that is not tied to the start is tried at every character, so its own length must be a small constant. */
const MAX_FLOATING_LENGTH = 64;

/**
 * Whether a backtracking engine needs only linear time for this pattern, whatever the text. It does where the pattern is
 * deterministic: after any beginning of a text there is at most one way to go on with the next character, and one way to
 * get there (Glushkov's positions with pairwise disjoint followers, each reached once, nothing empty inside a loop). Then each
 * alternative that the engine comes back to fails at once. What cannot be proved is answered with no.
 */
export function isLinear(pattern: Pattern): boolean {
  const branches = pattern.kind === 'choice' ? pattern.of : [pattern];
  const bodies = branches.map(bodyOf);
  if (bodies.some((body) => body === undefined)) return false;
  const known = bodies.filter((body): body is Body => body !== undefined);
  const tied = known.every((body) => body.tied);
  if (!tied && known.some((body) => longest(body.of) > MAX_FLOATING_LENGTH)) return false;
  return new Positions().prove({ kind: 'choice', of: known.map((body) => body.of) });
}

interface Body {
  readonly of: Pattern;
  readonly tied: boolean;
}

/** A branch without its `^` in front and its `$` at the end; undefined where an anchor stands elsewhere or worse is inside. */
function bodyOf(branch: Pattern): Body | undefined {
  const parts = branch.kind === 'sequence' ? branch.of : [branch];
  const tied = parts[0]?.kind === 'start';
  const ended = parts.length > (tied ? 1 : 0) && parts.at(-1)?.kind === 'end';
  const of: Pattern = { kind: 'sequence', of: parts.slice(tied ? 1 : 0, ended ? -1 : undefined) };
  return isPlain(of) ? { of, tied } : undefined;
}

function isPlain(pattern: Pattern): boolean {
  if (pattern.kind === 'sequence' || pattern.kind === 'choice') return pattern.of.every(isPlain);
  return pattern.kind === 'set' || (pattern.kind === 'repeat' && isPlain(pattern.of));
}

function longest(pattern: Pattern): number {
  if (pattern.kind === 'sequence') return pattern.of.reduce((sum, part) => sum + longest(part), 0);
  if (pattern.kind === 'choice') return Math.max(0, ...pattern.of.map(longest));
  return pattern.kind === 'repeat' ? longest(pattern.of) * pattern.max : 1;
}

interface Part {
  readonly nullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const EMPTY: Part = { nullable: true, first: [], last: [] };

class NotProved extends Error {}

/** Glushkov's construction that gives up at the first sign of a second way. */
class Positions {
  private readonly sets: Ranges[] = [];
  private readonly followers: number[][] = [];

  prove(pattern: Pattern): boolean {
    try {
      const whole = this.part(pattern);
      const start = this.position([]);
      this.connect([start], whole.first);
      return true;
    } catch (error) {
      if (error instanceof NotProved) return false;
      throw error;
    }
  }

  private position(set: Ranges): number {
    if (this.sets.length >= MAX_POSITIONS) throw new NotProved();
    this.followers.push([]);
    return this.sets.push(set) - 1;
  }

  private connect(from: readonly number[], to: readonly number[]): void {
    for (const p of from) {
      const known = this.followers[p] ?? [];
      for (const q of to) {
        const set = this.sets[q] ?? [];
        if (known.length >= MAX_FOLLOWERS || !known.every((other) => disjoint(this.sets[other] ?? [], set)))
          throw new NotProved();
        known.push(q);
      }
    }
  }

  private part(pattern: Pattern): Part {
    if (pattern.kind === 'sequence')
      return pattern.of.reduce<Part>((before, next) => this.follow(before, this.part(next)), EMPTY);
    if (pattern.kind === 'choice') return this.either(pattern.of.map((branch) => this.part(branch)));
    if (pattern.kind === 'repeat') return this.repeated(pattern.of, pattern.min, pattern.max);
    if (pattern.kind !== 'set') throw new NotProved();
    const at = [this.position(pattern.ranges)];
    return { nullable: false, first: at, last: at };
  }

  private follow(a: Part, b: Part): Part {
    this.connect(a.last, b.first);
    return {
      nullable: a.nullable && b.nullable,
      first: a.nullable ? [...a.first, ...b.first] : a.first,
      last: b.nullable ? [...a.last, ...b.last] : b.last,
    };
  }

  private either(branches: readonly Part[]): Part {
    if (branches.filter((branch) => branch.nullable).length > 1) throw new NotProved();
    return {
      nullable: branches.some((branch) => branch.nullable),
      first: branches.flatMap((branch) => branch.first),
      last: branches.flatMap((branch) => branch.last),
    };
  }

  /** `X{2,4}` is read as `XX(X(X)?)?`; a long run of one set as an endless one, which has more followers, not fewer. */
  private repeated(of: Pattern, min: number, max: number): Part {
    if (max === 0) return EMPTY;
    if (of.kind === 'set' && max > LONG_RUN && max !== Number.POSITIVE_INFINITY)
      return this.repeated(of, Math.min(min, 1), Number.POSITIVE_INFINITY);
    const endless = max === Number.POSITIVE_INFINITY;
    const copies = endless ? Math.max(min, 1) : max;
    let all = EMPTY;
    const ends: number[] = [];
    for (let copy = 1; copy <= copies; copy++) {
      const next = this.part(of);
      if (next.nullable && (min === 0 || max > 1)) throw new NotProved();
      if (endless && copy === copies) this.connect(next.last, next.first);
      all = copy === 1 ? next : { ...this.follow(all, next), first: all.first };
      if (copy >= min) ends.push(...next.last);
    }
    return { nullable: all.nullable || min === 0, first: all.first, last: ends };
  }
}
