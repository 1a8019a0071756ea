import { isSha256Digest } from '#canonical';
import { memberId, OPS, readEventType, readSchemaUrn, readSource, recordType, registryOf, subsystemId } from '#record';
import { encodes } from './base64url.js';
import { type EnvelopeClaims, MAX_ORIGIN_SEAL_BYTES, type SchemaClaim } from './claims.js';
import { jtiOf, SALT_BYTES } from './identity.js';

type Check = (value: unknown) => boolean;
/** A closed set of members, each with its check or with members of its own. */
interface Shape {
  readonly [name: string]: Check | Shape;
}

const SUBJECT = /^urn:khidi:[a-z][a-z0-9-]{0,31}:[A-Za-z0-9_-]{43}$/;
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const DURATION = /^P[0-9YMWDTHS.,]{2,}$/;
const TOKEN = /^[a-z0-9+_-]{1,32}$/;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_VERSION = 999_999_999;
const CLASSIFICATIONS: ReadonlySet<unknown> = new Set(['public', 'internal', 'personal', 'special']);

/** Half a surrogate pair has no UTF-8 form: a text with one could be written, but no strict reader would take it back. */
const HALF_PAIR = /\p{Surrogate}/u;

const text: Check = (value) => typeof value === 'string' && value !== '' && !HALF_PAIR.test(value);
/** Checks a text by a pattern. */
export const matching =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
/** Checks a text by a reader, which gives undefined for what it does not know. */
export const read =
  (reader: (value: string) => unknown): Check =>
  (value) =>
    typeof value === 'string' && reader(value) !== undefined;
/** Checks a whole number by its bounds, both included. */
export const integer =
  (min: number, max = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
/** Checks a `sha-256:` digest. */
export const digest: Check = (value) => typeof value === 'string' && isSha256Digest(value);

/** Checks the version of an agreement: `<id>/<version>`. */
export const agreementVersion = matching(/^[a-z0-9-]{1,64}\/[1-9]\d{0,8}$/);

const originSeal: Check = (value) =>
  value === undefined || (typeof value === 'string' && value.length <= MAX_ORIGIN_SEAL_BYTES && COMPACT.test(value));

/** The terms that all records of one schema version share. */
export const TERMS_SHAPE: Shape = {
  law: {
    basis: text,
    classification: (value) => CLASSIFICATIONS.has(value),
    retention: matching(DURATION),
  },
  schema: { digest, subject: read(recordType), version: integer(1, MAX_VERSION) },
};

/** What is stated of one record, without the record itself and its terms. */
export const STATEMENT_SHAPE: Shape = {
  aud: (value) => value === undefined || read(memberId)(value) || read(subsystemId)(value),
  event: {
    dataschema: read(readSchemaUrn),
    id: text,
    source: read(readSource),
    subject: matching(SUBJECT),
    time: matching(RFC3339),
    type: read(readEventType),
  },
  iat: integer(0),
  iss: read(memberId),
  jti: (value) => encodes(value, 32),
  op: (value) => (OPS as readonly unknown[]).includes(value),
  origin: { agency: read(subsystemId), auth: matching(TOKEN), digest, received: matching(RFC3339), seal: originSeal },
  record_digest: digest,
  request: (value) => value === undefined || digest(value),
  salt: (value) => encodes(value, SALT_BYTES),
  seq: integer(0),
  sub: matching(SUBJECT),
};

const CLAIMS_SHAPE: Shape = { ...STATEMENT_SHAPE, ...TERMS_SHAPE, record: isObject };

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const { event: EVENT_SHAPE, origin: ORIGIN_SHAPE, sub: SUB, record_digest: RECORD_DIGEST, salt: SALT } = STATEMENT_SHAPE;
/** The claims of which some were not disclosed. */
const DISCLOSED_SHAPE: Shape = {
  ...CLAIMS_SHAPE,
  event: { ...(EVENT_SHAPE as Shape), subject: optional(matching(SUBJECT)) },
  origin: { ...(ORIGIN_SHAPE as Shape), digest: optional(digest) },
  sub: optional(SUB as Check),
  record_digest: optional(RECORD_DIGEST as Check),
  salt: optional(SALT as Check),
};

/** The same for claims of which some were not disclosed: what is there must fit, and its `jti` must be that of its event. */
export function misfitOfDisclosed(claims: unknown): string | undefined {
  const wrong = misfit(claims, DISCLOSED_SHAPE);
  if (wrong !== undefined) return wrong;
  const { jti, event, schema, op } = claims as EnvelopeClaims;
  const of = readEventType(event.type);
  if (of?.op !== op) return '/op';
  if (of.type !== schema.subject) return '/schema/subject';
  if (event.source !== `/${(claims as EnvelopeClaims).origin.agency}`) return '/event/source';
  return jti === jtiOf(event.source, event.id) ? undefined : '/jti';
}

/** The pointer of the first claim that is missing, unknown, malformed or contradicts another one; undefined where all is well. */
export function misfitOfClaims(claims: unknown): string | undefined {
  const wrong = misfit(claims, CLAIMS_SHAPE);
  if (wrong !== undefined) return wrong;
  const { jti, event, schema } = claims as EnvelopeClaims;
  return contradiction(claims as EnvelopeClaims, schema) ?? (jti === jtiOf(event.source, event.id) ? undefined : '/jti');
}

/** The pointer of the first member that does not fit the shape. The names of unknown members are data and become `*`. */
export function misfit(value: unknown, shape: Shape, at = ''): string | undefined {
  if (!isObject(value)) return at;
  for (const name in value) if (!Object.hasOwn(shape, name)) return `${at}/*`;
  for (const name in shape) {
    const rule = shape[name];
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    if (typeof rule === 'object') {
      const inside = misfit(member, rule, `${at}/${name}`);
      if (inside !== undefined) return inside;
    } else if (rule === undefined || !rule(member)) return `${at}/${name}`;
  }
  return undefined;
}

/** The pointer of the first claim that contradicts another one or the schema, in claims whose members all fit. */
export function contradiction(
  claims: Omit<EnvelopeClaims, 'record' | 'law' | 'schema'>,
  schema: SchemaClaim,
): string | undefined {
  const { event } = claims;
  const of = readEventType(event.type);
  if (event.subject !== claims.sub) return '/event/subject';
  if (readSource(event.source) !== claims.origin.agency) return '/event/source';
  if (of?.op !== claims.op) return '/op';
  if (of.type !== schema.subject) return '/schema/subject';
  const named = readSchemaUrn(event.dataschema);
  if (named?.subject !== schema.subject || named.version !== schema.version) return '/event/dataschema';
  if ((claims.origin.auth === 'seal') !== (claims.origin.seal !== undefined)) return '/origin/seal';
  if (!claims.sub.startsWith(`urn:khidi:${registryOf(of.type)}:`)) return '/sub';
  return (claims.aud === undefined) === (claims.request === undefined) ? undefined : '/request';
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
