import { CLASSES, type Classification, type Fields } from './terms.js';

/** How a record type is classified: the record as a whole, and fields by the JSON pointer of their schema (`/properties/birth`). */
export interface Classified {
  readonly record: Classification;
  readonly fields: Readonly<Record<string, Classification>>;
}

/** A pointer taken apart. */
export type Path = readonly string[];

/** A classified field by its place in a record. */
export interface ClassifiedPath {
  readonly path: Path;
  readonly rank: number;
}

/** The segments of a JSON pointer. */
export function pathOf(pointer: string): Path {
  // Escapes stay: two pointers name the same place only where their texts are the same, since `~2` does not exist.
  return pointer.split('/').slice(1);
}

/** Whether all that `inner` stands for lies at or below `outer`: every segment of `outer` is the same or `*`. */
export function covers(outer: Path, inner: Path): boolean {
  if (outer.length > inner.length) return false;
  return outer.every((segment, i) => segment === '*' || segment === inner[i]);
}

/** Whether something lies at or below both: they may meet as far as the shorter one goes. */
export function overlap(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i] && a[i] !== '*' && b[i] !== '*') return false;
  return true;
}

/** Keywords behind which a name follows, those that stand for whatever is inside, and those that a place passes through unchanged. */
const NAMED = 'properties';
const ANY_NAMED = new Set(['prefixItems', 'patternProperties']);
const ANY = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contains',
]);
const THROUGH_LIST = new Set(['allOf', 'anyOf', 'oneOf', 'dependentSchemas']);
const THROUGH = new Set(['if', 'then', 'else']);

/** The place in a record that a pointer into its schema speaks of; undefined where it leads elsewhere, such as into `$defs`. */
export function placeOf(schemaPointer: string): Path | undefined {
  const segments = pathOf(schemaPointer);
  const place: string[] = [];
  for (let i = 0; i < segments.length; i++) {
    const keyword = segments[i] ?? '';
    const behind = keyword === NAMED || ANY_NAMED.has(keyword) || THROUGH_LIST.has(keyword);
    if (behind && ++i >= segments.length) return undefined;
    if (keyword === NAMED) place.push(segments[i] ?? '');
    else if (ANY.has(keyword) || ANY_NAMED.has(keyword)) place.push('*');
    else if (!THROUGH_LIST.has(keyword) && !THROUGH.has(keyword)) return undefined;
  }
  return place;
}

/** The classified places of a record type; undefined where one of them cannot be told. */
export function classifiedPaths({ record, fields }: Classified): readonly ClassifiedPath[] | undefined {
  const paths: ClassifiedPath[] = [{ path: [], rank: CLASSES.indexOf(record) }];
  for (const [pointer, classification] of Object.entries(fields)) {
    const path = placeOf(pointer);
    const rank = CLASSES.indexOf(classification);
    if (path === undefined || rank < 0) return undefined;
    paths.push({ path, rank });
  }
  return (paths[0]?.rank ?? -1) < 0 ? undefined : paths;
}

/**
 * The strictest class of anything at, above or below the given places. Above counts too: what stands in a special field is special,
 * and every field of a special record.
 */
export function classOf(paths: readonly Path[], classified: readonly ClassifiedPath[]): Classification {
  let most = 0;
  for (const { path, rank } of classified) if (rank > most && paths.some((place) => overlap(place, path))) most = rank;
  return CLASSES[most] ?? 'special';
}

/** The places that fields stand for; the root for the whole record. */
export function pathsOf(fields: Fields): readonly Path[] {
  return fields === 'record' ? [[]] : fields.map(pathOf);
}
