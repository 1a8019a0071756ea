/**
 * The bytes of a base64url text, or undefined where it is not the one text that encodes them: padding, white space, other
 * alphabets and spare bits that are not zero are refused (RFC 4648 sections 3.2–3.5), since each would give a second spelling.
 */
export function decodeCanonical(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** Whether `value` is the canonical base64url text of exactly `length` bytes. */
export function encodes(value: unknown, length: number): value is string {
  return typeof value === 'string' && decodeCanonical(value)?.length === length;
}
