import { isUtf8 } from 'node:buffer';
import type { FaultCode } from '#faults';
import type { JsonValue } from './json-value.js';
import { type Limits, RECORD_LIMITS } from './limits.js';
import { scan } from './scan.js';

/** The value of a strict document, or the one fault that it was refused with. */
export type StrictResult = { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly code: FaultCode };

/**
 * Reads one JSON text (RFC 8259) that means the same to every reader (I-JSON, RFC 7493). The checks run in this order, and the
 * first that fails gives the code: JSON_EMPTY (nothing but white space), JSON_TOO_LARGE (over 640 KiB, or as `limits` say), JSON_UTF8_INVALID (also
 * for a byte order mark and for surrogates encoded as UTF-8), JSON_TOO_DEEP (over 32 levels), JSON_SYNTAX,
 * JSON_SURROGATE_LONE (half a pair written as an escape), JSON_NUMBER_LOSSY (see {@link keepsItsValue}), JSON_DUPLICATE_MEMBER
 * (names compared after unescaping). No place is reported: the way to it would be made of names that the data chose.
 *
 * Objects and arrays are plain; `__proto__` is an own member like any other. Time and memory are linear in the input.
 */
export function parseStrict(bytes: Uint8Array, limits: Limits = RECORD_LIMITS): StrictResult {
  if (bytes.length === 0) return refused('JSON_EMPTY');
  if (bytes.length > limits.maxBytes) return refused('JSON_TOO_LARGE');
  if (!isUtf8(bytes) || startsWithMark(bytes)) return refused('JSON_UTF8_INVALID');
  const found = scan(bytes, limits.maxDepth);
  if (found.tooDeep) return refused('JSON_TOO_DEEP');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    // The message of the exception quotes the input, so it is dropped.
    return refused(text.trim() === '' ? 'JSON_EMPTY' : 'JSON_SYNTAX');
  }
  if (found.loneSurrogate) return refused('JSON_SURROGATE_LONE');
  if (found.lossyNumber) return refused('JSON_NUMBER_LOSSY');
  // JSON.parse keeps the last of several equal names, so a repeated one leaves fewer members than the text has colons.
  if (found.members !== countMembers(value)) return refused('JSON_DUPLICATE_MEMBER');
  return { ok: true, value };
}

function refused(code: FaultCode): StrictResult {
  return { ok: false, code };
}

function startsWithMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** The number of members of all objects in a value that is known not to be too deep. */
function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  const isArray = Array.isArray(value);
  const children: readonly JsonValue[] = isArray ? value : Object.values(value);
  let members = isArray ? 0 : children.length;
  for (const child of children) {
    if (typeof child === 'object' && child !== null) members += countMembers(child);
  }
  return members;
}
