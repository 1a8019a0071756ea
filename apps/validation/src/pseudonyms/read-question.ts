import { parseStrict } from '#canonical';
import { wrong } from '#http';
import { type Registry, recordType, registryOf } from '#record';

/** The largest question, in bytes. */
export const MAX_QUESTION = 8 * 1024;
const MOST = 16;
const LONGEST = 256;

/** Whose pseudonyms in which registries. */
export interface Question {
  readonly identifiers: readonly string[];
  readonly registries: readonly Registry[];
}

/** Reads a question. Throws DOOR_PARAMETER, which does not quote it. */
export function readQuestion(body: Buffer): Question {
  const parsed = parseStrict(body);
  const { identifiers, registries, ...unknown } = Object(parsed.ok ? parsed.value : undefined) as Record<string, unknown>;
  const known = texts(registries)?.map(registryNamed);
  const asked = texts(identifiers);
  if (asked === undefined || known === undefined || known.includes(undefined) || Object.keys(unknown).length > 0)
    throw wrong(`the body is {"identifiers": […], "registries": […]} with 1 to ${MOST} texts each`);
  return { identifiers: asked, registries: known as Registry[] };
}

function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST) return undefined;
  const all = value.every((one) => typeof one === 'string' && one !== '' && one.length <= LONGEST);
  return all ? (value as string[]) : undefined;
}

/** A registry is the first word of a record type. */
function registryNamed(text: string): Registry | undefined {
  const type = recordType(`${text}.x`);
  return type === undefined ? undefined : registryOf(type);
}
