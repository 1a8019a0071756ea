import type { JsonValue } from '#canonical';
import { RegistryError } from '../registry-error.js';
import type { TagChange } from './register-request.js';

const TAGS = 'confluent:tags';
const COMBINED = ['allOf', 'anyOf', 'oneOf'] as const;

/** One place of a schema and its tags, as Confluent's API shows them. */
export interface Tagged {
  readonly schemaEntity: { readonly entityPath: string; readonly entityType: 'sr_record' | 'sr_field' };
  readonly tags: readonly string[];
}

type Node = { [name: string]: JsonValue };

/**
 * The schema text with `confluent:tags` added and removed. A path is the word of a schema's kind, a property's name, the kind again and
 * so on: `object.address.object.street`. Throws 42201 for a path that leads nowhere.
 */
export function retagged(text: string, add: readonly TagChange[], remove: readonly TagChange[]): string {
  if (add.length === 0 && remove.length === 0) return text;
  const root = parse(text);
  for (const { path, tags } of add) change(at(root, path), (known) => [...known, ...tags]);
  for (const { path, tags } of remove) change(at(root, path), (known) => known.filter((tag) => !tags.includes(tag)));
  return JSON.stringify(root);
}

/** All places whose tags are among `wanted`; `*` means any. */
export function findTags(text: string, wanted: readonly string[]): Tagged[] {
  const found: Tagged[] = [];
  const visit = (node: JsonValue | undefined, path: string, entityType: Tagged['schemaEntity']['entityType']): void => {
    if (!isNode(node)) return;
    const tags = tagsOf(node).filter((tag) => wanted.includes('*') || wanted.includes(tag));
    if (tags.length > 0) found.push({ schemaEntity: { entityPath: path, entityType }, tags });
    const { properties } = node;
    const here = path === '' ? 'object' : entityType === 'sr_field' ? `${path}.object` : path;
    if (isNode(properties)) {
      for (const [name, below] of Object.entries(properties)) visit(below, `${here}.${name}`, 'sr_field');
    }
    const { items } = node;
    if (isNode(items)) visit(items, `${path}.array`, 'sr_field');
    for (const keyword of COMBINED) {
      const branches = node[keyword];
      if (Array.isArray(branches)) for (const branch of branches) visit(branch, path, entityType);
    }
  };
  visit(parse(text), 'object', 'sr_record');
  return found;
}

function at(root: JsonValue, path: string): Node {
  let node: JsonValue | undefined = root;
  const words = path.split('.').slice(1); // the first word says what kind the root is
  for (let i = 0; i < words.length && isNode(node); i += 1) {
    const word = words[i] ?? '';
    if (word === 'array' && isNode(node.items)) node = node.items;
    else if (isNode(node.properties) && Object.hasOwn(node.properties, word)) node = node.properties[word];
    else if (word !== 'object') node = undefined; // `object` repeats what kind the schema before it is
  }
  if (!isNode(node)) throw new RegistryError(42201, `There is no place ${JSON.stringify(path.slice(0, 100))} in the schema.`);
  return node;
}

function change(node: Node, how: (tags: string[]) => string[]): void {
  const tags = [...new Set(how(tagsOf(node)))];
  if (tags.length > 0) node[TAGS] = tags;
  else Reflect.deleteProperty(node, TAGS);
}

function tagsOf(node: Node): string[] {
  const tags = node[TAGS];
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [];
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new RegistryError(42201, 'SCHEMA_INVALID: the schema is not JSON');
  }
}

function isNode(value: JsonValue | undefined): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
