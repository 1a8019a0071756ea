import { X509Certificate } from 'node:crypto';
import { FaultError } from '#faults';
import { type PublicJwk, publicJwkOf } from '../keys/algorithms.js';

/**
 * The base64 of a certificate's DER, after it was found to be one for this key that is valid now. Who issued it is for the
 * officer to judge. Throws KEY_CERTIFICATE_UNFIT with what is wrong.
 */
export function certificateFor(pem: string, jwk: PublicJwk, now: Date): string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw unfit('it is no X.509 certificate');
  }
  if (!sameKey(certificate, jwk)) throw unfit('it is for another key');
  if (certificate.ca) throw unfit('it is that of an authority');
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (!(now.getTime() >= from && now.getTime() <= to)) throw unfit('it is not valid now');
  return certificate.raw.toString('base64');
}

function sameKey({ publicKey }: X509Certificate, jwk: PublicJwk): boolean {
  try {
    const other: object = publicJwkOf(publicKey);
    return Object.entries(jwk).every(([name, value]) => Object.entries(other).some(([n, v]) => n === name && v === value));
  } catch {
    return false; // an RSA key, or another curve
  }
}

const unfit = (why: string) => new FaultError('KEY_CERTIFICATE_UNFIT', why);
