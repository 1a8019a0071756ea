import { type JsonValue, parseStrict } from '#canonical';
import { type CompactProfile, type KeySet, type Signer, signCompact, verifyCompact } from '#envelope';
import { encodeLeaf, type Leaf } from '../log/leaf.js';

/** The media type of a receipt. */
export const RECEIPT_TYP = 'khidi-receipt+jwt';

/** What a receipt states: the member `iss` says that this entry stands at this place of this log. `iat` is seconds since 1970. */
export interface Receipt {
  readonly iss: string;
  readonly iat: number;
  readonly log: string;
  readonly index: number;
  /** The leaf: what was accepted or refused (`k`), which (`id`), when (`t`), and its digests. */
  readonly leaf: Leaf;
}

const PROFILE: CompactProfile = {
  required: ['alg', 'iat', 'kid', 'typ'],
  optional: {},
  typ: RECEIPT_TYP,
  kid: /^[A-Za-z0-9_-]{43}$/,
  issuer: true,
  purpose: 'receipts',
};

/** Signs a receipt as a compact JWS (RFC 7515), ES256. Rejects with what the signer gives, and KEY_UNPROVEN. */
export function sealReceipt(receipt: Receipt, signer: Pick<Signer, 'kid' | 'sign'>): Promise<string> {
  return signCompact({ typ: RECEIPT_TYP, iat: receipt.iat }, receipt as unknown as JsonValue, signer);
}

/** What a receipt states, where it holds with these keys at this time; otherwise undefined. */
export function openReceipt(receipt: string, keys: KeySet, at: Date): Receipt | undefined {
  const opened = verifyCompact(Buffer.from(receipt, 'latin1'), PROFILE, keys, at);
  const parsed = opened.ok ? parseStrict(opened.payload) : undefined;
  return parsed?.ok === true ? (parsed.value as unknown as Receipt) : undefined;
}

/** Whether a receipt is about this entry at this place. */
export function isReceiptOf(receipt: Receipt, entry: Buffer, index: number, log: string): boolean {
  return receipt.index === index && receipt.log === log && encodeLeaf(receipt.leaf).equals(entry);
}
