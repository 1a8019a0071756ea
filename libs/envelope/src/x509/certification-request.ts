import { createPublicKey } from 'node:crypto';
import type { PublicJwk, SignatureAlgorithm } from '../keys/algorithms.js';
import type { Signer } from '../keys/custody.js';
import { attributes, bits, integer, octets, oid, printable, sequence, set, utf8, yes } from './der.js';

/** Whom a seal certificate names. `country` is two letters; `organisationIdentifier` as in ETSI EN 319 412-1, like `VATGE-123`. */
export interface CertificateSubject {
  readonly country?: string;
  readonly organisation: string;
  readonly organisationIdentifier?: string;
  readonly commonName: string;
}

const SIGNATURE_OID: Readonly<Record<SignatureAlgorithm, string>> = { ES256: '1.2.840.10045.4.3.2', Ed25519: '1.3.101.112' };
/** digitalSignature and contentCommitment: a seal is there to be held against its maker. */
const SEAL_USAGE = bits(Buffer.from([0xc0]), 6);

/** A PKCS #10 certification request (RFC 2986) in PEM, signed by the key wherever it lives. */
export async function certificationRequest(
  subject: CertificateSubject,
  key: { readonly jwk: PublicJwk; readonly alg: SignatureAlgorithm },
  signer: Signer,
): Promise<string> {
  const spki = createPublicKey({ key: { ...key.jwk }, format: 'jwk' }).export({ format: 'der', type: 'spki' });
  const usage = sequence(sequence(oid('2.5.29.15'), yes, octets(SEAL_USAGE)));
  const info = sequence(
    integer(Buffer.from([0])),
    nameOf(subject),
    spki,
    attributes(sequence(oid('1.2.840.113549.1.9.14'), set(usage))),
  );
  const signature = await signer.sign(info);
  const encoded = key.alg === 'ES256' ? sequence(integer(signature.subarray(0, 32)), integer(signature.subarray(32))) : signature;
  const request = sequence(info, sequence(oid(SIGNATURE_OID[key.alg])), bits(encoded));
  const lines = request.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n');
}

function nameOf({ country, organisation, organisationIdentifier, commonName }: CertificateSubject): Buffer {
  const part = (type: string, value: Buffer) => set(sequence(oid(type), value));
  return sequence(
    ...(country === undefined ? [] : [part('2.5.4.6', printable(country))]),
    part('2.5.4.10', utf8(organisation)),
    ...(organisationIdentifier === undefined ? [] : [part('2.5.4.97', utf8(organisationIdentifier))]),
    part('2.5.4.3', utf8(commonName)),
  );
}
