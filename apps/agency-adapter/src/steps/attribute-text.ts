/** Control characters, noncharacters and halves of surrogate pairs: what CloudEvents 1.0 section 3.3 keeps out of strings. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** What nearly every attribute consists of; ten times faster to find than what is forbidden. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Whether `text` is a CloudEvents String. */
export function isCloudEventsString(text: string): boolean {
  return PLAIN.test(text) || !FORBIDDEN.test(text);
}

const QUOTED = /^"((?:[^"\\]|\\.)*)"$/;
const PRINTABLE = /^[\x20-\x7e\t]*$/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/**
 * The attribute value that an HTTP header carries (CloudEvents HTTP binding 1.0.2, section 3.1.3.2): unquoted once, then
 * percent-decoded once as UTF-8. Undefined where the header is not such a value.
 */
export function decodeHeader(header: string): string | undefined {
  if (!PRINTABLE.test(header)) return undefined; // the binding demands percent-encoding for everything else
  const quoted = QUOTED.exec(header)?.[1];
  const plain = quoted === undefined ? header : quoted.replaceAll(/\\(.)/g, '$1');
  if (!plain.includes('%')) return plain;
  if (BROKEN_ESCAPE.test(plain)) return undefined;
  try {
    return decodeURIComponent(plain);
  } catch {
    return undefined; // the escapes are not UTF-8
  }
}
