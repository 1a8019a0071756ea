import type { Ranges } from '#schema';

const LAST = 0x10ffff;
const SURROGATES: Ranges = [0xd800, 0xdfff];
const MAX_CUTS = 20_000;
/** Characters that people read without effort come first in a witness. */
const PLEASANT: Ranges[] = [
  [0x61, 0x7a],
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x2d, 0x2d],
  [0x20, 0x7e],
  [0xa1, 0x2027],
  [0x3041, 0xd7ff],
];

/** One character for each group of characters that no set tells apart; surrogates, which no strict JSON text holds alone, are left out. */
export function alphabetOf(all: readonly Ranges[], burn: (steps: number) => void): number[] | undefined {
  const sets = [...new Set(all)];
  const cuts = new Set([0]);
  for (const set of [...sets, SURROGATES, ...PLEASANT]) {
    for (let i = 0; i < set.length; i += 2) {
      cuts.add(set[i] ?? 0);
      cuts.add((set[i + 1] ?? 0) + 1);
    }
    if (cuts.size > MAX_CUTS) return undefined;
  }
  const starts = [...cuts].filter((cut) => cut <= LAST).sort((a, b) => a - b);
  burn(10 + (sets.length * starts.length) / 10);
  const groups = new Map<string, number>();
  const walkers = sets.map((set) => new Walker(set));
  const surrogate = new Walker(SURROGATES);
  for (const start of starts) {
    const signature = walkers.map((walker) => (walker.holds(start) ? '1' : '0')).join('');
    if (surrogate.holds(start)) continue;
    const best = groups.get(signature);
    if (best === undefined || rank(start) < rank(best)) groups.set(signature, start);
  }
  return [...groups.values()].sort((a, b) => rank(a) - rank(b) || a - b);
}

function rank(point: number): number {
  const at = PLEASANT.findIndex((set) => point >= (set[0] ?? 0) && point <= (set[1] ?? 0));
  return at < 0 ? PLEASANT.length : at;
}

/** Asks a set for points in rising order. */
class Walker {
  private at = 0;
  constructor(private readonly set: Ranges) {}

  holds(point: number): boolean {
    while (this.at < this.set.length && point > (this.set[this.at + 1] ?? 0)) this.at += 2;
    return this.at < this.set.length && point >= (this.set[this.at] ?? 0);
  }
}
