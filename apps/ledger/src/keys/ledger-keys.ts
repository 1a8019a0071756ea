import { createPublicKey } from 'node:crypto';
import { keyFor } from '#custody';
import { type KeyCustody, type KeyDescription, publishedKey, type Signer, signerOf, verifyRaw } from '#envelope';
import { type NoteSigner, noteKey } from '#evidence';
import { FaultError } from '#faults';
import type { MemberId } from '#record';

/** Signs receipts and nothing else. */
export interface ReceiptSigner extends Signer {
  /** The JWK set that verifies its receipts, as it is published. */
  readonly keySet: string;
}

/** What the ledger signs with. */
export interface LedgerKeys {
  readonly log: NoteSigner;
  readonly receipts: ReceiptSigner;
  /** Keys that were made just now: on anything but a first start this is an alarm. */
  readonly made: readonly KeyDescription[];
}

const PROOF = Buffer.from('khidi ledger: a proof of the key, not a statement');

/**
 * The log's Ed25519 key and the P-256 key of receipts in the key store, made there at the first start. Each must sign what its public
 * part verifies before anything else is done. Throws KEY_UNPROVEN where one does not, KEY_FILE_EXPOSED and KEY_FILE_UNREADABLE for
 * files, and KEY_STORE_UNAVAILABLE.
 */
export async function openLedgerKeys(custody: KeyCustody, origin: string, iss: MemberId, now: Date): Promise<LedgerKeys> {
  const log = await keyFor(custody, 'log', 'Ed25519', now);
  const receipts = await keyFor(custody, 'receipts', 'ES256', now);
  for (const { key } of [log, receipts]) await prove(custody, key);
  const { kid, jwk } = log.key;
  return {
    log: {
      key: noteKey(origin, 'note', Buffer.from(jwk.x, 'base64url')),
      sign: async (message) => custody.sign(kid, message),
    },
    receipts: {
      ...signerOf(custody, receipts.key.kid),
      keySet: JSON.stringify({ keys: [publishedKey(receipts.key, iss)] }),
    },
    made: [log, receipts].flatMap(({ key, made }) => (made ? [key] : [])),
  };
}

async function prove(custody: KeyCustody, { kid, alg, jwk, purpose }: KeyDescription): Promise<void> {
  const signature = await custody.sign(kid, PROOF);
  if (!verifyRaw(alg, createPublicKey({ key: { ...jwk }, format: 'jwk' }), PROOF, signature))
    throw new FaultError('KEY_UNPROVEN', `the ${purpose} key does not sign what its public part verifies`);
}
