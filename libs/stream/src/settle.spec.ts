import fc from 'fast-check';
import {
  decodeOutcomes,
  type MemberId,
  type MemberOutcome,
  type OutgoingRecord,
  type ReceivedRecord,
  type Verdict,
} from '#record';
import { settle } from './settle.js';

const MEMBER = 'GE/GOV/7001' as MemberId;
const OTHER = 'GE/GOV/7002' as MemberId;
const OPTIONS = { service: 'validation', budgetBytes: 100_000 };

const received = (offset: number, more: Partial<ReceivedRecord> = {}): ReceivedRecord => ({
  topic: 'ingress.GE-GOV-7001.address.locality',
  partition: 0,
  offset: String(offset),
  key: Buffer.from('key'),
  value: Buffer.from('value'),
  headers: { ce_id: Buffer.from(`id-${offset}`) },
  timestamp: 0,
  ...more,
});
const runOf = (count: number, next = BigInt(count)) => ({
  records: Array.from({ length: count }, (_, i) => received(i)),
  next,
  end: next,
});
const output = (bytes = 10): OutgoingRecord => ({
  topic: 'validated.address.locality',
  key: 'p',
  value: Buffer.alloc(bytes),
  headers: {},
});
const told = (kind: 'rejected' | 'duplicate' | 'conflict' | 'sealed', offset: number, member = MEMBER): MemberOutcome => ({
  member,
  outcome: { kind, ingress: `t/0/${offset}`, at: '2099-01-01T00:00:00Z' },
});
const accepted = (bytes = 10): Verdict => ({ kind: 'accepted', outputs: [output(bytes)] });

describe('when all records are accepted', () => {
  it('is one transaction with the outputs in order and the offset after the markers that follow', () => {
    const settled = settle(runOf(3, 5n), [accepted(1), accepted(2), accepted(3)], OPTIONS);
    expect(settled.transactions).toHaveLength(1);
    expect(settled.transactions[0]).toMatchObject({ next: 5n, count: 3 });
    expect(settled.transactions[0]?.records.map((record) => record.value?.length)).toEqual([1, 2, 3]);
    expect(settled.retry).toBeUndefined();
  });
});

describe('when records are rejected, repeated or in conflict', () => {
  it('tells each member in one record and passes nothing on', () => {
    const verdicts: Verdict[] = [
      { kind: 'rejected', outcome: told('rejected', 0) },
      { kind: 'duplicate', outcome: told('duplicate', 1, OTHER) },
      { kind: 'conflict', outcome: told('conflict', 2) },
    ];
    const [transaction] = settle(runOf(3), verdicts, OPTIONS).transactions;
    expect(transaction?.records.map((record) => record.topic)).toEqual(['outcomes.GE-GOV-7001', 'outcomes.GE-GOV-7002']);
    const kinds = transaction?.records.map((record) => decodeOutcomes(record.value)?.map((outcome) => outcome.kind));
    expect(kinds).toEqual([['rejected', 'conflict'], ['duplicate']]);
  });
});

describe('when an accepted record has an outcome', () => {
  it('writes both in the same transaction', () => {
    const [transaction] = settle(
      runOf(1),
      [{ kind: 'accepted', outputs: [output()], outcome: told('sealed', 0) }],
      OPTIONS,
    ).transactions;
    expect(transaction?.records.map((record) => record.topic)).toEqual(['validated.address.locality', 'outcomes.GE-GOV-7001']);
  });
});

describe('when a record is undecided', () => {
  it('commits what is before it and stops there', () => {
    const settled = settle(runOf(4), [accepted(), accepted(), { kind: 'retry', fault: 'SEEN_UNAVAILABLE' }, accepted()], OPTIONS);
    expect(settled.transactions.map(({ next, count }) => ({ next, count }))).toEqual([{ next: 2n, count: 2 }]);
    expect(settled.retry).toEqual({ at: 2n, fault: 'SEEN_UNAVAILABLE' });
  });

  it('commits nothing where it is the first', () => {
    const settled = settle(runOf(2), [{ kind: 'retry', fault: 'STREAM_UNAVAILABLE' }, accepted()], OPTIONS);
    expect(settled.transactions).toEqual([]);
    expect(settled.retry?.at).toBe(0n);
  });
});

