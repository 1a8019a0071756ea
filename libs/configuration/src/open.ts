import { isJsonObject, type JsonValue, parseStrict } from '#canonical';
import { type CompactProfile, type KeySet, readKeySet, verifyCompact } from '#envelope';
import { type FaultCode, FaultError } from '#faults';
import {
  type Acceptance,
  type Agreement,
  type AgreementTerms,
  agreementText,
  type Configuration,
  instantOf,
  type Participant,
  type Policy,
  preparePolicy,
  readConfiguration,
  type SignedAgreement,
  termsFaults,
} from '#policy';
import { type MemberId, memberId, memberOf } from '#record';
import { CONFIGURATION_TYP, configurationDigest, MAX_CONFIGURATION_BYTES } from './issue.js';
import { misfit, type Side } from './statement.js';

/** A configuration that held when it was opened. It may be used before `notAfter` and never from then on. */
export interface OpenConfiguration {
  readonly iss: MemberId;
  readonly version: number;
  readonly digest: string;
  readonly issued: Date;
  readonly notAfter: Date;
  readonly configuration: Configuration;
  readonly members: ReadonlyMap<MemberId, Participant>;
  /** The keys of each member that sign; those for encryption stand in its entry. */
  readonly keys: ReadonlyMap<MemberId, KeySet>;
  /** What `decide` asks; its version is that of the configuration. An acceptance that does not hold is none. */
  readonly policy: Policy;
}

/** The configuration, or the first thing that speaks against it: `detail` says what, without quoting. */
export type Opened =
  | { readonly ok: true; readonly value: OpenConfiguration }
  | { readonly ok: false; readonly code: FaultCode; readonly detail: string };

const PROFILE: CompactProfile = {
  required: ['alg', 'kid', 'typ'],
  optional: {},
  typ: CONFIGURATION_TYP,
  kid: /^[A-Za-z0-9_-]{43}$/,
  issuer: true,
  purpose: 'configuration',
  limit: MAX_CONFIGURATION_BYTES,
};
const CLAIMS = ['configuration', 'digest', 'exp', 'iat', 'iss', 'version'];
const LIMITS = { maxBytes: MAX_CONFIGURATION_BYTES, maxDepth: 32 };
const LEEWAY_SECONDS = 60;
/** Nobody may sign for longer than a day: a configuration that does not end would outlive whoever made it. */
const MAX_VALIDITY_SECONDS = 24 * 3600;

/**
 * Verifies a signed configuration by `anchors`: keys that the reader trusts for the purpose `configuration`. In this order: signature, claims,
 * time, that it is not older than `known`, digest, content, and the signatures of both sides of every agreement. Pure but for its work.
 */
export function openConfiguration(jws: Uint8Array, anchors: KeySet, now: Date, known?: OpenConfiguration): Opened {
  const compact = verifyCompact(jws, PROFILE, anchors, now);
  if (!compact.ok) return refuse('CONFIGURATION_UNTRUSTED', compact.code);
  const parsed = parseStrict(compact.payload, LIMITS);
  if (!parsed.ok) return refuse('CONFIGURATION_MALFORMED', parsed.code);
  const claims = claimsOf(parsed.value);
  if (claims === undefined) return refuse('CONFIGURATION_MALFORMED', 'its claims');
  const { iss, iat, exp, version, digest } = claims;
  const seconds = now.getTime() / 1000;
  if (!(iat <= seconds + LEEWAY_SECONDS)) return refuse('CONFIGURATION_UNTRUSTED', 'it was signed in the future');
  if (!(seconds < exp)) return refuse('CONFIGURATION_EXPIRED', `at ${new Date(exp * 1000).toISOString()}`);
  const older = known === undefined ? undefined : olderThan(known, claims);
  if (older !== undefined) return refuse('CONFIGURATION_ROLLED_BACK', older);
  const times = { issued: new Date(iat * 1000), notAfter: new Date(exp * 1000) };
  if (known !== undefined && known.digest === digest) return { ok: true, value: { ...known, ...times } };

  const configuration = readConfiguration(claims.configuration);
  if ('wrong' in configuration) return refuse('CONFIGURATION_MALFORMED', `/configuration${configuration.wrong}`);
  if (configurationDigest(configuration) !== digest) return refuse('CONFIGURATION_MALFORMED', 'its digest');
  const keys = keysOf(configuration.members);
  if (typeof keys === 'string') return refuse('CONFIGURATION_MALFORMED', keys);
  const members = new Map(configuration.members.map((member) => [member.id, member]));
  const policy = preparePolicy({
    version: String(version),
    approved: configuration.members.filter(({ state }) => state === 'approved').map(({ id }) => id),
    purposes: configuration.purposes,
    agreements: agreementsOf(configuration.agreements, keys),
    classifications: configuration.classifications,
  });
  return { ok: true, value: { iss, version, digest, ...times, configuration, members, keys, policy } };
}

