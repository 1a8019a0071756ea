import { parseStrict } from '#canonical';

/**
 * The number that a text says, by the rules of the road: JSON's grammar, and refused where the double nearest to it is another
 * number. So `9007199254740993` and `007` are errors here, not `9007199254740992` and `7`.
 */
export function exactNumber(value: unknown): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const parsed = typeof value === 'string' ? parseStrict(Buffer.from(value.trim())) : undefined;
  if (parsed?.ok === true && typeof parsed.value === 'number') return parsed.value;
  throw new Error('not a number that a double holds exactly');
}
