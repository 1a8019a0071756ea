import type { Scheme } from './scheme.js';
import { armenia } from './schemes/armenia.js';
import { azerbaijan } from './schemes/azerbaijan.js';
import { estonia } from './schemes/estonia.js';
import { georgia } from './schemes/georgia.js';
import { international } from './schemes/international.js';
import { kazakhstan } from './schemes/kazakhstan.js';
import { kyrgyzstan } from './schemes/kyrgyzstan.js';
import { uzbekistan } from './schemes/uzbekistan.js';

/** Every scheme there is. A name is never reused; docs/identifiers.md is checked against this table. */
export const SCHEMES = {
  ...estonia,
  ...kazakhstan,
  ...uzbekistan,
  ...azerbaijan,
  ...armenia,
  ...georgia,
  ...kyrgyzstan,
  ...international,
} satisfies Record<string, Scheme>;

/** The name of a scheme: country and scheme, like `kz.iin`. */
export type SchemeName = keyof typeof SCHEMES;

/** The scheme that `text` names, or undefined. */
export function schemeName(text: string): SchemeName | undefined {
  return Object.hasOwn(SCHEMES, text) ? (text as SchemeName) : undefined;
}
