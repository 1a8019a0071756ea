import { invalid, SchemaProblem } from '../problem.js';
import { type Draft, draftOf, since } from './drafts.js';
import { refuseMalformed } from './meta.js';
import { subschemasOf } from './subschemas.js';
import { isNode, type Node, readSchemaText } from './text.js';

/** A registered schema that another one refers to, under the name that it uses in `$ref`. */
export interface Reference {
  readonly name: string;
  readonly text: string;
}

/** One schema document: its root and the base that its relative references start from. */
interface Document {
  readonly root: Node | boolean;
  readonly base: string;
}

/** Where a node stands: the base of relative references there, the schema that set this base, and its document. */
interface Place {
  readonly base: string;
  readonly resource: object;
  readonly document: Document;
}

/**
 * One schema and all that it may refer to. Finds what `$ref`, `$dynamicRef` and `$recursiveRef` mean by itself, so that no
 * identifier is ever handed to ajv: identifiers in the wild are odd (`urn:statement`), repeated, or meant as annotations.
 * Nothing is fetched: what is neither here nor registered is missing.
 */
export class Library {
  readonly draft: Draft;
  readonly root: Node | boolean;
  private readonly places = new Map<object, Place>();
  private readonly resources = new Map<string, object[]>();
  private readonly anchors = new Map<string, object[]>();
  private readonly dynamic = new Map<string, Set<object>>();
  private readonly missing = new Set<string>();
  private readonly roots: (Node | boolean)[] = [];

  constructor(text: string, references: readonly Reference[]) {
    this.root = readSchemaText(text);
    this.draft = draftOf(this.root);
    const base = this.add(this.root, 'khidi-schema://registry/root');
    for (const { name, text: other } of references) {
      const schema = this.readReference(name, other);
      this.add(schema, absolute(name, base), name);
    }
  }

  /** All schema documents that were handed in. */
  documents(): readonly (Node | boolean)[] {
    return this.roots;
  }

  /** What `$ref: reference` at `node` leads to. Notes what is missing and answers undefined. */
  resolve(node: Node, reference: string): Node | boolean | undefined {
    const place = this.placeOf(node);
    const [address = '', fragment = ''] = absolute(reference, place.base).split('#', 2);
    const resource = reference === '' || reference.startsWith('#') ? place.resource : this.resourceAt(address, reference);
    if (resource === undefined) return undefined;
    const pointer = decode(fragment);
    if (pointer !== '' && !pointer.startsWith('/')) return this.anchored(address, pointer);
    const target = this.walk(resource, pointer) ?? this.walk(place.document.root, pointer);
    if (target === undefined) throw invalid(`$ref leads to ${reference}, where there is nothing`, undefined, '$ref');
    return target;
  }

  /**
   * What `$dynamicRef` leads to. Where several schemas carry the anchor, the outermost one on the way counts; that is decided here
   * if it is the root, and refused if it would depend on the way.
   */
  resolveDynamic(node: Node, reference: string): Node | boolean | undefined {
    const target = this.resolve(node, reference);
    const name = decode(reference.split('#', 2)[1] ?? '');
    if (!isNode(target) || target.$dynamicAnchor !== name) return target;
    const candidates = [...(this.dynamic.get(name) ?? [])];
    const atRoot = candidates.filter((candidate) => this.baseOf(candidate) === this.baseOf(this.root));
    const [chosen] = atRoot.length > 0 ? atRoot : candidates;
    if (atRoot.length !== 1 && candidates.length > 1)
      throw invalid(`$dynamicRef ${reference} means different schemas on different ways`, undefined, '$dynamicRef');
    return chosen as Node;
  }

  /** What `$recursiveRef: "#"` leads to: the outermost root that allows it, as far as that can be said without the way. */
  resolveRecursive(node: Node): Node | boolean | undefined {
    const target = this.resolve(node, '#');
    if (!isNode(target) || target.$recursiveAnchor !== true) return target;
    if (isNode(this.root) && this.root.$recursiveAnchor === true) return this.root;
    const others = [...this.resources.values()].flat().filter((other) => isNode(other) && other.$recursiveAnchor === true);
    if (new Set(others).size > 1)
      throw invalid('$recursiveRef means different schemas on different ways', undefined, '$recursiveRef');
    return target;
  }

  /** Throws SCHEMA_REFERENCE_MISSING with the names of all that was asked for and is not here. */
  refuseMissing(): void {
    if (this.missing.size === 0) return;
    const names = [...this.missing].map((name) => (name === '' ? '#' : name)).join(', ');
    throw new SchemaProblem(
      'SCHEMA_REFERENCE_MISSING',
      `register these first and name them in references: ${names}`,
      undefined,
      '$ref',
    );
  }

