import { sha256Digest } from '#canonical';
import type { SealingKeys } from '#consumer';
import {
  type DisclosedClaims,
  type EnvelopeClaims,
  isDisclosable,
  type Signer,
  signContentPermit,
  verify,
  verifyDisclosed,
} from '#envelope';
import type { Act } from '#evidence';
import { FaultError } from '#faults';
import { type Fields, ORIGINS } from '#policy';
import { type ContentUrn, contentsNamedIn, type MemberId, memberOf, type SubjectUrn, type SubsystemId } from '#record';
import type { PolicySource } from '../policy-source.js';
import type { SealedContent } from '../sealed/examine.js';
import { rule } from '../steps/rule.js';

/** What permitting takes. */
export interface ContentParts {
  readonly policy: PolicySource;
  readonly keys: Pick<SealingKeys, 'current'>;
  /** The operator, in whose name permits are signed, and its key for that. */
  readonly operator: MemberId;
  readonly signer: Signer;
  /** Where the adapter of a member gives its contents; asked each time. */
  readonly addressOf: (member: MemberId) => string | undefined;
  readonly audit: { write(act: Act): Promise<void> };
  readonly now: () => Date;
}

/** A permit, where to go with it, and until when. */
export interface Permitted {
  readonly permit: string;
  readonly url: string;
  readonly expires: string;
}

type Claims = EnvelopeClaims | DisclosedClaims;

/**
 * Says which consumer may fetch which content: one to whom the envelope that it shows may be given now, with the very field that names the
 * content. The envelope is the proof that it was handed over, so nothing is looked up, and nothing is remembered.
 */
export class ContentDesk {
  constructor(private readonly parts: ContentParts) {}

  /**
   * A permit for one fetch. Its line in the audit topic, which becomes a leaf, comes first: without it there is none. Throws CONTENT_NOT_HELD where
   * the envelope does not hold, is for somebody else, or does not name the content; CONTENT_NO_ADDRESS; the first fault of the policy
   * where the consumer may not have that field now; and the fault of the configuration.
   */
  async permit(consumer: SubsystemId, envelope: Buffer, content: ContentUrn): Promise<Permitted> {
    const { operator, signer, now } = this.parts;
    const claims = this.claimsOf(envelope);
    const named = contentsNamedIn(claims?.record).filter(({ reference }) => reference?.dataref === content);
    if (claims === undefined || named.length === 0 || (claims.aud ?? consumer) !== consumer)
      throw new FaultError('CONTENT_NOT_HELD');
    const pointers = named.map(({ path }) => path);
    const agreement = this.agreementOn(consumer, claims, isDisclosable(envelope), pointers);
    const provider = memberOf(claims.origin.agency);
    const address = this.parts.addressOf(provider);
    if (address === undefined) throw new FaultError('CONTENT_NO_ADDRESS');
    const type = claims.schema.subject;
    const about = { iss: operator, consumer, provider, type, agreement, content, envelope: { iss: claims.iss, jti: claims.jti } };
    const { permit, expires } = await signContentPermit(about, signer, now());
    // The permit says the rest, and whoever has it can show that this line speaks of it.
    await this.parts.audit.write({
      kind: 'export',
      at: now().toISOString(),
      by: consumer,
      action: `content.permit ${type}`,
      subject: agreement,
      after: sha256Digest(Buffer.from(permit)),
    });
    return { permit, url: `${address.replace(/\/$/, '')}/v1/contents/${content}`, expires: expires.toISOString() };
  }

  private claimsOf(envelope: Buffer): Claims | undefined {
    const { keys, now } = this.parts;
    const options = { keys: keys.current(), now: now(), audience: 'any' } as const;
    const verified = isDisclosable(envelope) ? verifyDisclosed(envelope, options) : verify(envelope, options);
    return verified.ok ? verified.claims : undefined;
  }

  /** The agreement, `<id>/<version>`, under which the consumer may have one of the fields now. Throws the first fault where there is none. */
  private agreementOn(
    consumer: SubsystemId,
    { jti, event, origin, sub, schema }: Claims,
    disclosable: boolean,
    paths: readonly (readonly string[])[],
  ): string {
    const source = this.parts.policy.current();
    if ('fault' in source) throw new FaultError(source.fault);
    const { agency } = origin;
    const strength = ORIGINS.find((known) => known === origin.auth) ?? ORIGINS[0];
    // An envelope that shows no subject was given under a pseudonym of the consumer's own; which one decides nothing here.
    const whose = sub === undefined ? { ownSubject: `urn:khidi:hidden:${jti}` as SubjectUrn } : { subject: sub };
    const content: SealedContent = {
      jti,
      id: event.id,
      provider: memberOf(agency),
      agency,
      origin: strength,
      disclosable,
      ...whose,
    };
    const lane = { consumer, type: schema.subject };
    let fault: FaultError | undefined;
    for (const { id } of source.policy.candidates.get(consumer)?.get(lane.type) ?? []) {
      const ruling = rule(source, lane, content, this.parts.now().getTime(), id);
      if (ruling.kind !== 'deliver') fault ??= new FaultError(ruling.faults[0]?.code ?? 'POLICY_NO_AGREEMENT');
      else if (paths.some((path) => isGiven(path, ruling.fields))) return ruling.agreement;
      else fault ??= new FaultError('POLICY_FIELD_OUTSIDE');
    }
    throw fault ?? new FaultError('POLICY_NO_AGREEMENT');
  }
}

/** Whether a place in the record is among agreed fields, each of which is one member of the record with all that is below it. */
const isGiven = ([member = '']: readonly string[], fields: Fields): boolean =>
  fields === 'record' || fields.includes(`/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`);
