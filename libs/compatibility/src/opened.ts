import { type DissectedSchema, dissectSchema, type Origin } from '#schema';
import { hasLossyNumber } from './values/exact.js';
import type { SchemaSource } from './verdict.js';

/** One version, opened up. */
export interface Opened {
  readonly schema: DissectedSchema;
  /** The schema itself and its references, as they are written. */
  readonly texts: readonly string[];
  readonly isLossy: boolean;
  /** `#/properties/a`, or `name#/…` in a reference. */
  pointerOf(origin: Origin): string;
}

/** Versions are compared with several others, and asked again soon: so many stay open, as long as they are small. */
const KEPT = 16;
const KEPT_LENGTH = 64 * 1024;
const kept = new Map<string, Opened>();

/** Opens a version up, or says why it cannot be. */
export function open(source: SchemaSource): Opened | string {
  const key = JSON.stringify([source.text, source.references]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const opened = read(source);
  if (typeof opened === 'string' || key.length > KEPT_LENGTH) return opened;
  kept.set(key, opened);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  return opened;
}

function read({ text, references = [] }: SchemaSource): Opened | string {
  const result = dissectSchema(text, references);
  if (!result.ok) return result.detail;
  const texts = [text, ...references.map((reference) => reference.text)];
  return {
    schema: result.schema,
    texts,
    isLossy: texts.some(hasLossyNumber),
    pointerOf: ({ document, path }) => {
      const name = document === 0 ? '' : (references[document - 1]?.name ?? '');
      return `${name}#${path.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
    },
  };
}
