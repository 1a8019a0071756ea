export { compare } from './compare.js';
export { type Finding, lint } from './lint/lint.js';
export {
  type Break,
  type Change,
  type Check,
  type Direction,
  LEVELS,
  type Level,
  type Policy,
  type Question,
  type Safety,
  type SchemaSource,
  type Undecided,
  type Verdict,
} from './verdict.js';
export { type Budget, Comparer, compareWithin } from './within.js';
