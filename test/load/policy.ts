import { decide, type PolicyRequest, preparePolicy } from '#policy';
import { type MemberId, memberOf, type RecordType, type SubsystemId, subsystemId } from '#record';
import { type Row, row } from './measure.js';

const CONSUMERS = 1000;
const TYPES = ['population.person', 'address.locality', 'business.legal-entity'] as RecordType[];
const DECISIONS = 1_000_000;
const PROVIDER = 'GE/GOV/7001' as MemberId;
const NOW = Date.parse('2099-05-03T12:00:00Z');
const AIM = { name: 'aim', value: 300_000 };

/** Decisions a second of processor time, over 3,000 agreements: all agreed fields, some of them, and a refusal. */
export function benchPolicy(tell: (text: string) => void): Row[] {
  const consumers = Array.from({ length: CONSUMERS }, (_, n) => subsystemId(`GE/GOV/${7002 + n}/desk`)).filter(
    (id) => id !== undefined,
  );
  const policy = preparePolicy({
    version: 'bench',
    approved: [PROVIDER, ...consumers.map(memberOf)],
    purposes: [{ id: 'p', title: 'Bench', basis: { text: 'none' }, from: '2099-01-01T00:00:00Z' }],
    agreements: consumers.flatMap((consumer, n) => TYPES.map((type, t) => agreementOf(`a${n}-${t}`, consumer, type))),
    classifications: Object.fromEntries(
      TYPES.map((type) => [
        type,
        { record: 'personal', fields: { '/properties/id': 'internal', '/properties/health': 'special' } },
      ]),
    ),
  });
  const requests = (more: Partial<PolicyRequest>): PolicyRequest[] =>
    consumers.flatMap((consumer) =>
      TYPES.map((type) => ({ consumer, provider: PROVIDER, type, purpose: 'p', origin: 'seal', ...more })),
    );
  const rate = (name: string, asked: readonly PolicyRequest[], permitted: boolean): Row => {
    tell(`policy: ${name}`);
    return row(`policy: ${name}`, measured(asked, permitted), 'decisions/s', AIM);
  };
  return [
    rate('all agreed fields', requests({}), true),
    rate('three of the fields', requests({ fields: ['/id', '/birth/date', '/names/0/text'] }), true),
    rate('refused, two faults', requests({ purpose: 'q', fields: ['/kin'] }), false),
  ];

  function measured(asked: readonly PolicyRequest[], permitted: boolean): number {
    const pass = (): void => {
      for (let i = 0; i < DECISIONS; i++) {
        const one = asked[i % asked.length];
        if (one !== undefined && decide(policy, one, NOW).permitted !== permitted)
          throw new Error('a decision of the benchmark is wrong');
      }
    };
    pass(); // warms up
    const before = process.cpuUsage();
    pass();
    const { user, system } = process.cpuUsage(before);
    return DECISIONS / ((user + system) / 1e6);
  }
}

function agreementOf(id: string, consumer: SubsystemId, type: RecordType) {
  const accepted = { provider: '2099-01-01T00:00:00Z', consumer: '2099-01-01T00:00:00Z' };
  const terms = {
    id,
    version: 1,
    provider: PROVIDER,
    consumer,
    type,
    purpose: 'p',
    fields: ['/id', '/birth', '/names/*/text', '/addresses'],
    quota: { records: 1000, per: 'hour' },
    from: '2099-01-01T00:00:00Z',
    until: '2100-01-01T00:00:00Z',
    origin: 'mtls',
    retention: 'P1Y',
    pseudonym: 'registry',
    encryption: 'none',
  } as const;
  return { id, versions: [{ terms, accepted }] };
}
