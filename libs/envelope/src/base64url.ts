/**
 * The bytes of a base64url text, or undefined where it is not the one text that encodes them: padding, white space, other
 * alphabets and spare bits that are not zero are refused (RFC 4648 sections 3.2–3.5), since each would give a second spelling.
 */
export function decodeCanonical(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** By the bytes that the last group of a text stands for: what the text may end with, so that no spare bit is set. */
const WELL_ENDED = [/^[A-Za-z0-9_-]*$/, /^[A-Za-z0-9_-]*[AQgw]$/, /^[A-Za-z0-9_-]*[AEIMQUYcgkosw048]$/] as const;

/** Whether `value` is the canonical base64url text of exactly `length` bytes. By its form: decoding it would cost five times as much. */
export function encodes(value: unknown, length: number): value is string {
  if (typeof value !== 'string' || value.length !== Math.ceil((length * 4) / 3)) return false;
  return WELL_ENDED[length % 3]?.test(value) === true;
}