describe('when a record is dead', () => {
  const record = received(7, {
    key: null,
    headers: { 'x-many': [Buffer.from('1'), Buffer.from('2')], khidi_fault: Buffer.from('OLD') },
  });
  const settled = settle(
    { records: [record], next: 8n, end: 8n },
    [{ kind: 'dead', fault: 'STREAM_DEFECT', outcome: told('rejected', 7) }],
    OPTIONS,
  );
  const letter = settled.transactions[0]?.records[0];

  it('keeps key, value and headers as they were', () => {
    expect(letter).toMatchObject({ topic: 'dead-letter.validation', partition: 0, key: null, value: Buffer.from('value') });
    expect(letter?.headers['x-many']).toEqual([Buffer.from('1'), Buffer.from('2')]);
  });

  it('adds the reason in our headers and in those of Kafka Connect', () => {
    const texts = Object.fromEntries(Object.entries(letter?.headers ?? {}).map(([name, value]) => [name, String(value)]));
    expect(texts).toMatchObject({
      khidi_step: 'validation',
      khidi_topic: record.topic,
      khidi_partition: '0',
      khidi_offset: '7',
      '__connect.errors.topic': record.topic,
      '__connect.errors.partition': '0',
      '__connect.errors.offset': '7',
      '__connect.errors.exception.class.name': 'STREAM_DEFECT',
    });
  });

  it('keeps a header of the same name before its own', () => {
    expect(letter?.headers.khidi_fault).toEqual([Buffer.from('OLD'), Buffer.from('STREAM_DEFECT')]);
  });

  it('tells the member and counts the fault', () => {
    expect(settled.transactions[0]?.records.map((written) => written.topic)).toEqual([
      'dead-letter.validation',
      'outcomes.GE-GOV-7001',
    ]);
    expect(settled.dead).toEqual(['STREAM_DEFECT']);
  });
});

describe('when outcomes of one member are many', () => {
  it('cuts them into several records', () => {
    const faults = Array.from({ length: 50 }, () => ({ code: 'SCHEMA_VIOLATION', pointer: `/${'a'.repeat(100)}` }) as const);
    const verdicts = runOf(200).records.map((record): Verdict => {
      const { member, outcome } = told('rejected', Number(record.offset));
      return { kind: 'rejected', outcome: { member, outcome: { ...outcome, faults } } };
    });
    const { transactions } = settle(runOf(200), verdicts, { ...OPTIONS, budgetBytes: 10_000_000 });
    const outcomes = transactions.flatMap(({ records }) => records);
    expect(outcomes.length).toBeGreaterThan(3);
    expect(Math.max(...outcomes.map((record) => record.value?.length ?? 0))).toBeLessThan(300_000);
    expect(outcomes.flatMap((record) => decodeOutcomes(record.value) ?? [])).toHaveLength(200);
  });
});

describe('when there are not as many verdicts as records', () => {
  it('is refused', () => {
    expect(() => settle(runOf(2), [accepted()], OPTIONS)).toThrow(RangeError);
  });
});

describe('whatever the verdicts are', () => {
  const verdict = fc.oneof(
    { weight: 8, arbitrary: fc.nat(40_000).map((bytes): Verdict => accepted(bytes)) },
    fc.constant<Verdict>({ kind: 'rejected', outcome: told('rejected', 0) }),
    fc.constant<Verdict>({ kind: 'dead', fault: 'STREAM_DEFECT' }),
    fc.constant<Verdict>({ kind: 'retry', fault: 'SEEN_UNAVAILABLE' }),
  );

  it('settles every record before the first undecided one exactly once, in order, within the budget', () => {
    fc.assert(
      fc.property(fc.array(verdict, { minLength: 1, maxLength: 40 }), (verdicts) => {
        const settled = settle(runOf(verdicts.length), verdicts, OPTIONS);
        const first = verdicts.findIndex(({ kind }) => kind === 'retry');
        const decided = first < 0 ? verdicts.length : first;
        expect(settled.transactions.reduce((sum, { count }) => sum + count, 0)).toBe(decided);
        let offset = 0n;
        for (const { next, count, records } of settled.transactions) {
          expect(next).toBe(offset + BigInt(count));
          offset = next;
          const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
          if (count > 1) expect(bytes).toBeLessThanOrEqual(OPTIONS.budgetBytes);
        }
        const sizes = settled.transactions.flatMap(({ records }) =>
          records.filter(({ topic }) => topic.startsWith('validated')).map(({ value }) => value?.length),
        );
        const wanted = verdicts
          .slice(0, decided)
          .flatMap((v) => (v.kind === 'accepted' ? v.outputs.map((o) => o.value?.length) : []));
        expect(sizes).toEqual(wanted);
        expect(settled.retry?.at).toBe(first < 0 ? undefined : BigInt(first));
      }),
    );
  });
});
