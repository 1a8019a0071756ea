import type { MemberId } from '#record';
import { memberId } from '#record';
import type { Kid } from '../claims.js';
import { kidOf, type PublicJwk, type SignatureAlgorithm } from './algorithms.js';
import { KEY_PURPOSES, type KeyPurpose } from './custody.js';

/** Published and unused, signing, verifying only, or not to be trusted since a moment. */
export type KeyState = 'pending' | 'active' | 'retired' | 'revoked';

/** Why a key was revoked: the words of OpenID Federation 1.0, section 8.7.3. */
export const REVOCATION_REASONS = ['unspecified', 'compromised', 'superseded'] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** Something that was done to a key, by whom, when and why; `confirmedBy` where it took two persons. Times are RFC 3339. */
export interface KeyAct {
  readonly act: 'create' | 'propose-activate' | 'activate' | 'retire' | 'propose-revoke' | 'revoke' | 'certify';
  readonly by: string;
  readonly confirmedBy?: string;
  readonly at: string;
  readonly why: string;
}

/** What the first of two persons asked for. */
export interface KeyProposal {
  readonly act: 'activate' | 'revoke';
  readonly by: string;
  readonly at: string;
  readonly why: string;
  readonly reason?: RevocationReason;
  /** Since when the key is not to be trusted. */
  readonly since?: string;
}

/** All that is known of one key, as it stands in the compacted topic `keys` under its key id. Nothing in it is secret. */
export interface KeyRecord {
  readonly kid: Kid;
  readonly alg: SignatureAlgorithm;
  readonly purpose: KeyPurpose;
  /** Whose key it is: the operator, or the member that seals with it. */
  readonly iss: MemberId;
  readonly jwk: PublicJwk;
  /** Where the private part lives; `member` is not with us. */
  readonly store: 'file' | 'pkcs11' | 'transit' | 'member';
  readonly state: KeyState;
  readonly created: string;
  readonly activated?: string;
  /** Since when it signs nothing any more. */
  readonly retired?: string;
  readonly revoked?: { readonly at: string; readonly reason: RevocationReason };
  /** X.509 certificate, base64 of DER. A key gets at most one, so that what was sealed under it stays true. */
  readonly certificate?: string;
  readonly proposal?: KeyProposal;
  /** Everything that was done to it, oldest first. */
  readonly acts: readonly KeyAct[];
}

const STATES: readonly string[] = ['pending', 'active', 'retired', 'revoked'] satisfies KeyState[];

/** Reads a record as it lies on the topic under `key`; undefined where somebody else wrote it. */
export function readKeyRecord(key: string, value: Buffer | undefined): KeyRecord | undefined {
  try {
    const record = JSON.parse(value?.toString('utf8') ?? '') as KeyRecord;
    const sound =
      record.kid === key &&
      kidOf(record.jwk) === key &&
      memberId(record.iss) !== undefined &&
      KEY_PURPOSES.includes(record.purpose) &&
      STATES.includes(record.state) &&
      (record.jwk.kty === 'EC' ? 'ES256' : 'Ed25519') === record.alg &&
      Array.isArray(record.acts);
    return sound ? record : undefined;
  } catch {
    return undefined; // not JSON, or without what a key needs
  }
}

/** The bytes of a record. */
export const writeKeyRecord = (record: KeyRecord): Buffer => Buffer.from(JSON.stringify(record));
