import type { EncryptionKey } from '#envelope';
import { FAULTS, type FaultReport, faultReport } from '#faults';
import { decide, type Fields, type Policy, type PolicyFault, type Quota } from '#policy';
import type { RecordType, SubjectUrn, SubsystemId } from '#record';
import type { CurrentPolicy } from '../policy-source.js';
import type { SealedContent } from '../sealed/examine.js';

/** Whom something is for, and what. */
export interface LaneName {
  readonly consumer: SubsystemId;
  readonly type: RecordType;
}

/** What is decided on one record for one consumer. */
export type Ruling =
  | {
      readonly kind: 'deliver';
      readonly agreement: string;
      readonly purpose: string;
      readonly fields: Fields;
      readonly quota: Quota;
      /** Present where it leaves encrypted only. */
      readonly key?: EncryptionKey;
      /** The subject learns of it from then on. */
      readonly shownFrom?: string;
      /** Present where the consumer sees a pseudonym of its own, and not the one in the envelope. */
      readonly subject?: SubjectUrn;
      /** Present where a receipt is asked for: within how long. */
      readonly receipts?: string;
    }
  | { readonly kind: 'refuse'; readonly faults: readonly FaultReport[] }
  /** Nobody has decided yet whether the consumer may have it: it waits. */
  | { readonly kind: 'wait'; readonly faults: readonly FaultReport[] };

/** Under which agreement a consumer gets a record now; `now` is milliseconds since 1970. With `agreement` it may only be that one. Default deny. */
export function rule(
  source: Pick<CurrentPolicy, 'policy' | 'encryptionKey' | 'pseudonyms'>,
  lane: LaneName,
  content: SealedContent,
  now: number,
  agreement?: string,
): Ruling {
  const { policy } = source;
  const { consumer, type } = lane;
  const { provider, origin, sealedAt } = content;
  const only = { ...(agreement === undefined ? {} : { agreement }), ...(sealedAt === undefined ? {} : { sealedAt }) };
  const faults: PolicyFault[] = [];
  for (const purpose of purposesOf(policy, { consumer, type })) {
    const decision = decide(policy, { consumer, provider, type, origin, purpose, ...only }, now);
    if (!decision.permitted) {
      // An agreement for another purpose says so to every question but its own; that is no reason to tell anybody.
      faults.push(...decision.faults.filter(({ code }) => code !== 'POLICY_PURPOSE_DIFFERS'));
      continue;
    }
    for (const grant of decision.grants) {
      const { agreement, version, fields, obligations } = grant;
      const key = obligations.encryption === 'consumer' ? source.encryptionKey(consumer, new Date(now)) : undefined;
      const subject = ownSubject(source, consumer, content, obligations.pseudonym);
      const unmet = unmetOf(grant, content, { key, subject }, policy, lane);
      if (unmet === undefined) {
        const { undisclosed, receipts, quota } = obligations;
        const asked = {
          ...(key === undefined ? {} : { key }),
          ...(subject === undefined ? {} : { subject }),
          ...(undisclosed === undefined ? {} : { shownFrom: undisclosed.until }),
          ...(receipts === undefined ? {} : { receipts }),
        };
        return { kind: 'deliver', agreement: `${agreement}/${version}`, purpose, fields, quota, ...asked };
      }
      faults.push({ ...unmet, agreement: grant.agreement });
    }
  }
  const [first, ...more] = faults;
  if (first === undefined) return { kind: 'refuse', faults: [faultReport('POLICY_NO_AGREEMENT')] };
  const open = faults.some(({ code }) => FAULTS[code].retry);
  return { kind: open ? 'wait' : 'refuse', faults: [first, ...more] };
}

/**
 * What an agreement asks for that the envelope cannot give. The plain profile shows the whole record under the registry's pseudonym; the one
 * with disclosures shows or hides each member of the record, but never a part of one.
 */
function unmetOf(
  { fields, obligations }: Pick<Grant, 'fields' | 'obligations'>,
  { disclosable, under }: SealedContent,
  { key, subject }: { readonly key: EncryptionKey | undefined; readonly subject: SubjectUrn | undefined },
  policy: Policy,
  lane: LaneName,
) {
  if (obligations.encryption !== 'none' && key === undefined) return faultReport('DELIVERY_KEY_MISSING', '/encryption');
  // The whole record would name its subject by the identifier in it; and where the envelope shows the registry's pseudonym, none helps.
  const canHide = subject !== undefined && fields !== 'record' && disclosable;
  if (obligations.pseudonym === 'consumer' && !canHide) return faultReport('DELIVERY_TERMS_UNMET', '/pseudonym');
  const shown = under === undefined ? undefined : fieldsUnder(policy, lane, under);
  const fits = shown === undefined ? fields !== 'record' && fields.every((one) => MEMBER.test(one)) : isWithin(shown, fields);
  const canBeGiven = fields === 'record' || (disclosable && fits);
  return canBeGiven ? undefined : faultReport('DELIVERY_FIELDS_WIDER', '/fields');
}

/** The pseudonym under which the consumer sees the subject, where that is one of its own; what was delivered under one stays so. */
function ownSubject(
  { pseudonyms }: Pick<CurrentPolicy, 'pseudonyms'>,
  consumer: SubsystemId,
  { ownSubject: given, subject, under }: SealedContent,
  wanted: 'registry' | 'consumer',
): SubjectUrn | undefined {
  if (given !== undefined) return given;
  const hidden = wanted === 'consumer' && under === undefined && subject !== undefined;
  return hidden ? pseudonyms?.of(consumer, subject) : undefined;
}

/** What was agreed on when something was encrypted; nothing of that can be taken out any more. Nobody knows: the whole record. */
function fieldsUnder({ candidates }: Policy, { consumer, type }: LaneName, under: string): Fields {
  const [id, version] = under.split('/');
  const agreement = candidates
    .get(consumer)
    ?.get(type)
    ?.find((candidate) => candidate.id === id);
  return agreement?.ready.get(Number(version))?.terms.fields ?? 'record';
}

const isWithin = (shown: Fields, fields: Fields): boolean =>
  fields === 'record' || (shown !== 'record' && shown.every((pointer) => fields.includes(pointer)));

/** A pointer to one member of the record, as it stands in the pointers of disclosures too. */
const MEMBER = /^\/(?!\*$)[^/]+$/;
type Grant = Extract<ReturnType<typeof decide>, { permitted: true }>['grants'][number];

/** The purposes that the agreements of a lane are for. */
function purposesOf({ candidates }: Policy, { consumer, type }: LaneName): ReadonlySet<string> {
  const ready = candidates.get(consumer)?.get(type) ?? [];
  const purposes = ready.flatMap((candidate) => [...candidate.ready.values()].map(({ terms }) => terms.purpose));
  // An agreement whose terms are malformed has no purpose; it is asked all the same, so that its fault is told.
  return new Set(ready.length > 0 && purposes.length === 0 ? [''] : purposes);
}
