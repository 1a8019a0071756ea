import { createPublicKey } from 'node:crypto';
import {
  type CertificateSubject,
  type KeyDescription,
  type KeyPurpose,
  kidOf,
  type PublicJwk,
  publicJwkOf,
  REVOCATION_REASONS,
  type SignatureAlgorithm,
} from '#envelope';
import { FaultError } from '#faults';
import { type MemberId, memberId } from '#record';

/** The purposes that this service keeps keys for, with their algorithm; JWS needs ES256 for all of them. */
const PURPOSES: Readonly<Record<string, SignatureAlgorithm>> = { sealing: 'ES256', 'key-set': 'ES256' };
const MAX_WHY = 500;

type Body = Readonly<Record<string, unknown>>;

/** A request body as an object. Throws KEY_REQUEST_INVALID, like everything here, with the name of the member to blame. */
export function readBodyOf(bytes: Buffer): Body {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body;
  } catch {
    // the parser's message would quote the body
  }
  throw invalid('the body is no JSON object');
}

/** Why a person asks; without a reason nothing is done to a key. */
export function whyOf({ why }: Body): string {
  if (typeof why !== 'string' || why.trim() === '' || why.length > MAX_WHY) throw invalid(`why is a text of at most ${MAX_WHY}`);
  return why.trim();
}

export function purposeOf({ purpose }: Body): { readonly purpose: KeyPurpose; readonly alg: SignatureAlgorithm } {
  const alg = typeof purpose === 'string' && Object.hasOwn(PURPOSES, purpose) ? PURPOSES[purpose] : undefined;
  if (alg === undefined) throw invalid(`purpose is one of ${Object.keys(PURPOSES).join(', ')}`);
  return { purpose: purpose as KeyPurpose, alg };
}

export function revocationOf({ reason, since }: Body, now: Date) {
  const known = REVOCATION_REASONS.find((one) => one === reason);
  const at = since === undefined ? now : new Date(String(since));
  if (known === undefined) throw invalid(`reason is one of ${REVOCATION_REASONS.join(', ')}`);
  if (Number.isNaN(at.getTime())) throw invalid('since is a time like 2026-11-22T10:00:00Z');
  return { act: 'revoke', reason: known, since: at } as const;
}

/** The public key by which a member seals, and the member. */
export function memberKeyOf({ member, jwk }: Body, now: Date): { readonly member: MemberId; readonly key: KeyDescription } {
  const known = memberId(String(member));
  if (known === undefined) throw invalid('member is a member id like GE/GOV/7001');
  try {
    const { kty, crv, x, y } = jwk as Record<string, string>;
    const own = publicJwkOf(createPublicKey({ key: { kty, crv, x, y } as unknown as PublicJwk & object, format: 'jwk' }));
    if (own.kty !== 'EC' || Object.hasOwn(jwk as object, 'd')) throw invalid('jwk is a private key or not of P-256');
    return { member: known, key: { kid: kidOf(own), alg: 'ES256', purpose: 'origin', created: now, jwk: own } };
  } catch (error) {
    if (error instanceof FaultError && error.code === 'KEY_REQUEST_INVALID') throw error;
    throw invalid('jwk is no public key of P-256');
  }
}

export function subjectOf({ country, organisation, organisationIdentifier, commonName }: Body): CertificateSubject {
  const text = (name: string, value: unknown): string => {
    if (typeof value !== 'string' || value === '' || value.length > 200) throw invalid(`${name} is a text`);
    return value;
  };
  if (country !== undefined && !/^[A-Z]{2}$/.test(String(country))) throw invalid('country is two capital letters');
  return {
    ...(country === undefined ? {} : { country: String(country) }),
    organisation: text('organisation', organisation),
    ...(organisationIdentifier === undefined
      ? {}
      : { organisationIdentifier: text('organisationIdentifier', organisationIdentifier) }),
    commonName: text('commonName', commonName),
  };
}

export function certificateOf({ certificate }: Body): string {
  if (typeof certificate !== 'string' || certificate.length > 20_000) throw invalid('certificate is a PEM text');
  return certificate;
}

const invalid = (why: string) => new FaultError('KEY_REQUEST_INVALID', why);
