import type { MemberId } from '#record';
import {
  type Agreement,
  agreementDigest,
  agreementText,
  changesSince,
  decide,
  inForce,
  type PolicyRequest,
  preparePolicy,
  stateOf,
  termsFaults,
} from './index.js';
import { AT, accepted, agreed, outcome, REQUEST, source, TERMS } from './policy.fixture.js';

const DAYS = ['03-31', '04-01', '05-02', '05-03', '06-01', '07-31', '08-01', '09-01'];

/**
 * What holds on each day of 2099 at 00:00 (columns of DAYS). `from..until` of each version, days on which provider and consumer
 * accepted it; then the day of the revocation. A number: that version is in force. n: not accepted. y: not yet. e: expired. r: revoked.
 */
const TABLE = `
  04-01..08-01 03-01 03-02                                        |       | y 1 1 1 1 1 e e
  04-01..08-01 03-01 05-03                                        |       | n n n 1 1 1 e e
  04-01..08-01 05-03 03-01                                        |       | n n n 1 1 1 e e
  04-01..08-01 -     03-01                                        |       | n n n n n n n n
  04-01..08-01 03-01 -                                            |       | n n n n n n n n
  04-01..08-01 -     -                                            |       | n n n n n n n n
  04-01..08-01 03-01 03-02                                        | 05-03 | y 1 1 r r r r r
  04-01..08-01 03-01 03-02                                        | 03-03 | r r r r r r r r
  04-01..08-01 -     03-01                                        | 06-01 | n n n n r r r r
  04-01..08-01 03-01 03-02                                        | 09-01 | y 1 1 1 1 1 e r
  04-01..08-01 09-01 09-01                                        |       | n n n n n n n e
  04-01..08-01 03-01 03-02 , 05-03..09-01 03-01 03-01             |       | y 1 1 2 2 2 2 e
  04-01..08-01 03-01 03-02 , 05-03..06-01 03-01 03-01             |       | y 1 1 2 e e e e
  04-01..08-01 03-01 03-02 , 05-03..09-01 03-01 -                 |       | y 1 1 1 1 1 e e
  04-01..08-01 03-01 03-02 , 04-01..09-01 06-01 05-03             |       | y 1 1 1 2 2 2 e
  06-01..08-01 03-01 03-02 , 04-01..05-03 03-01 03-02             |       | y 2 2 e e e e e
  04-01..05-03 03-01 03-02 , 06-01..09-01 03-01 03-02             |       | y 1 1 e 2 2 2 e
  04-01..08-01 03-01 03-02 , 05-03..09-01 03-01 03-01             | 06-01 | y 1 1 2 r r r r
  04-01..08-01 03-01 03-01 , 05-03..09-01 03-01 03-01 , 06-01..09-01 03-01 03-01 | | y 1 1 2 3 3 3 e
  04-01..08-01 03-01 03-01 , 06-01..09-01 03-01 03-01 , 05-03..09-01 03-01 03-01 | | y 1 1 3 3 3 3 e
`;
const FAULT: Readonly<Record<string, string>> = { n: 'NOT_ACCEPTED', y: 'NOT_YET_EFFECTIVE', e: 'EXPIRED', r: 'REVOKED' };

const instant = (day: string) => `2099-${day}T00:00:00Z`;
const rows = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [what = '', revoked = '', cells = ''] = line.split('|').map((cell) => cell.trim());
    return cells.split(' ').map((cell, i) => ({ what: what.replace(/ +/g, ' '), revoked, day: DAYS[i] ?? '', cell }));
  });

function agreementOf(what: string, revoked: string): Agreement {
  const versions = what.split(' , ').map((text, i) => {
    const [span = '', provider = '-', consumer = '-'] = text.split(' ');
    const [from = '', until = ''] = span.split('..');
    return {
      terms: { ...TERMS, version: i + 1, from: instant(from), until: instant(until) },
      accepted: {
        ...(provider === '-' ? {} : { provider: instant(provider) }),
        ...(consumer === '-' ? {} : { consumer: instant(consumer) }),
      },
    };
  });
  return { id: TERMS.id, versions, ...(revoked === '' ? {} : { revoked: instant(revoked) }) };
}

