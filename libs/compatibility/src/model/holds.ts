import { hasFormat } from '#schema';
import { Decimal } from '../values/decimal.js';
import { identityOf, isList, isMap, lengthOf, typeOf, type Value } from '../values/value.js';
import type { Atom, AtomOf, Members, Node } from './atoms.js';

/** Thrown where thinking takes more steps than it may. */
export class OutOfSteps extends Error {}

/** Counts steps, so that a verdict depends on the schemas alone and not on the machine's mood. */
export class Fuel {
  private reserve = 0;

  constructor(private left: number) {}

  burn(steps = 1): void {
    this.left -= steps;
    if (this.left < this.reserve) throw new OutOfSteps();
  }

  /** Keeps a share of what is left for later; 0 gives it free. */
  keep(share: number): void {
    this.reserve = share * Math.max(0, this.left);
  }

  get isEmpty(): boolean {
    return this.left <= 0;
  }
}

/** Judges values with exact numbers, atom by atom: the model's own reading of JSON Schema. */
export class Judge {
  constructor(
    private readonly occurs: (pattern: string, text: string) => boolean,
    private readonly fuel: Fuel,
  ) {}

  accepts(node: Node, value: Value): boolean {
    return node.atoms.every((atom) => this.holds(atom, value));
  }

  /** Whether one atom lets a value pass. Atoms about other types than the value's always do. */
  holds(atom: Atom, value: Value): boolean {
    this.fuel.burn();
    switch (atom.kind) {
      case 'type':
        return (typeOf(value) & atom.mask) !== 0;
      case 'enum':
        return atom.identities.has(identityOf(value));
      case 'not':
        return !this.accepts(atom.of, value);
      case 'anyOf':
        return atom.of.some((node) => this.accepts(node, value));
      case 'oneOf':
        return atom.of.filter((node) => this.accepts(node, value)).length === 1;
      case 'if':
        return this.accepts(this.accepts(atom.if, value) ? atom.then : atom.else, value);
      case '$ref':
        return this.accepts(atom.target.node, value);
      case 'minimum':
        return !(value instanceof Decimal) || value.compare(atom.limit) >= (atom.exclusive ? 1 : 0);
      case 'maximum':
        return !(value instanceof Decimal) || value.compare(atom.limit) <= (atom.exclusive ? -1 : 0);
      case 'multipleOf':
        return !(value instanceof Decimal) || value.isMultipleOf(atom.factor);
      case 'minLength':
        return typeof value !== 'string' || lengthOf(value) >= atom.count;
      case 'maxLength':
        return typeof value !== 'string' || lengthOf(value) <= atom.count;
      case 'pattern':
        return typeof value !== 'string' || this.occurs(atom.text, value);
      case 'format':
        return typeof value !== 'string' || hasFormat(atom.name, value) !== false;
      case 'items':
        return !isList(value) || value.every((item, i) => this.accepts(atom.prefix[i] ?? atom.rest, item));
      case 'minItems':
        return !isList(value) || value.length >= atom.count;
      case 'maxItems':
        return !isList(value) || value.length <= atom.count;
      case 'atLeast':
        return !isList(value) || value.filter((item) => this.accepts(atom.of, item)).length >= atom.count;
      case 'atMost':
        return !isList(value) || value.filter((item) => this.accepts(atom.of, item)).length <= atom.count;
      case 'uniqueItems':
        return !isList(value) || new Set(value.map(identityOf)).size === value.length;
      case 'members':
        return !isMap(value) || [...value].every(([name, below]) => this.acceptsMember(atom, name, below));
      case 'propertyNames':
        return !isMap(value) || [...value.keys()].every((name) => this.accepts(atom.of, name));
      case 'required':
        return !isMap(value) || value.has(atom.name);
      case 'minProperties':
        return !isMap(value) || value.size >= atom.count;
      case 'maxProperties':
        return !isMap(value) || value.size <= atom.count;
      case 'unevaluatedProperties':
        return !isMap(value) || this.unseen(atom, value).every((below) => this.accepts(atom.rest, below));
      default:
        return atom satisfies never;
    }
  }

  private acceptsMember(members: Members, name: string, value: Value): boolean {
    return this.schemasFor(members, name).every((node) => this.accepts(node, value));
  }

  /** What `properties`, `patternProperties` and `additionalProperties` demand of the member of a name. */
  schemasFor(members: Members, name: string): Node[] {
    const own = members.properties.get(name);
    const found = members.patterns.filter(([pattern]) => this.occurs(pattern, name)).map(([, node]) => node);
    if (own !== undefined) found.push(own);
    return found.length > 0 ? found : [members.rest];
  }

  private unseen(atom: AtomOf<'unevaluatedProperties'>, map: ReadonlyMap<string, Value>): Value[] {
    const seen = atom.seen.filter(({ when }) => when.every((node) => this.accepts(node, map)));
    if (seen.some(({ everything }) => everything)) return [];
    const isSeen = (name: string): boolean =>
      seen.some(({ names, patterns }) => names.includes(name) || patterns.some((pattern) => this.occurs(pattern, name)));
    return [...map].filter(([name]) => !isSeen(name)).map(([, value]) => value);
  }
}
