import { invalid } from '../problem.js';
import type { Node } from './text.js';

/** The drafts of JSON Schema that are understood. */
export type Draft = '04' | '06' | '07' | '2019-09' | '2020-12';
const ORDER: readonly Draft[] = ['04', '06', '07', '2019-09', '2020-12'];

const BY_URI: ReadonlyMap<unknown, Draft> = new Map([
  ['http://json-schema.org/draft-04/schema', '04'],
  ['http://json-schema.org/draft-06/schema', '06'],
  ['http://json-schema.org/draft-07/schema', '07'],
  ['https://json-schema.org/draft/2019-09/schema', '2019-09'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
]);

/** The draft that `$schema` names; 2020-12 where it is absent. Throws for one that is not understood. */
export function draftOf(schema: Node | boolean): Draft {
  const uri = typeof schema === 'object' ? schema.$schema : undefined;
  if (uri === undefined) return '2020-12';
  const draft = typeof uri === 'string' ? BY_URI.get(written(uri)) : undefined;
  if (draft === undefined)
    throw invalid('$schema names no draft that is understood here: 2020-12, 2019-09, 07, 06 or 04', '', '$schema');
  return draft;
}

/** Published schemas name a draft with http and https, with and without `#`. */
function written(uri: string): string {
  const bare = uri.replace(/#$/, '');
  return bare.includes('/draft/') ? bare.replace(/^http:/, 'https:') : bare.replace(/^https:/, 'http:');
}

/** Whether `draft` is this one or a later one. */
export function since(first: Draft, draft: Draft): boolean {
  return ORDER.indexOf(draft) >= ORDER.indexOf(first);
}

/** How the value of a keyword holds subschemas. */
export type Shape = 'schema' | 'list' | 'map' | 'schema-or-list' | 'map-or-names';

interface Applicator {
  readonly shape: Shape;
  readonly from: Draft;
  readonly until: Draft;
}

const applies = (shape: Shape, from: Draft = '04', until: Draft = '2020-12'): Applicator => ({ shape, from, until });

/** Every keyword with subschemas, and the drafts that know it. */
const APPLICATORS: Readonly<Record<string, Applicator>> = {
  properties: applies('map'),
  patternProperties: applies('map'),
  additionalProperties: applies('schema'),
  allOf: applies('list'),
  anyOf: applies('list'),
  oneOf: applies('list'),
  not: applies('schema'),
  items: applies('schema-or-list'),
  additionalItems: applies('schema', '04', '2019-09'),
  prefixItems: applies('list', '2020-12'),
  contains: applies('schema', '06'),
  propertyNames: applies('schema', '06'),
  if: applies('schema', '07'),
  // biome-ignore lint/suspicious/noThenProperty: the name of a JSON Schema keyword
  then: applies('schema', '07'),
  else: applies('schema', '07'),
  dependencies: applies('map-or-names'),
  dependentSchemas: applies('map', '2019-09'),
  unevaluatedItems: applies('schema', '2019-09'),
  unevaluatedProperties: applies('schema', '2019-09'),
  definitions: applies('map'),
  $defs: applies('map', '2019-09'),
};

/** How `keyword` holds subschemas in `draft`; undefined where it holds none. */
export function shapeOf(keyword: string, draft: Draft): Shape | undefined {
  const known = Object.hasOwn(APPLICATORS, keyword) ? APPLICATORS[keyword] : undefined;
  return known !== undefined && since(known.from, draft) && since(draft, known.until) ? known.shape : undefined;
}
