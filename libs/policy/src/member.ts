import type { MemberId, RecordType, Registry, SubsystemId } from '#record';
import type { Instant } from './terms.js';

/** How far a member has come: asked to take part, its keys proved, approved by a second person, or stopped for the time being. */
export const MEMBER_STATES = ['invited', 'joined', 'approved', 'suspended'] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

/** Where a member stands in the hierarchy of the state. */
export const MEMBER_LEVELS = ['national', 'regional', 'local'] as const;
export type MemberLevel = (typeof MEMBER_LEVELS)[number];

/** What a key of a member is for: it signs agreements, signs receipts, or deliveries are encrypted to it. */
export const MEMBER_KEY_PURPOSES = ['agreement', 'receipts', 'encryption'] as const;
export type MemberKeyPurpose = (typeof MEMBER_KEY_PURPOSES)[number];

/** A public key of P-256 as it is published (RFC 7517): `kid` is its thumbprint, `iss` its member; times are seconds since 1970. */
export interface MemberKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: 'ES256' | 'ECDH-ES';
  readonly use: 'sig' | 'enc';
  readonly iss: MemberId;
  readonly purpose: MemberKeyPurpose;
  readonly nbf: number;
  readonly revoked?: { readonly revoked_at: number };
}

/** How a system takes deliveries. */
export interface Endpoint {
  readonly kind: 'kafka' | 'webhook' | 'pull';
  /** Of a webhook: where to. */
  readonly url?: string;
  /** What comes here; absent: every record type. */
  readonly types?: readonly RecordType[];
  /** Whether records of one subject come one after another; `subject` where absent. */
  readonly order?: 'subject' | 'none';
}

/** One information system of a member. */
export interface MemberSystem {
  readonly id: SubsystemId;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

/** A member as everybody sees it: its contacts stay in the directory. */
export interface Participant {
  /** Instance, class (GOV, COM, NGO) and code. */
  readonly id: MemberId;
  readonly name: string;
  readonly level: MemberLevel;
  /** The member above it in the hierarchy. */
  readonly parent?: MemberId;
  readonly state: MemberState;
  /** Since when it is in this state. */
  readonly since: Instant;
  /** The base registries that it keeps. */
  readonly registries: readonly Registry[];
  readonly systems: readonly MemberSystem[];
  readonly keys: readonly MemberKey[];
}
