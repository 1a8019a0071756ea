import { CLASSES, type Classification } from '#policy';

/** How one schema classes its records. */
export interface SchemaClasses {
  readonly record: Classification;
  /** By the pointer into the schema; a reference within the schema is followed, as if what it leads to stood in its place. */
  readonly fields: Readonly<Record<string, Classification>>;
}

type Node = Readonly<Record<string, unknown>>;

/** Keywords with one schema behind them, with a list or an object of schemas, and those whose schemas stand under a name. */
const ONE = new Set([
  ...['items', 'additionalItems', 'additionalProperties', 'unevaluatedItems', 'unevaluatedProperties', 'contains'],
  ...['if', 'then', 'else'],
]);
const MANY = new Set(['properties', 'patternProperties', 'prefixItems', 'allOf', 'anyOf', 'oneOf', 'dependentSchemas']);
/** Far more fields than a record has; a schema that unfolds to more is classed as strictly as there is. */
const MOST_FIELDS = 5000;

/**
 * Reads `x-khidi` and every `x-khidi-classification` of a schema; undefined for a schema without `x-khidi`. What cannot be followed
 * (a reference into another schema, or one that leads into itself) counts as `special`: nothing leaves because nobody looked.
 */
export function classify(schema: unknown): SchemaClasses | undefined {
  const annotation = isNode(schema) ? schema['x-khidi'] : undefined;
  const record = isNode(annotation) ? classOf(annotation.classification) : undefined;
  if (record === undefined || !isNode(schema)) return undefined;
  const fields: Record<string, Classification> = {};
  const walk = (node: unknown, pointer: string, within: readonly string[]): void => {
    if (!isNode(node) || Object.keys(fields).length > MOST_FIELDS) return;
    const own = classOf(node['x-khidi-classification']);
    if (own !== undefined) note(pointer, own);
    if (typeof node.$ref === 'string') follow(node.$ref, pointer, within);
    for (const [keyword, value] of Object.entries(node)) {
      const below = `${pointer}/${keyword}`;
      if (ONE.has(keyword)) walkEach(Array.isArray(value) ? [...value.entries()] : [['', value]], below, within);
      else if (MANY.has(keyword) && typeof value === 'object' && value !== null) walkEach(Object.entries(value), below, within);
    }
  };
  const walkEach = (entries: readonly (readonly [string | number, unknown])[], at: string, within: readonly string[]): void => {
    for (const [name, value] of entries) walk(value, name === '' ? at : `${at}/${escaped(String(name))}`, within);
  };
  const follow = (ref: string, pointer: string, within: readonly string[]): void => {
    const target = within.includes(ref) ? undefined : resolve(schema, ref);
    if (target === undefined) note(pointer, 'special');
    else walk(target, pointer, [...within, ref]);
  };
  const note = (pointer: string, found: Classification): void => {
    const known = fields[pointer];
    fields[pointer] = known === undefined ? found : stricter(known, found);
  };
  walk(schema, '', []);
  const { '': root, ...inner } = fields;
  if (Object.keys(inner).length > MOST_FIELDS) return { record: 'special', fields: {} };
  return { record: root === undefined ? record : stricter(record, root), fields: inner };
}

/** What holds for all versions of a record type at once: the strictest word of any of them. */
export function strictest(versions: readonly SchemaClasses[]): SchemaClasses | undefined {
  const [first, ...rest] = versions;
  if (first === undefined) return undefined;
  const fields = { ...first.fields };
  let { record } = first;
  for (const version of rest) {
    record = stricter(record, version.record);
    for (const [pointer, found] of Object.entries(version.fields))
      fields[pointer] = Object.hasOwn(fields, pointer) ? stricter(fields[pointer] ?? found, found) : found;
  }
  return { record, fields };
}

const stricter = (a: Classification, b: Classification): Classification => (CLASSES.indexOf(a) >= CLASSES.indexOf(b) ? a : b);
const classOf = (word: unknown): Classification | undefined => CLASSES.find((known) => known === word);
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a JSON pointer within the schema leads to. */
function resolve(schema: Node, ref: string): unknown {
  if (ref !== '#' && !ref.startsWith('#/')) return undefined;
  let at: unknown = schema;
  for (const segment of ref.split('/').slice(1)) {
    const name = decode(segment)?.replaceAll('~1', '/').replaceAll('~0', '~');
    at = name !== undefined && typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Node)[name] : undefined;
  }
  return at;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // no reference that anybody could follow
  }
}
