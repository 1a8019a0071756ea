import { canonicalize, type JsonValue } from '#canonical';
import { FaultError } from '#faults';
import { SIGNATURE_BYTES } from '../es256.js';
import type { Signer } from './custody.js';

/** A compact JWS (RFC 7515 section 7.1), ES256, of canonical header and claims. Rejects with what the signer gives, and KEY_UNPROVEN. */
export async function signCompact(
  header: { readonly typ: string; readonly iat?: number },
  claims: JsonValue,
  signer: Pick<Signer, 'kid' | 'sign'>,
): Promise<string> {
  const parts = [{ alg: 'ES256', kid: signer.kid, ...header }, claims];
  const signed = parts.map((part) => canonicalize(part).toString('base64url')).join('.');
  return `${signed}.${await signatureOver(signed, signer)}`;
}

/** The last part of one, over the first two as they stand before it. Rejects with what the signer gives, and KEY_UNPROVEN. */
export async function signatureOver(signed: string, signer: Pick<Signer, 'sign'>): Promise<string> {
  const signature = await signer.sign(Buffer.from(signed));
  if (signature.length !== SIGNATURE_BYTES) throw new FaultError('KEY_UNPROVEN', 'the signer returned no ES256 signature');
  return signature.toString('base64url');
}
