import { isDuration } from './formats/time.js';
import type { Pointers } from './pointers.js';
import { invalid } from './problem.js';
import { isNode, type Node } from './source/text.js';
import { CLASSIFICATIONS } from './vocabulary.js';

/** The one root keyword of ours. */
export const ANNOTATION = 'x-khidi';

const SEQUENCES = ['offset', 'agency'] as const;

/** What a registry says of all records of one type. */
export interface XKhidi {
  /** JSON pointer of the record's identifier. */
  readonly identifier: string;
  /** Where the number comes from by which the versions of one record are ordered. */
  readonly sequence: (typeof SEQUENCES)[number];
  readonly classification: (typeof CLASSIFICATIONS)[number];
  readonly legalBasis: string;
  /** How long receivers may keep a record: an RFC 3339 duration like P10Y. */
  readonly retention: string;
}

/** Reads `x-khidi` of a schema; undefined where there is none. Throws SCHEMA_INVALID where a member is missing, wrong or unknown. */
export function readAnnotations(schema: Node | boolean, pointers: Pointers): XKhidi | undefined {
  const found = typeof schema === 'object' ? schema[ANNOTATION] : undefined;
  if (found === undefined) return undefined;
  if (!isNode(found)) throw refused('', 'is not an object');
  const { identifier, sequence, classification, legalBasis, retention, ...unknown } = found;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw refused(`/${stranger}`, 'is not a member that is known here');
  if (typeof identifier !== 'string' || !/^(\/([^~/]|~[01])+)+$/.test(identifier))
    throw refused('/identifier', 'is not a JSON pointer');
  if (!pointers.isDeclared(segmentsOf(identifier)))
    throw refused('/identifier', 'names a field that properties does not declare');
  if (typeof legalBasis !== 'string' || legalBasis.trim() === '' || legalBasis.length > 500)
    throw refused('/legalBasis', 'is not a text of 1 to 500 characters');
  if (typeof retention !== 'string' || !isDuration(retention)) throw refused('/retention', 'is not a duration like P10Y');
  return {
    identifier,
    sequence: oneOf('/sequence', SEQUENCES, sequence),
    classification: oneOf('/classification', CLASSIFICATIONS, classification),
    legalBasis,
    retention,
  };
}

/** The member names that a JSON pointer is made of. */
export function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function oneOf<T extends string>(at: string, values: readonly T[], value: unknown): T {
  const known = values.find((candidate) => candidate === value);
  if (known === undefined) throw refused(at, `is not one of ${values.join(', ')}`);
  return known;
}

function refused(at: string, message: string): Error {
  return invalid(`/${ANNOTATION}${at} ${message}`, `/${ANNOTATION}${at}`, ANNOTATION);
}
