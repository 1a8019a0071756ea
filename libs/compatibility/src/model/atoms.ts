import type { Decimal } from '../values/decimal.js';
import type { Value } from '../values/value.js';

/**
 * A schema as the conjunction of its atoms; no atoms: everything passes. Two parts that say the same are the same node, whatever
 * version they come from.
 */
export interface Node {
  readonly id: number;
  readonly atoms: readonly Atom[];
}

interface Kinds {
  /** Bits of TYPES that pass. 0: nothing does. */
  type: { readonly mask: number };
  enum: { readonly values: readonly Value[]; readonly identities: ReadonlySet<string> };
  minimum: { readonly limit: Decimal; readonly exclusive: boolean };
  maximum: { readonly limit: Decimal; readonly exclusive: boolean };
  multipleOf: { readonly factor: Decimal };
  minLength: { readonly count: number };
  maxLength: { readonly count: number };
  pattern: { readonly text: string };
  format: { readonly name: string };
  items: { readonly prefix: readonly Node[]; readonly rest: Node };
  minItems: { readonly count: number };
  maxItems: { readonly count: number };
  atLeast: { readonly of: Node; readonly count: number };
  atMost: { readonly of: Node; readonly count: number };
  uniqueItems: { readonly unique: true };
  members: Members;
  propertyNames: { readonly of: Node };
  required: { readonly name: string };
  minProperties: { readonly count: number };
  maxProperties: { readonly count: number };
  anyOf: { readonly of: readonly Node[] };
  oneOf: { readonly of: readonly Node[] };
  not: { readonly of: Node };
  if: { readonly if: Node; readonly then: Node; readonly else: Node };
  /** A part that leads back to itself; `target` is set when all of the schema has been read. */
  $ref: { readonly target: { node: Node } };
  unevaluatedProperties: { readonly rest: Node; readonly seen: readonly Seen[] };
}

/** `properties`, `patternProperties` and `additionalProperties`, which only mean something together. */
export interface Members {
  readonly properties: ReadonlyMap<string, Node>;
  readonly patterns: readonly (readonly [pattern: string, of: Node])[];
  readonly rest: Node;
}

/** Names that count as looked at where all of `when` hold. */
export interface Seen {
  readonly when: readonly Node[];
  readonly names: readonly string[];
  readonly patterns: readonly string[];
  readonly everything: boolean;
}

export type AtomKind = keyof Kinds;
type Body<K extends AtomKind> = { readonly kind: K } & Kinds[K];

/** What an atom says, before it has a number. */
export type AtomBody = { [K in AtomKind]: Body<K> }[AtomKind];
/** One thing that a schema demands. Atoms with the same number demand the same. */
export type Atom = AtomBody & { readonly id: number };
/** The atoms of one kind. */
export type AtomOf<K extends AtomKind> = Body<K> & { readonly id: number };
