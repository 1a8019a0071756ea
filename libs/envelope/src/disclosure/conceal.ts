import { randomBytes } from 'node:crypto';
import { canonicalize, type JsonValue } from '#canonical';
import { SALT_BYTES } from '../identity.js';
import { digestOfDisclosure } from './disclose.js';

type JsonObject = { readonly [name: string]: JsonValue };

/** Members that a consumer may be given or not, each by a disclosure of its own; the digests in order, so that they tell nothing. */
export function conceal(
  members: JsonObject,
  names: readonly string[],
): { readonly open: JsonObject; readonly disclosures: string[] } {
  const hidden = names.filter((name) => Object.hasOwn(members, name));
  const disclosures = hidden.map((name) =>
    canonicalize([randomBytes(SALT_BYTES).toString('base64url'), name, members[name] ?? null]).toString('base64url'),
  );
  const open = Object.fromEntries(Object.entries(members).filter(([name]) => !hidden.includes(name)));
  if (disclosures.length === 0) return { open, disclosures };
  return { open: { ...open, _sd: disclosures.map(digestOfDisclosure).sort() }, disclosures };
}
