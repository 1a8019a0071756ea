import { createHash } from 'node:crypto';
import { isJsonObject, type JsonValue, parseStrict } from '#canonical';
import { decodeCanonical } from '../base64url.js';

/** The names that RFC 9901 keeps for itself; no claim may have them. */
const RESERVED = new Set(['_sd', '...', '_sd_alg', '__proto__']);
const MAX_DISCLOSURES = 10_000;
const DIGEST = /^[A-Za-z0-9_-]{43}$/;

/** The digest that stands in the signed payload for a disclosure: SHA-256 over its ASCII as it was sent (RFC 9901 section 4.2.3). */
export const digestOfDisclosure = (disclosure: string): string =>
  createHash('sha256').update(disclosure, 'latin1').digest('base64url');

/** A disclosure taken apart: the value of a named member, or of an array element, which has no name. */
interface Disclosure {
  readonly name?: string;
  readonly value: JsonValue;
}

/** The payload with everything in it that was disclosed, and where each disclosure belongs; or why it is refused, in a word. */
export type Disclosed =
  | { readonly ok: true; readonly claims: JsonValue; readonly places: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly why: string };

class Refusal extends Error {}

/**
 * Puts disclosures into their places (RFC 9901 section 7.1, step 3), strictly: SHA-256 only; a disclosure that is malformed, that
 * nothing refers to or that is there twice; a digest that occurs twice; a claim called `_sd` or `...`; a name that is there already;
 * and a member where an array element belongs, or the other way round, are each refused. `places` gives JSON pointers by disclosure.
 */
export function disclose(payload: JsonValue, disclosures: readonly string[]): Disclosed {
  try {
    if (disclosures.length > MAX_DISCLOSURES) throw new Refusal('too many disclosures');
    const byDigest = new Map<string, { readonly text: string; readonly disclosure: Disclosure }>();
    for (const text of disclosures) {
      const digest = digestOfDisclosure(text);
      if (byDigest.has(digest)) throw new Refusal('a disclosure is there twice');
      byDigest.set(digest, { text, disclosure: read(text) });
    }
    if (!isJsonObject(payload)) throw new Refusal('the payload is no object');
    const { _sd_alg: algorithm = 'sha-256', ...rest } = payload;
    if (algorithm !== 'sha-256') throw new Refusal('another hash algorithm');
    const seen = new Set<string>();
    const places = new Map<string, string>();
    const take = (digest: JsonValue, at: string): { readonly disclosure: Disclosure } | undefined => {
      if (typeof digest !== 'string' || !DIGEST.test(digest)) throw new Refusal('a digest is malformed');
      if (seen.has(digest)) throw new Refusal('a digest is there twice');
      seen.add(digest);
      const found = byDigest.get(digest);
      if (found !== undefined)
        places.set(found.text, found.disclosure.name === undefined ? at : `${at}/${escaped(found.disclosure.name)}`);
      return found;
    };
    const claims = fill(rest, '', take);
    if (places.size !== byDigest.size) throw new Refusal('nothing refers to a disclosure');
    return { ok: true, claims, places };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, why: error.message };
    throw error;
  }
}

type Take = (digest: JsonValue, at: string) => { readonly disclosure: Disclosure } | undefined;

function fill(value: JsonValue, at: string, take: Take): JsonValue {
  if (Array.isArray(value)) return value.flatMap((element, i) => fillElement(element, `${at}/${i}`, take));
  if (!isJsonObject(value)) return value;
  const filled: Record<string, JsonValue> = {};
  for (const [name, member] of Object.entries(value)) {
    if (name === '_sd') continue;
    if (RESERVED.has(name)) throw new Refusal('a claim has a reserved name');
    filled[name] = fill(member, `${at}/${escaped(name)}`, take);
  }
  const { _sd: digests } = value;
  if (digests === undefined) return filled;
  if (!Array.isArray(digests)) throw new Refusal('_sd is no list');
  for (const digest of digests) {
    const found = take(digest, at);
    if (found === undefined) continue; // not disclosed to us, or a decoy
    const { name, value: member } = found.disclosure;
    if (name === undefined) throw new Refusal('a disclosure of an array element stands among members');
    if (Object.hasOwn(filled, name)) throw new Refusal('a name is there already');
    filled[name] = fill(member, `${at}/${escaped(name)}`, take);
  }
  return filled;
}

/** An element that was not disclosed is no element. */
function fillElement(element: JsonValue, at: string, take: Take): JsonValue[] {
  if (!isJsonObject(element) || !Object.hasOwn(element, '...')) return [fill(element, at, take)];
  if (Object.keys(element).length !== 1) throw new Refusal('a claim has a reserved name');
  const found = take(element['...'] ?? null, at);
  if (found === undefined) return [];
  if (found.disclosure.name !== undefined) throw new Refusal('a disclosure of a member stands among array elements');
  return [fill(found.disclosure.value, at, take)];
}

function read(text: string): Disclosure {
  const bytes = decodeCanonical(text);
  const parsed = bytes === undefined || text === '' ? undefined : parseStrict(bytes);
  if (parsed?.ok !== true || !Array.isArray(parsed.value)) throw new Refusal('a disclosure is malformed');
  const [salt, second, third] = parsed.value;
  if (typeof salt !== 'string') throw new Refusal('a disclosure is malformed');
  if (parsed.value.length === 2) return { value: second ?? null };
  if (parsed.value.length !== 3 || typeof second !== 'string') throw new Refusal('a disclosure is malformed');
  if (RESERVED.has(second)) throw new Refusal('a claim has a reserved name');
  return { name: second, value: third ?? null };
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
