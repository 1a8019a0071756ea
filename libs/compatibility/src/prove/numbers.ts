import { commonMultiple, Decimal, gcd } from '../values/decimal.js';
import { TYPES, type Value } from '../values/value.js';
import type { Branch } from './branch.js';
import { type Outcome, sat, UNSAT, unknown } from './outcome.js';

interface Limit {
  readonly at: Decimal;
  readonly exclusive: boolean;
}

interface Demands {
  low: Limit | undefined;
  high: Limit | undefined;
  readonly factors: Decimal[];
  readonly noFactors: Decimal[];
}

const MAX_TRIED = 256;
const HALF = Decimal.of(5n, -1);

/** Looks for a number of one type, whole or not, that a branch lets pass. Exact and complete but for very large ranges. */
export function solveNumber(branch: Branch, type: number, fits: (value: Value) => boolean): Outcome {
  const demands = demandsOf(branch);
  const { low, high, factors, noFactors } = demands;
  if (type === TYPES.integer) factors.push(Decimal.ONE);
  else noFactors.push(Decimal.ONE);
  const span = low && high ? high.at.compare(low.at) : 1;
  if (span < 0 || (span === 0 && (low?.exclusive || high?.exclusive))) return UNSAT;
  return factors.length > 0 ? onGrid(demands, fits) : between(demands, fits);
}

function demandsOf(branch: Branch): Demands {
  const demands: Demands = { low: undefined, high: undefined, factors: [], noFactors: [] };
  const raise = (limit: Limit): void => {
    const order = demands.low === undefined ? 1 : limit.at.compare(demands.low.at);
    if (order > 0 || (order === 0 && limit.exclusive)) demands.low = limit;
  };
  const lower = (limit: Limit): void => {
    const order = demands.high === undefined ? -1 : limit.at.compare(demands.high.at);
    if (order < 0 || (order === 0 && limit.exclusive)) demands.high = limit;
  };
  for (const { limit: at, exclusive } of branch.atoms('minimum', true)) raise({ at, exclusive });
  for (const { limit: at, exclusive } of branch.atoms('maximum', true)) lower({ at, exclusive });
  for (const { limit: at, exclusive } of branch.atoms('minimum', false)) lower({ at, exclusive: !exclusive });
  for (const { limit: at, exclusive } of branch.atoms('maximum', false)) raise({ at, exclusive: !exclusive });
  for (const { factor } of branch.atoms('multipleOf', true)) demands.factors.push(factor);
  for (const { factor } of branch.atoms('multipleOf', false)) demands.noFactors.push(factor);
  return demands;
}

/** All factors together ask for the multiples of one step. */
function onGrid({ low, high, factors, noFactors }: Demands, fits: (value: Value) => boolean): Outcome {
  const step = factors.reduce(commonMultiple);
  if (noFactors.some((factor) => step.isMultipleOf(factor))) return UNSAT;
  let first = low === undefined ? undefined : low.at.floorBy(step);
  if (low && first !== undefined && (low.exclusive || step.times(first).compare(low.at) < 0)) first += 1n;
  let last = high === undefined ? undefined : high.at.floorBy(step);
  if (high && last !== undefined && high.exclusive && step.times(last).compare(high.at) === 0) last -= 1n;
  if (first !== undefined && last !== undefined && first > last) return UNSAT;
  const tried = [...aroundZero(first, last, MAX_TRIED)];
  for (const count of tried) if (fits(step.times(count))) return sat(step.times(count));
  if (first !== undefined && last !== undefined && last - first < BigInt(tried.length)) return UNSAT;
  // A count that is 1 more than a multiple of every forbidden period hits none of them.
  const period = noFactors.map((factor) => periodOf(step, factor)).reduce((a, b) => (a / gcd(a, b)) * b, 1n);
  const from = first ?? (last === undefined ? 1n : last - period * 1000n);
  for (let i = 0n; i < 1000n; i++) {
    const count = from - (((from % period) + period) % period) + period * i + 1n;
    if ((first === undefined || count >= first) && (last === undefined || count <= last) && fits(step.times(count)))
      return sat(step.times(count));
  }
  return unknown('no number was found that keeps all of multipleOf, minimum, maximum and enum');
}

/** Every how manyth multiple of `step` is a multiple of `factor` too. */
function periodOf(step: Decimal, factor: Decimal): bigint {
  const shared = Math.min(step.exponent, factor.exponent);
  const [a, b] = [step.at(shared), factor.at(shared)];
  return b / gcd(a, b);
}

function* aroundZero(first: bigint | undefined, last: bigint | undefined, limit: number): Generator<bigint> {
  if (first !== undefined && first >= 0n) {
    for (let i = 0n; i < limit && (last === undefined || first + i <= last); i++) yield first + i;
  } else if (last !== undefined && last <= 0n) {
    for (let i = 0n; i < limit && (first === undefined || last - i >= first); i++) yield last - i;
  } else {
    yield 0n;
    for (let i = 1n, n = 1; n < limit; i++) {
      const up = last === undefined || i <= last;
      const down = first === undefined || -i >= first;
      if (!up && !down) return;
      if (up && ++n) yield i;
      if (down && ++n) yield -i;
    }
  }
}

/** Between two limits lie numbers of as many digits as it takes to be a multiple of nothing forbidden. */
function between({ low, high, noFactors }: Demands, fits: (value: Value) => boolean): Outcome {
  if (low && high && low.at.compare(high.at) === 0) return fits(low.at) ? sat(low.at) : UNSAT;
  const finest = Math.min(0, ...[low?.at, high?.at, ...noFactors].map((number) => number?.exponent ?? 0));
  const starts = [HALF, HALF.negated(), low?.at, high?.at, low?.at.plus(HALF), high?.at.plus(HALF.negated())];
  const inside = (value: Decimal): boolean =>
    (low === undefined || value.compare(low.at) > (low.exclusive ? 0 : -1)) &&
    (high === undefined || value.compare(high.at) < (high.exclusive ? 0 : 1));
  const good = (value: Decimal): boolean => inside(value) && fits(value);
  for (const start of starts) if (start !== undefined && good(start)) return sat(start);
  for (let exponent = -1; exponent > finest - 40; exponent--) {
    for (const start of [Decimal.ZERO, low?.at, high?.at]) {
      for (const digit of [1n, -1n, 3n, -3n, 7n, -7n]) {
        const value = start?.plus(Decimal.of(digit, exponent));
        if (value !== undefined && good(value)) return sat(value);
      }
    }
  }
  return unknown('no number was found between the limits');
}
