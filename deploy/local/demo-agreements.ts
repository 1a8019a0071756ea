import type { AgreementTerms, Purpose } from '#policy';
import type { Membership, RecordType } from '#record';

/** What the demonstration agencies give each other: some fields of persons, and places as they are. */
export const PERSONS = 'population.person' as RecordType;
export const PLACES = 'address.locality' as RecordType;

/** Why the demonstration agencies give each other data. The law is fictitious. */
export const demoPurpose: Purpose = {
  id: 'residence-check',
  title: 'Checking where somebody lives before a benefit is granted',
  basis: { text: 'Demonstration: benefits act, section 4 (fictitious)', eli: 'https://law.example/eli/act/2026/4' },
  from: '2026-01-01T00:00:00Z',
};

/** The first agency gives the second one some fields of its persons, and the third one its places as they are. */
export function demoAgreements({ members }: Membership): readonly AgreementTerms[] {
  const [first, second, third] = members;
  const [benefits] = second?.subsystems ?? [];
  const [places] = third?.subsystems ?? [];
  if (first === undefined || benefits === undefined || places === undefined) return [];
  const shared: Omit<AgreementTerms, 'id' | 'consumer' | 'type' | 'fields'> = {
    ...{ version: 1, provider: first.id, purpose: demoPurpose.id, from: '2026-01-01T00:00:00Z', until: '2036-01-01T00:00:00Z' },
    quota: { records: 100_000, per: 'hour' },
    origin: 'topic',
    retention: 'P1Y',
    pseudonym: 'registry',
    encryption: 'none',
  };
  return [
    {
      ...shared,
      ...{ id: 'persons-for-benefits', consumer: benefits, type: PERSONS },
      fields: ['/id', '/names', '/birth', '/status'],
    },
    {
      ...shared,
      ...{ id: 'places-for-maps', consumer: places, type: PLACES },
      fields: 'record',
    },
  ];
}
