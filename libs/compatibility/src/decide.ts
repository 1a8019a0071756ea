import type { Node } from './model/atoms.js';
import { Builder, NotModelled, type Role } from './model/build.js';
import { Fuel } from './model/holds.js';
import { Pool } from './model/pool.js';
import type { Opened } from './opened.js';
import { no, yes } from './prove/outcome.js';
import { Prover } from './prove/prover.js';
import { NumberTooLarge } from './values/decimal.js';
import { isInDoubles, textOf, type Value } from './values/value.js';

/** Whether every document that the writer's version accepts is accepted by the reader's. */
export type Decision =
  | { readonly kind: 'holds' }
  | { readonly kind: 'breaks'; readonly witness: string; readonly verifiedBy: 'validator' | 'arithmetic' }
  | { readonly kind: 'open'; readonly code: 'UNKNOWN_KEYWORD_USE' | 'BUDGET'; readonly reason: string };

/** How schemas are read: as they are, or as LENIENT takes them. */
export type Reading = 'STRICT' | 'LENIENT';

/**
 * Decides one direction. Where a number in a schema is none that a double holds, it is decided twice, with exact numbers and with those that
 * the validator of the road sees, and holds only if it does so both times.
 */
export function decide(writer: Opened, reader: Opened, reading: Reading, fuel: Fuel): Decision {
  const isLossy = writer.isLossy || reader.isLossy;
  for (const isExact of isLossy ? [true, false] : [false]) {
    const decision = decideOnce(writer, reader, { reading, isExact, isLossy }, fuel);
    if (decision.kind !== 'holds') return decision;
  }
  return { kind: 'holds' };
}

interface Manner {
  readonly reading: Reading;
  readonly isExact: boolean;
  readonly isLossy: boolean;
}

function decideOnce(writer: Opened, reader: Opened, manner: Manner, fuel: Fuel): Decision {
  const { reading, isExact } = manner;
  const pool = new Pool();
  let goal: { wrote: Node; reads: Node };
  try {
    const nodeOf = ({ schema, texts }: Opened, role: Role): Node => new Builder(pool, schema, isExact ? texts : [], role).root();
    const isLenient = reading === 'LENIENT';
    goal = { wrote: nodeOf(writer, isLenient ? 'closed' : 'as is'), reads: nodeOf(reader, isLenient ? 'opened' : 'as is') };
  } catch (error) {
    if (error instanceof NotModelled || error instanceof NumberTooLarge)
      return { kind: 'open', code: 'UNKNOWN_KEYWORD_USE', reason: error.message };
    if (error instanceof RangeError) return { kind: 'open', code: 'BUDGET', reason: 'the schemas nest too deeply' };
    throw error;
  }
  const outcome = new Prover(pool, occursIn(writer, reader), fuel).ask([yes(goal.wrote), no(goal.reads)]);
  if (outcome.kind === 'unsat') return { kind: 'holds' };
  if (outcome.kind === 'unknown')
    return { kind: 'open', code: fuel.isEmpty ? 'BUDGET' : 'UNKNOWN_KEYWORD_USE', reason: outcome.why };
  return confirm(outcome.value, writer, reader, manner);
}

/** A document is shown only after both versions were asked what they make of it. */
function confirm(value: Value, writer: Opened, reader: Opened, { isExact, isLossy }: Manner): Decision {
  const witness = textOf(value);
  if (isInDoubles(value)) {
    const document: unknown = JSON.parse(witness);
    if (writer.schema.accepts(document) === true && reader.schema.accepts(document) === false)
      return { kind: 'breaks', witness, verifiedBy: 'validator' };
    if (!(isLossy && isExact)) {
      const reason = 'a document was found, but the validator could not confirm it within its budget';
      return { kind: 'open', code: 'UNKNOWN_KEYWORD_USE', reason };
    }
  }
  return { kind: 'breaks', witness, verifiedBy: 'arithmetic' };
}

/** Asks the version that uses a pattern whether it occurs in a text. */
export function occursIn(writer: Opened, reader: Opened): (pattern: string, text: string) => boolean {
  return (pattern, text) => writer.schema.matches(pattern, text) || reader.schema.matches(pattern, text);
}
