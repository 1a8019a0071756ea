import { invalid } from '../problem.js';

/** The longest schema text that is read, in characters. */
export const MAX_SCHEMA_LENGTH = 1024 * 1024;
const MAX_SCHEMA_DEPTH = 256;

/** A JSON object of a schema. */
export type Node = { readonly [keyword: string]: unknown };

/** Whether a value is a JSON object. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the text of a schema: a JSON object or a boolean, no member named twice, at most 256 levels deep. */
export function readSchemaText(text: string): Node | boolean {
  if (text.length > MAX_SCHEMA_LENGTH) throw invalid('the schema is longer than 1 MiB');
  const seen = scan(text);
  if (seen.depth > MAX_SCHEMA_DEPTH) throw invalid(`the schema nests deeper than ${MAX_SCHEMA_DEPTH} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('the schema is not JSON');
  }
  if (seen.members !== countMembers(value)) throw invalid('an object in the schema names the same member twice');
  if (!isNode(value) && typeof value !== 'boolean') throw invalid('a schema is a JSON object or a boolean');
  return value;
}

/** Counts colons outside strings, which JSON.parse drops where a name is repeated, and the deepest nesting. */
function scan(text: string): { members: number; depth: number } {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[:{}[\]]/gs)) {
    if (token === ':') members++;
    else if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth);
    else if (token === '}' || token === ']') depth--;
  }
  return { members, depth: deepest };
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children = Object.values(value);
  return children.reduce<number>((sum, child) => sum + countMembers(child), Array.isArray(value) ? 0 : children.length);
}