describe('what was in force', () => {
  it.each(rows)('$what, revoked "$revoked", on $day: $cell', ({ what, revoked, day, cell }) => {
    const agreement = agreementOf(what, revoked);
    const at = Date.parse(instant(day));
    const decision = decide(preparePolicy(source([agreement])), REQUEST, at);
    expect(outcome(decision)).toBe(FAULT[cell] ?? 'permit');
    const version = FAULT[cell] === undefined ? Number(cell) : undefined;
    expect(inForce(agreement, at)?.terms.version).toBe(version);
    expect(decision.permitted ? decision.grants.map((grant) => grant.version) : []).toEqual(
      version === undefined ? [] : [version],
    );
  });

  it('holds to the millisecond', () => {
    const policy = preparePolicy(source([agreed({ from: instant('05-03'), until: instant('05-04') })]));
    const [from, until] = [Date.parse(instant('05-03')), Date.parse(instant('05-04'))];
    expect([from - 1, from, until - 1, until].map((at) => decide(policy, REQUEST, at).permitted)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('permits nothing at %p', (now) => {
    expect(decide(preparePolicy(source([agreed()])), REQUEST, now).permitted).toBe(false);
  });
});

describe('when the state of a version is asked for', () => {
  it('is proposed, accepted, revoked', () => {
    const agreement = agreementOf('04-01..08-01 03-01 03-02', '05-03');
    const states = ['03-01', '03-02', '05-02', '05-03'].map((day) =>
      stateOf(agreement, agreement.versions[0]!, Date.parse(instant(day))),
    );
    expect(states).toEqual(['proposed', 'accepted', 'accepted', 'revoked']);
  });
});

describe('when an agreement is on changes only', () => {
  const on = (...versions: readonly object[]): Agreement => ({
    id: TERMS.id,
    versions: versions.map((more, i) => accepted({ ...more, version: i + 1 })),
  });
  const since = (...agreements: readonly Agreement[]) => {
    const of = changesSince(preparePolicy(source(agreements)), TERMS.consumer, TERMS.type);
    return of === undefined || of === Infinity ? of : new Date(of).toISOString().slice(5, 10);
  };
  const changes = { begins: 'changes', from: instant('04-01') } as const;

  it.each<[string, readonly Agreement[], string | number | undefined]>([
    ['the one agreement does not say so', [agreed()], undefined],
    ['it does', [on(changes)], '04-01'],
    ['a later version goes on', [on(changes, { ...changes, from: instant('06-01') })], '04-01'],
    ['a later version gives the registry', [on(changes, { from: instant('06-01') })], undefined],
    ['another agreement gives the registry', [on(changes), agreed({ id: 'a2' })], undefined],
    ['nobody accepted it yet', [{ id: TERMS.id, versions: [{ terms: { ...TERMS, ...changes }, accepted: {} }] }], Infinity],
    ['there is none', [], undefined],
  ])('a lane begins rightly where %s', (_, agreements, expected) => {
    expect(since(...agreements)).toBe(expected);
  });

  it.each<[string, Partial<PolicyRequest>, string]>([
    ['a record that was sealed before', { sealedAt: Date.parse(instant('03-31')) }, 'BEFORE_BEGIN'],
    ['one at that very instant', { sealedAt: Date.parse(instant('04-01')) }, 'permit'],
    ['one at no instant', { sealedAt: Number.NaN }, 'BEFORE_BEGIN'],
    ['no record at all', {}, 'permit'],
  ])('judges %s', (_, more, expected) => {
    const policy = preparePolicy(source([on(changes)]));
    expect(outcome(decide(policy, { ...REQUEST, ...more }, Date.parse(instant('05-03'))))).toBe(expected);
    expect(outcome(decide(preparePolicy(source([agreed()])), { ...REQUEST, ...more }, Date.parse(instant('05-03'))))).toBe(
      'permit',
    );
  });

  it('is part of what is signed only where it is said, so that what was signed before keeps its digest', () => {
    expect(String(agreementText({ ...TERMS, begins: 'changes' }))).toContain('"begins":"changes"');
    expect(agreementDigest(TERMS)).toBe('sha-256:DPx0dEBsyUpEB_yl0MPEr_fqk1tIi1_S800j9wB29N0');
  });
});

describe('when terms are malformed', () => {
  it.each<readonly [string, object, readonly string[]]>([
    ['an id with capitals', { id: 'A1' }, ['/id']],
    ['version 0', { version: 0 }, ['/version']],
    ['half a version', { version: 1.5 }, ['/version']],
    ['a subsystem as provider', { provider: 'GE/GOV/7001/x' }, ['/provider']],
    ['a member as consumer', { consumer: 'GE/GOV/7002' }, ['/consumer']],
    ['no fields', { fields: [] }, ['/fields']],
    ['a field twice', { fields: ['/a', '/a'] }, ['/fields']],
    ['the empty pointer', { fields: [''] }, ['/fields']],
    ['a bad escape', { fields: ['/a~2'] }, ['/fields']],
    ['another word for the record', { fields: 'all' }, ['/fields']],
    ['a quota of nothing', { quota: { records: 0, per: 'hour' } }, ['/quota']],
    ['a quota a week', { quota: { records: 1, per: 'week' } }, ['/quota']],
    ['a day that does not exist', { from: '2099-02-30T00:00:00Z' }, ['/from']],
    ['an offset', { until: '2099-05-03T00:00:00+04:00' }, ['/until']],
    ['an end at the beginning', { until: TERMS.from }, ['/until']],
    ['an unknown origin', { origin: 'rumour' }, ['/origin']],
    ['a retention without a number', { retention: 'P' }, ['/retention']],
    ['a delegate that is no member', { delegate: 'somebody' }, ['/delegate']],
    ['an ELI that is none', { specialBasis: { text: 'x', eli: 'https://law.example/4' } }, ['/specialBasis']],
    ['a delay without a law', { undisclosed: { until: '2099-05-03T00:00:00Z' } }, ['/undisclosed']],
    ['a delay without an end', { undisclosed: { until: 'never', basis: { text: 'x' } } }, ['/undisclosed']],
    ['another beginning than changes', { begins: 'registry' }, ['/begins']],
    ['a member that nobody reads', { fee: 'none' }, ['/*']],
    ['two mistakes', { id: '', encryption: 'rot13' }, ['/id', '/encryption']],
  ])('names %s', (_, change, pointers) => {
    const terms = { ...TERMS, ...change };
    expect(termsFaults(terms)).toEqual(pointers.map((pointer) => ({ code: 'POLICY_TERMS_INVALID', pointer })));
    const agreement = { id: terms.id, versions: [accepted(terms)] };
    expect(decide(preparePolicy(source([agreement])), REQUEST, AT).permitted).toBe(false);
    expect(inForce(agreement, AT)).toBeUndefined();
  });

  it.each<readonly [string, readonly Agreement[]]>([
    ['two agreements of one id', [agreed(), agreed({ fields: ['/id'] })]],
    ['a version twice', [{ id: 'a1', versions: [accepted(), accepted()] }]],
    [
      'a version with another provider',
      [{ id: 'a1', versions: [accepted(), accepted({ version: 2, provider: 'GE/GOV/7003' as MemberId })] }],
    ],
    ['another id in the terms', [{ id: 'a2', versions: [accepted()] }]],
    ['an acceptance at no instant', [{ id: 'a1', versions: [{ terms: TERMS, accepted: { provider: 'now', consumer: 'now' } }] }]],
    ['a revocation at no instant', [{ ...agreed(), revoked: 'now' }]],
  ])('permits nothing under %s', (_, agreements) => {
    expect(outcome(decide(preparePolicy(source(agreements)), REQUEST, AT))).toBe('TERMS_INVALID');
  });

  it('finds nothing wrong with what is right, and with no object everything', () => {
    expect(termsFaults({ ...TERMS, fields: ['/a~1b/*'], delegate: TERMS.provider })).toEqual([]);
    expect(termsFaults(null)).toEqual([{ code: 'POLICY_TERMS_INVALID', pointer: '' }]);
  });
});
