import { DISCLOSED_PROFILE, isDisclosable, splitDisclosures } from '../disclosure/verify-disclosed.js';
import type { KeySet } from '../keys/key-set.js';
import { type RefusedCompact, type VerifiedCompact, verifyCompactInPool } from './compact.js';
import { RECORD_PROFILE } from './record-profile.js';

/** Any key that was ever published counts as begun: whoever only asks who sealed it needs no clock. */
const ANY_TIME = new Date(8.64e15);

/**
 * Whether an envelope was sealed by a key of its issuer: the checks of `verify` up to the signature and nothing of its content, for
 * whoever passes on many envelopes that others verify whole. A retired key holds for what it sealed before; a revoked one for
 * nothing. Of an envelope with disclosures only what is signed is looked at. The signature is checked in Node's thread pool. Never throws for anything that an envelope contains.
 */
export function verifySeal(envelope: Uint8Array, keys: KeySet): Promise<VerifiedCompact | RefusedCompact> {
  const signed = isDisclosable(envelope) ? splitDisclosures(envelope)?.jwt : undefined;
  return signed === undefined
    ? verifyCompactInPool(envelope, RECORD_PROFILE, keys, ANY_TIME)
    : verifyCompactInPool(signed, DISCLOSED_PROFILE, keys, ANY_TIME);
}
