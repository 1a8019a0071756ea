import fc from 'fast-check';
import type { MemberId, RecordType, SubsystemId } from '#record';
import {
  type Agreement,
  CLASSES,
  type Decision,
  decide,
  explain,
  type Fields,
  ORIGINS,
  type Policy,
  type PolicyFault,
  type PolicyRequest,
  preparePolicy,
} from './index.js';
import {
  AT,
  accepted,
  agreed,
  CONSUMER,
  DELEGATE,
  outcome,
  PERSON,
  PROVIDER,
  PURPOSE,
  REQUEST,
  source,
  TERMS,
} from './policy.fixture.js';

const RUNS = Number(process.env.KHIDI_POLICY_RUNS ?? 300);
const ask = (policy: Policy, more: Partial<PolicyRequest> = {}, now = AT): string =>
  outcome(decide(policy, { ...REQUEST, ...more }, now));

describe('when the origin is proved', () => {
  // rows: agreed; columns: proved by topic, mtls, seal, something unknown
  const table = { topic: 'PPPW', mtls: 'WPPW', seal: 'WWPW' } as const;
  const rows = ORIGINS.flatMap((least) =>
    [...ORIGINS, 'rumour'].map((origin, i) => ({ least, origin, expected: table[least][i] === 'P' ? 'permit' : 'ORIGIN_WEAK' })),
  );
  it.each(rows)('by $origin where $least is agreed: $expected', ({ least, origin, expected }) => {
    expect(ask(preparePolicy(source([agreed({ origin: least })])), { origin: origin as 'topic' })).toBe(expected);
  });
});

describe('when somebody else asks', () => {
  it.each<readonly [string, object, Partial<PolicyRequest>, string]>([
    ['the consumer', {}, {}, 'permit'],
    ['its member as actor', {}, { actor: 'GE/GOV/7002' as MemberId }, 'permit'],
    ['the delegate', { delegate: DELEGATE }, { actor: DELEGATE }, 'permit'],
    ['the consumer beside a delegate', { delegate: DELEGATE }, {}, 'permit'],
    ['a delegate of nobody', {}, { actor: DELEGATE }, 'DELEGATE_FOREIGN'],
    ['the provider as actor', { delegate: DELEGATE }, { actor: PROVIDER }, 'DELEGATE_FOREIGN'],
    ['another subsystem of the member', {}, { consumer: 'GE/GOV/7002/taxes' as SubsystemId }, 'NO_AGREEMENT'],
    ['another type', {}, { type: 'population.address' as RecordType }, 'NO_AGREEMENT'],
    ['for records of another provider', {}, { provider: DELEGATE }, 'PROVIDER_DIFFERS'],
    ['under this agreement', {}, { agreement: 'a1' }, 'permit'],
    ['under another agreement', {}, { agreement: 'a2' }, 'NO_AGREEMENT'],
    ['for another purpose', {}, { purpose: 'tax' }, 'PURPOSE_DIFFERS'],
    ['for a purpose that is not registered', { purpose: 'tax' }, { purpose: 'tax' }, 'PURPOSE_UNKNOWN'],
    [
      'wrong in three ways',
      { origin: 'seal' },
      { provider: DELEGATE, purpose: 'tax', fields: ['/health'] },
      'FIELD_OUTSIDE ORIGIN_WEAK PROVIDER_DIFFERS PURPOSE_DIFFERS SPECIAL_WITHOUT_BASIS',
    ],
  ])('%s', (_, terms, request, expected) => {
    expect(ask(preparePolicy(source([agreed(terms)])), request)).toBe(expected);
  });
});

describe('when the purpose register is asked', () => {
  it.each([
    ['in force', {}, 'permit'],
    ['from tomorrow', { from: '2099-05-04T00:00:00Z' }, 'PURPOSE_NOT_IN_FORCE'],
    ['until today', { until: '2099-05-03T12:00:00Z' }, 'PURPOSE_NOT_IN_FORCE'],
    ['until tomorrow', { until: '2099-05-04T00:00:00Z' }, 'permit'],
    ['from no instant', { from: 'ever' }, 'PURPOSE_UNKNOWN'],
    ['with no basis', { basis: { text: ' ' } }, 'PURPOSE_UNKNOWN'],
  ])('a purpose %s', (_, change, expected) => {
    expect(ask(preparePolicy(source([agreed()], { purposes: [{ ...PURPOSE, ...change }] })))).toBe(expected);
  });

  it('knows no purpose that stands in it twice', () => {
    expect(ask(preparePolicy(source([agreed()], { purposes: [PURPOSE, PURPOSE] })))).toBe('PURPOSE_UNKNOWN');
  });
});

