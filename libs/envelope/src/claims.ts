import type { Brand, Jti, MemberId, Op, RecordType, SchemaUrn, SubjectUrn, SubsystemId } from '#record';

/** RFC 7638 SHA-256 thumbprint of a public key: 43 characters. */
export type Kid = Brand<string, 'Kid'>;
/** `sha-256:` and 43 characters of base64url. */
export type Digest = Brand<string, 'Digest'>;
/** base64url of 128 bits. */
export type Salt = Brand<string, 'Salt'>;

/** The media type that says what a JWS of ours is (RFC 8725 section 3.11). */
export const RECORD_TYP = 'khidi-record+jwt';
/** The same for the profile with disclosures (RFC 9901). */
export const SD_RECORD_TYP = 'khidi-record+sd-jwt';
/** An envelope is never larger, in bytes. */
export const MAX_ENVELOPE_BYTES = 900 * 1024;

/** An origin seal is never larger, in bytes: it states a digest, not a record. */
export const MAX_ORIGIN_SEAL_BYTES = 4096;

/** The protected header: this closed set, nothing else. `iat` is seconds since 1970. */
export interface ProtectedHeader {
  readonly alg: 'ES256';
  readonly iat: number;
  readonly kid: Kid;
  readonly typ: typeof RECORD_TYP;
  /** Once the key has a certificate. */
  readonly 'x5t#S256'?: string;
}

/** The schema that judged the record. */
export interface SchemaClaim {
  readonly subject: RecordType;
  readonly version: number;
  readonly digest: Digest;
}

/** What the registry says of all records of a schema version. `retention` is an ISO 8601 duration. */
export interface LawClaim {
  readonly basis: string;
  readonly classification: 'public' | 'internal' | 'personal' | 'special';
  readonly retention: string;
}

/** Who sent what, and how it was authenticated. `digest` is salted; `received` is RFC 3339. */
export interface OriginClaim {
  readonly agency: SubsystemId;
  readonly auth: string;
  readonly digest: Digest;
  readonly received: string;
  /** The agency's own statement about the record, a compact JWS; present exactly where `auth` is `seal`. */
  readonly seal?: string;
}

/** The signed CloudEvents attributes. */
export interface EventClaim {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject: SubjectUrn;
  readonly dataschema: SchemaUrn;
}

/** A JSON object, as strict parsing gives it. */
export type RecordObject = { readonly [name: string]: unknown };

/** What an envelope states (DESIGN section 5). `aud` and `request` stand together, in a targeted exchange only. */
export interface EnvelopeClaims {
  readonly iss: MemberId;
  readonly jti: Jti;
  readonly iat: number;
  readonly sub: SubjectUrn;
  readonly aud?: MemberId | SubsystemId;
  readonly request?: Digest;
  readonly event: EventClaim;
  readonly op: Op;
  readonly seq: number;
  readonly schema: SchemaClaim;
  readonly origin: OriginClaim;
  readonly law: LawClaim;
  readonly record: RecordObject;
  readonly record_digest: Digest;
  readonly salt: Salt;
}
