import { canonicalize, type JsonValue, parseStrict } from '#canonical';
import { type CompactProfile, type KeySet, verifyCompact } from '#envelope';
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

/** Signs a receipt as a compact JWS (RFC 7515), ES256. `sign` gives r and s of 64 bytes. */
export async function sealReceipt(
  receipt: Receipt,
  kid: string,
  sign: (bytes: Uint8Array) => Buffer | Promise<Buffer>,
): Promise<string> {
  const header = canonicalize({ alg: 'ES256', iat: receipt.iat, kid, typ: RECEIPT_TYP });
  const payload = canonicalize(receipt as unknown as JsonValue);
  const signed = `${header.toString('base64url')}.${payload.toString('base64url')}`;
  return `${signed}.${(await sign(Buffer.from(signed))).toString('base64url')}`;
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