/** The agreements of a configuration as decisions take them. */
export function publishedAgreements({ configuration, keys }: OpenConfiguration): readonly Agreement[] {
  return agreementsOf(configuration.agreements, keys);
}

/** Signed agreements as decisions take them: an acceptance counts only where its signature holds by a key of that side. */
export function agreementsOf(agreements: readonly SignedAgreement[], keys: ReadonlyMap<MemberId, KeySet>): readonly Agreement[] {
  return agreements.map(({ versions, ...agreement }) => ({
    ...agreement,
    versions: versions.map(({ terms, acceptances }) => {
      const provider = acceptedAt(terms, 'provider', acceptances.provider, keys);
      const consumer = acceptedAt(terms, 'consumer', acceptances.consumer, keys);
      return { terms, accepted: { ...provider, ...consumer } };
    }),
  }));
}

function acceptedAt(
  terms: AgreementTerms,
  side: Side,
  acceptance: Acceptance | undefined,
  keys: ReadonlyMap<MemberId, KeySet>,
): { readonly [side: string]: string } {
  const own = keys.get(side === 'provider' ? terms.provider : memberOf(terms.consumer));
  if (acceptance === undefined || own === undefined || termsFaults(terms).length > 0) return {};
  const seen = new Date(instantOf(acceptance.at));
  return misfit('agreement', agreementText(terms), acceptance.jws, own, seen) === undefined ? { [side]: acceptance.at } : {};
}

interface Claims {
  readonly iss: MemberId;
  readonly iat: number;
  readonly exp: number;
  readonly version: number;
  readonly digest: string;
  readonly configuration: JsonValue;
}

function claimsOf(value: JsonValue): Claims | undefined {
  if (!isJsonObject(value)) return undefined;
  const names = Object.keys(value);
  if (names.length !== CLAIMS.length || !CLAIMS.every((name) => names.includes(name))) return undefined;
  const { iss, iat, exp, version, digest, configuration } = value;
  const whole = [iat, exp, version].every((number) => Number.isSafeInteger(number) && Number(number) > 0);
  const named = typeof iss === 'string' && memberId(iss) !== undefined && typeof digest === 'string';
  const lasts = Number(exp) > Number(iat) && Number(exp) - Number(iat) <= MAX_VALIDITY_SECONDS;
  return whole && named && lasts && configuration !== undefined ? (value as unknown as Claims) : undefined;
}

/** Whoever may write to the topic could bring an old one back while it has not expired. */
function olderThan(known: OpenConfiguration, { version, iat, digest }: Claims): string | undefined {
  if (version < known.version) return `version ${version} after ${known.version}`;
  if (version > known.version) return undefined;
  if (digest !== known.digest) return `version ${version} with other content`;
  return iat * 1000 < known.issued.getTime() ? `version ${version} from an earlier time` : undefined;
}

/** The signing keys of each member; the place of the first one that is not the member's or malformed instead. */
function keysOf(members: readonly Participant[]): ReadonlyMap<MemberId, KeySet> | string {
  const sets = new Map<MemberId, KeySet>();
  for (const [i, { id, keys }] of members.entries()) {
    const at = `/configuration/members/${i}/keys`;
    if (keys.some(({ iss }) => iss !== id)) return at;
    try {
      sets.set(id, readKeySet({ keys: keys.filter(({ use }) => use === 'sig') }));
    } catch (error) {
      if (error instanceof FaultError) return at;
      throw error;
    }
  }
  return sets;
}

function refuse(code: FaultCode, detail: string): Opened {
  return { ok: false, code, detail };
}