  private resourceAt(address: string, reference: string): object | undefined {
    const [written = ''] = reference.split('#', 1);
    const found = this.resources.get(address) ?? this.resources.get(written) ?? [];
    if (found.length > 1) throw invalid(`$ref names ${written}, which several schemas claim as $id`, undefined, '$ref');
    if (found[0] === undefined) this.missing.add(written);
    return found[0];
  }

  private readReference(name: string, text: string): Node | boolean {
    const schema = readSchemaText(text);
    const draft = draftOf(schema);
    const isSilent = typeof schema === 'boolean' || schema.$schema === undefined;
    if (draft !== this.draft && !isSilent)
      throw invalid(`the referenced schema ${name} is written in draft ${draft}, this one in ${this.draft}`, undefined, '$ref');
    return schema;
  }

  private add(root: Node | boolean, base: string, name?: string): string {
    const document = { root, base };
    this.roots.push(root);
    const resource = typeof root === 'boolean' ? (Object(root) as object) : root;
    if (typeof root === 'object') this.index(root, { base, resource, document });
    this.offer(base, resource);
    if (name !== undefined) this.offer(name, resource);
    return this.baseOf(root) ?? base;
  }

  private index(node: Node, place: Place): void {
    const own = this.ownBase(node, place.base);
    const here = own === place.base ? place : { ...place, base: own, resource: node };
    this.places.set(node, here);
    if (own !== place.base) this.offer(own, node);
    for (const name of this.anchorsOf(node)) append(this.anchors, `${own}#${name}`, node);
    if (since('2020-12', this.draft) && typeof node.$dynamicAnchor === 'string') {
      const same = this.dynamic.get(node.$dynamicAnchor) ?? new Set();
      this.dynamic.set(node.$dynamicAnchor, same.add(node));
    }
    for (const schema of subschemasOf(node, this.draft)) if (isNode(schema)) this.index(schema, here);
  }

  /** The base that `$id` (draft 04: `id`) sets. Beside `$ref` it is ignored up to draft 07. */
  private ownBase(node: Node, base: string): string {
    const id = this.draft === '04' ? node.id : node.$id;
    const isIgnored = !since('2019-09', this.draft) && typeof node.$ref === 'string';
    if (typeof id !== 'string' || isIgnored || id === '' || id.startsWith('#')) return base;
    return absolute(id, base).split('#', 1)[0] ?? base;
  }

  private anchorsOf(node: Node): string[] {
    const id = this.draft === '04' ? node.id : node.$id;
    if (!since('2019-09', this.draft)) return typeof id === 'string' && id.includes('#') ? [id.slice(id.indexOf('#') + 1)] : [];
    return [node.$anchor, since('2020-12', this.draft) ? node.$dynamicAnchor : undefined].filter(
      (name) => typeof name === 'string',
    );
  }

  private anchored(address: string, name: string): Node {
    const found = this.anchors.get(`${address}#${name}`) ?? [];
    const [only] = found;
    if (only === undefined || found.length > 1)
      throw invalid(`$ref leads to the anchor #${name}, which ${only ? 'occurs twice' : 'is nowhere'}`, undefined, '$ref');
    return only as Node;
  }

  private walk(from: unknown, pointer: string): Node | boolean | undefined {
    let at: unknown = from instanceof Boolean ? from.valueOf() : from;
    let place = typeof at === 'object' && at !== null ? this.places.get(at) : undefined;
    for (const segment of pointer.split('/').slice(1)) {
      const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
      at = (at as Node)[name];
      place = (typeof at === 'object' && at !== null ? this.places.get(at) : undefined) ?? place;
    }
    // A place that no keyword leads to (`#/components/…`, `$defs` before 2019-09) becomes a schema by being referred to.
    if (isNode(at) && !this.places.has(at) && place !== undefined) {
      refuseMalformed(at, this.draft);
      this.index(at, place);
    }
    return isNode(at) || typeof at === 'boolean' ? at : undefined;
  }

  private offer(address: string, node: object): void {
    const known = this.resources.get(address) ?? [];
    if (!known.includes(node)) this.resources.set(address, [...known, node]);
  }

  private placeOf(node: Node): Place {
    const place = this.places.get(node);
    if (place === undefined) throw invalid('a reference stands where no schema is');
    return place;
  }

  private baseOf(node: unknown): string | undefined {
    return typeof node === 'object' && node !== null ? this.places.get(node)?.base : undefined;
  }
}

function append(map: Map<string, object[]>, key: string, node: object): void {
  map.set(key, [...(map.get(key) ?? []), node]);
}

/** Resolves a reference against a base by RFC 3986 where the base allows it; other names are compared as they are written. */
function absolute(reference: string, base: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(reference)) return reference;
  if (reference === '' || reference.startsWith('#')) return `${base.split('#', 1)[0]}${reference}`;
  try {
    return new URL(reference, base).href;
  } catch {
    return reference; // the base is a URN or a plain name: nothing is relative to it
  }
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
