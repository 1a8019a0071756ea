import { isCanonical } from '#canonical';
import { type FaultReport, faultReport } from '#faults';
import { type MemberId, readEventType, type SubjectUrn, type SubsystemId } from '#record';
import type { Digest, EnvelopeClaims, EventClaim, LawClaim, OriginClaim, Salt, SchemaClaim } from '../claims.js';
import { jtiOf, saltedDigest } from '../identity.js';
import { contradiction, misfit, STATEMENT_SHAPE, TERMS_SHAPE } from '../shape.js';
import type { Sealer } from './sealer.js';

/** What holds for all records of one schema version. Pass the same object for all of them: it is checked and written once. */
export interface Terms {
  readonly schema: SchemaClaim;
  readonly law: LawClaim;
}

/** One validated record, ready to be sealed. */
export interface SealInput {
  readonly event: Omit<EventClaim, 'subject'>;
  readonly sub: SubjectUrn;
  readonly seq: number;
  readonly terms: Terms;
  /** `digest` is the plain SHA-256 of the bytes that the agency sent; the envelope carries it salted. */
  readonly origin: Omit<OriginClaim, 'digest'> & { readonly digest: Uint8Array };
  /** The RFC 8785 bytes of the record, one JSON object. */
  readonly record: Buffer;
  /** In a targeted exchange: the one consumer, and the digest of the query that this answers. */
  readonly target?: { readonly aud: MemberId | SubsystemId; readonly request: Digest };
}

/** The claims but for the record, which is never taken apart on its way into the envelope, and for the terms. */
export type Statement = Omit<EnvelopeClaims, 'record' | 'law' | 'schema'>;

/** States what is known of one record, or SEAL_INPUT with the pointer of the first thing that no verifier would accept. */
export function stateRecord(input: SealInput, sealer: Sealer, iat: number): Statement | FaultReport {
  if (!isCanonicalObject(input.record)) return faultReport('SEAL_INPUT', '/record');
  const { event, terms, origin } = input;
  const jti = jtiOf(event.source, event.id);
  const salt = sealer.salt(sealer.iss, jti);
  // Written out member by member: spreading three objects a record costs as much as a digest.
  const statement = {
    event: {
      dataschema: event.dataschema,
      id: event.id,
      source: event.source,
      subject: input.sub,
      time: event.time,
      type: event.type,
    },
    iat,
    iss: sealer.iss,
    jti,
    op: readEventType(event.type)?.op as Statement['op'], // absent makes a misfit
    origin: {
      agency: origin.agency,
      auth: origin.auth,
      digest: saltedDigest(salt, origin.digest),
      received: origin.received,
      ...(origin.seal === undefined ? {} : { seal: origin.seal }),
    },
    record_digest: saltedDigest(salt, input.record),
    salt: salt.toString('base64url') as Salt,
    seq: input.seq,
    sub: input.sub,
  };
  const own = input.target === undefined ? statement : { ...statement, ...input.target };
  const wrong = misfit(own, STATEMENT_SHAPE) ?? misfitOfTerms(terms) ?? contradiction(own, terms.schema);
  return wrong === undefined ? own : faultReport('SEAL_INPUT', wrong);
}

const sound = new WeakSet<Terms>();

function misfitOfTerms(terms: Terms): string | undefined {
  if (sound.has(terms)) return undefined;
  const wrong = misfit({ law: terms.law, schema: terms.schema }, TERMS_SHAPE);
  if (wrong === undefined) sound.add(terms);
  return wrong;
}

/**
 * The bytes are spliced into the claims as they are, so that a value like `{},"iss":"…"` would otherwise add claims of its own, and
 * one in another than the canonical form would have a digest that no verifier computes.
 */
function isCanonicalObject(bytes: Buffer): boolean {
  return bytes[0] === 0x7b && isCanonical(bytes);
}