describe('when it is permitted', () => {
  const policy = preparePolicy(source([agreed({ fields: ['/id', '/health'], specialBasis: { text: 'Health act' } })]));

  it('says under which agreement, version and policy, and with which obligations', () => {
    const decision = decide(policy, REQUEST, AT);
    expect(decision).toMatchObject({
      policyVersion: 'p1',
      grants: [
        {
          agreement: 'a1',
          version: 1,
          fields: ['/id', '/health'],
          obligations: { classification: CLASSES[3], specialBasis: { text: 'Health act' }, retention: 'P1Y', quota: TERMS.quota },
        },
      ],
    });
    expect(explain(decision)).toBe(
      'Permitted by policy p1.\n' +
        'Agreement a1, version 1, gives /id, /health for pension (Pension act, section 4 (fictitious), https://law.example/eli/act/2090/4).\n' +
        '  Obligations: class special; special fields by Health act; at most 1000 records a hour; kept no longer than P1Y; ' +
        'pseudonyms of the registry; not encrypted.',
    );
  });

  it('says nothing of special fields that are not given', () => {
    const [grant] = (decide(policy, { ...REQUEST, fields: ['/id'] }, AT) as Decision & { permitted: true }).grants;
    expect([grant.fields, grant.obligations.specialBasis, grant.obligations.classification]).toEqual([
      ['/id'],
      undefined,
      'personal',
    ]);
  });

  it('does not change with the data that it was made from', () => {
    const data = source([agreed()]);
    const ready = preparePolicy(data);
    Object.assign(data.agreements[0]!, { revoked: '2099-01-01T00:00:00Z' });
    expect(ask(ready)).toBe('permit');
  });
});

describe('when it is refused', () => {
  it('explains each fault with its agreement and what to do', () => {
    const faults: readonly PolicyFault[] = [
      { code: 'POLICY_PURPOSE_DIFFERS', pointer: '/purpose', agreement: 'a1' },
      { code: 'POLICY_REVOKED', agreement: 'a2' },
    ];
    const policy = preparePolicy(source([{ ...agreed({ id: 'a2' }), revoked: '2099-01-02T00:00:00Z' }, agreed()]));
    const decision = decide(policy, { ...REQUEST, purpose: 'tax' }, AT);
    expect(decision).toEqual({ permitted: false, policyVersion: 'p1', faults });
    expect(explain(decision)).toBe(
      'Refused by policy p1.\n' +
        'POLICY_PURPOSE_DIFFERS: The agreement is for another purpose (agreement a1, at /purpose of the request). ' +
        'Name the purpose that was agreed on, or agree on this one.\n' +
        'POLICY_REVOKED: The agreement was revoked (agreement a2). Ask the other side why; a new agreement is needed.',
    );
    expect(explain(decide(preparePolicy(source([])), REQUEST, AT))).toContain('POLICY_NO_AGREEMENT: ');
  });
});

// Few names, so that agreements and requests often meet.
const segment = fc.constantFrom('a', 'b', 'c', '*');
const pointer = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => `/${segments.join('/')}`);
const fields: fc.Arbitrary<Fields> = fc.oneof(
  { arbitrary: fc.uniqueArray(pointer, { minLength: 1, maxLength: 3 }), weight: 4 },
  { arbitrary: fc.constant<Fields>('record'), weight: 1 },
);
const day = fc.integer({ min: 1, max: 9 }).map((number) => `2099-05-0${number}T00:00:00Z`);
const instant = fc.integer({ min: 0, max: 10 }).map((number) => Date.parse('2099-05-01T00:00:00Z') + (number - 1) * 86_400_000);
const basis = fc.constantFrom({}, { specialBasis: { text: 'Health act' } });
const maybe = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { freq: 3 }).map((some) => (some === null ? {} : { [name]: some }));
const version = fc
  .tuple(
    fields,
    day,
    day,
    fc.constantFrom(...ORIGINS),
    basis,
    maybe('provider', day),
    maybe('consumer', day),
    maybe('delegate', fc.constant(DELEGATE)),
  )
  .map(([given, from, until, origin, special, provider, consumer, delegate]) => ({
    terms: { ...TERMS, fields: given, from, until, origin, ...special, ...delegate },
    accepted: { ...provider, ...consumer },
  }));
