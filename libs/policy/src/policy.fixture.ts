import { type MemberId, memberOf, type RecordType, type SubsystemId } from '#record';
import type { Agreement, AgreementTerms, AgreementVersion, Decision, PolicyRequest, PolicySource, Purpose } from './index.js';

export const PROVIDER = 'GE/GOV/7001' as MemberId;
export const CONSUMER = 'GE/GOV/7002/pensions' as SubsystemId;
export const DELEGATE = 'GE/NGO/7009' as MemberId;
export const PERSON = 'population.person' as RecordType;
export const AT = Date.parse('2099-05-03T12:00:00Z');

export const PURPOSE: Purpose = {
  id: 'pension',
  title: 'Granting pensions',
  basis: { text: 'Pension act, section 4 (fictitious)', eli: 'https://law.example/eli/act/2090/4' },
  from: '2099-01-01T00:00:00Z',
};

export const TERMS: AgreementTerms = {
  id: 'a1',
  version: 1,
  provider: PROVIDER,
  consumer: CONSUMER,
  type: PERSON,
  purpose: 'pension',
  fields: ['/id', '/birth'],
  quota: { records: 1000, per: 'hour' },
  from: '2099-01-01T00:00:00Z',
  until: '2100-01-01T00:00:00Z',
  origin: 'topic',
  retention: 'P1Y',
  pseudonym: 'registry',
  encryption: 'none',
};

export const REQUEST: PolicyRequest = {
  consumer: CONSUMER,
  provider: PROVIDER,
  type: PERSON,
  purpose: 'pension',
  origin: 'topic',
};

/** A version that both sides accepted before it began. */
export function accepted(terms: Partial<AgreementTerms> = {}): AgreementVersion {
  const day = '2098-12-01T00:00:00Z';
  return { terms: { ...TERMS, ...terms }, accepted: { provider: day, consumer: day } };
}

/** An agreement of one accepted version. */
export function agreed(terms: Partial<AgreementTerms> = {}): Agreement {
  return { id: terms.id ?? TERMS.id, versions: [accepted(terms)] };
}

export function source(agreements: readonly Agreement[], more: Partial<PolicySource> = {}): PolicySource {
  return {
    version: 'p1',
    approved: [PROVIDER, memberOf(CONSUMER), DELEGATE],
    purposes: [PURPOSE],
    agreements,
    classifications: {
      [PERSON]: {
        record: 'personal',
        fields: {
          '/properties/id': 'internal',
          '/properties/birth': 'personal',
          '/properties/health': 'special',
          '/properties/names/items/properties/text': 'personal',
          '/properties/kin/items/allOf/0/properties/faith': 'special',
        },
      },
    },
    ...more,
  };
}

/** `permit`, or the codes of a refusal without `POLICY_`, in order of the alphabet. */
export function outcome(decision: Decision): string {
  if (decision.permitted) return 'permit';
  return [...new Set(decision.faults.map(({ code }) => code.replace('POLICY_', '')))].sort().join(' ');
}
