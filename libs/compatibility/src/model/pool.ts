import { ANY_TYPE, identityOf, TYPES, type Value } from '../values/value.js';
import type { Atom, AtomBody, Node, Seen } from './atoms.js';

/** Gives equal parts of schemas one identity, across both versions. */
export class Pool {
  private readonly nodes = new Map<string, Node>();
  private readonly atoms = new Map<string, Atom>();
  /** Accepts everything. */
  readonly any: Node;
  /** Accepts nothing. */
  readonly never: Node;

  constructor() {
    this.any = this.node([]);
    this.never = this.node([this.atom({ kind: 'type', mask: 0 })]);
  }

  /** The conjunction of some atoms. */
  node(atoms: readonly Atom[]): Node {
    const unique = [...new Map(atoms.map((atom) => [atom.id, atom])).values()].sort((a, b) => a.id - b.id);
    const key = unique.map(({ id }) => id).join(',');
    let node = this.nodes.get(key);
    if (node === undefined) {
      node = { id: this.nodes.size, atoms: unique };
      this.nodes.set(key, node);
    }
    return node;
  }

  atom(body: AtomBody): Atom {
    const key = keyOf(body);
    let atom = this.atoms.get(key);
    if (atom === undefined) {
      atom = { ...body, id: this.atoms.size } as Atom;
      this.atoms.set(key, atom);
    }
    return atom;
  }

  /** What accepts exactly these values. */
  enumeration(values: readonly Value[]): Atom {
    const byIdentity = new Map(values.map((value) => [identityOf(value), value]));
    const identities = [...byIdentity.keys()].sort();
    return this.atom({
      kind: 'enum',
      values: identities.map((identity) => byIdentity.get(identity) ?? null),
      identities: new Set(identities),
    });
  }

  not(of: Node): Node {
    if (of === this.any) return this.never;
    return of === this.never ? this.any : this.node([this.atom({ kind: 'not', of })]);
  }

  /** What accepts objects that have a member of this name. */
  has(name: string): Node {
    return this.node([this.atom({ kind: 'type', mask: TYPES.object }), this.atom({ kind: 'required', name })]);
  }

  anyOf(of: readonly Node[]): Node {
    if (of.includes(this.any)) return this.any;
    const rest = [...new Set(of)].filter((node) => node !== this.never);
    const [only] = rest;
    if (only === undefined) return this.never;
    return rest.length === 1 ? only : this.node([this.atom({ kind: 'anyOf', of: rest })]);
  }

  /** What asks something of some types only: `mask` says which. */
  onlyFor(mask: number, of: Node): Node {
    return this.anyOf([this.node([this.atom({ kind: 'type', mask: ANY_TYPE & ~mask })]), of]);
  }
}

const ids = (nodes: readonly Node[]): string => nodes.map(({ id }) => id).join(',');

function keyOf(body: AtomBody): string {
  switch (body.kind) {
    case 'type':
      return `type ${body.mask}`;
    case 'enum':
      return `enum ${[...body.identities].join(',')}`;
    case 'minimum':
    case 'maximum':
      return `${body.kind} ${body.limit} ${body.exclusive}`;
    case 'multipleOf':
      return `multipleOf ${body.factor}`;
    case 'pattern':
      return `pattern ${body.text}`;
    case 'format':
      return `format ${body.name}`;
    case 'items':
      return `items ${ids(body.prefix)};${body.rest.id}`;
    case 'atLeast':
    case 'atMost':
      return `${body.kind} ${body.of.id} ${body.count}`;
    case 'uniqueItems':
      return body.kind;
    case 'members':
      return `members ${mapKey([...body.properties])};${mapKey(body.patterns)};${body.rest.id}`;
    case 'propertyNames':
    case 'not':
      return `${body.kind} ${body.of.id}`;
    case 'required':
      return `required ${body.name}`;
    case 'anyOf':
    case 'oneOf':
      return `${body.kind} ${[...body.of].map(({ id }) => id).sort((a, b) => a - b)}`;
    case 'if':
      return `if ${body.if.id} ${body.then.id} ${body.else.id}`;
    case '$ref':
      return `$ref ${refNumber(body.target)}`;
    case 'unevaluatedProperties':
      return `unevaluated ${body.rest.id};${JSON.stringify(body.seen.map(seenKey))}`;
    case 'minLength':
    case 'maxLength':
    case 'minItems':
    case 'maxItems':
    case 'minProperties':
    case 'maxProperties':
      return `${body.kind} ${body.count}`;
    default:
      return body satisfies never;
  }
}

function mapKey(entries: readonly (readonly [string, Node])[]): string {
  const sorted = entries
    .map(([name, { id }]) => [name, id] as const)
    .sort(([a, i], [b, j]) => (a === b ? i - j : a < b ? -1 : 1));
  return JSON.stringify(sorted);
}

function seenKey({ when, names, patterns, everything }: Seen): unknown {
  return [when.map(({ id }) => id), names, patterns, everything];
}

const refNumbers = new WeakMap<object, number>();
let refs = 0;

/** Parts that lead back to themselves are told apart by where they are, not by what they say. */
function refNumber(target: object): number {
  let number = refNumbers.get(target);
  if (number === undefined) {
    number = refs++;
    refNumbers.set(target, number);
  }
  return number;
}