const agreements: fc.Arbitrary<readonly Agreement[]> = fc
  .array(fc.tuple(fc.array(version, { minLength: 1, maxLength: 3 }), maybe('revoked', day)), { maxLength: 4 })
  .map((list) =>
    list.map(([versions, revoked], n) => ({
      id: `a${n}`,
      versions: versions.map(({ terms, accepted: when }, i) => ({
        terms: { ...terms, id: `a${n}`, version: i + 1 },
        accepted: when,
      })),
      ...revoked,
    })),
  );
const request: fc.Arbitrary<PolicyRequest> = fc
  .tuple(maybe('fields', fields), fc.constantFrom(...ORIGINS), maybe('actor', fc.constant(DELEGATE)))
  .map(([some, origin, actor]) => ({ ...REQUEST, origin, ...some, ...actor }));

const classifications = { [PERSON]: { record: 'personal', fields: { '/properties/c': 'special' } } } as const;
const ready = (list: readonly Agreement[]): Policy => preparePolicy(source(list, { classifications }));
const grantsOf = (decision: Decision) => (decision.permitted ? decision.grants : []);

/** Whether a place of a record stands in a field, by a regular expression of the pointer: another way than the one under test. */
function stands(place: string, given: Fields): boolean {
  return given === 'record' || given.some((one) => new RegExp(`^${one.replaceAll('*', '[^/]+')}(/|$)`).test(place));
}
const PLACES = ['a', 'b', 'c', 'x'].flatMap((one) => [
  `/${one}`,
  ...['a', 'b', 'c', 'x'].flatMap((two) => [`/${one}/${two}`, `/${one}/${two}/a`]),
]);

describe('whatever the agreements are', () => {
  it('gives no field that is outside the agreement, was not asked for, or is special without a basis', () => {
    fc.assert(
      fc.property(agreements, request, instant, (list, asked, now) => {
        for (const grant of grantsOf(decide(ready(list), asked, now))) {
          const found = list
            .find(({ id }) => id === grant.agreement)
            ?.versions.find(({ terms }) => terms.version === grant.version);
          for (const place of PLACES.filter((one) => stands(one, grant.fields))) {
            expect(found !== undefined && stands(place, found.terms.fields)).toBe(true);
            expect(asked.fields === undefined || stands(place, asked.fields)).toBe(true);
            expect(!place.startsWith('/c') || found?.terms.specialBasis !== undefined).toBe(true);
          }
        }
      }),
      { numRuns: RUNS * 4 },
    );
    const cases = fc.sample(fc.tuple(agreements, request, instant), { numRuns: RUNS * 4, seed: 2099 });
    expect(cases.filter(([list, asked, now]) => decide(ready(list), asked, now).permitted).length).toBeGreaterThan(0);
  });

  it('takes away the grant of an agreement that is removed, and changes no other', () => {
    fc.assert(
      fc.property(agreements, request, instant, fc.nat(3), (list, asked, now, n) => {
        const before = grantsOf(decide(ready(list), asked, now));
        const after = grantsOf(decide(ready(list.filter(({ id }) => id !== `a${n}`)), asked, now));
        expect(after).toEqual(before.filter(({ agreement }) => agreement !== `a${n}`));
      }),
      { numRuns: RUNS },
    );
  });

  it('permits nothing under an agreement that is expired, revoked, not accepted or not yet effective', () => {
    fc.assert(
      fc.property(agreements, request, instant, (list, asked, now) => {
        for (const grant of grantsOf(decide(ready(list), asked, now))) {
          const of = list.find(({ id }) => id === grant.agreement);
          const { terms, accepted: when } = of?.versions.find((one) => one.terms.version === grant.version) ?? accepted();
          const bounds = [terms.from, when.provider ?? 'never', when.consumer ?? 'never'].map((text) => Date.parse(text) <= now);
          expect([...bounds, Date.parse(terms.until) > now]).toEqual([true, true, true, true]);
          expect(of?.revoked === undefined || Date.parse(of.revoked) > now).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('decides the same in whatever order agreements and versions stand', () => {
    fc.assert(
      fc.property(agreements, request, instant, (list, asked, now) => {
        const turned = list.map((one) => ({ ...one, versions: [...one.versions].reverse() })).reverse();
        expect(decide(ready(turned), asked, now)).toEqual(decide(ready(list), asked, now));
      }),
      { numRuns: RUNS },
    );
  });

  it('gives a stranger nothing', () => {
    fc.assert(
      fc.property(agreements, request, instant, (list, asked, now) => {
        expect(ask(ready(list), { ...asked, consumer: `${CONSUMER}-x` as SubsystemId }, now)).toBe('NO_AGREEMENT');
      }),
      { numRuns: RUNS },
    );
  });
});
