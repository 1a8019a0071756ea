import { FaultError } from '#faults';
import type { MemberOutcome, ReceivedRecord, Verdict } from '#record';
import { buried, buryTooLarge } from './bury.js';

const RECORDS = [0, 1, 2].map(
  (offset): ReceivedRecord => ({
    topic: 't',
    partition: 0,
    offset: String(offset),
    key: null,
    value: null,
    headers: {},
    timestamp: 0,
  }),
);
const accepted = (bytes: number): Verdict => ({
  kind: 'accepted',
  outputs: [{ topic: 'validated.address.locality', key: 'p', value: Buffer.alloc(bytes), headers: {} }],
});
const outcome = { member: 'GE/GOV/7001', outcome: { kind: 'rejected', ingress: 't/0/1', at: '' } } as unknown as MemberOutcome;
const [record] = RECORDS as [ReceivedRecord];

describe('when an output is larger than a topic accepts', () => {
  it('gives that record up with STREAM_RECORD_TOO_LARGE, tells its member, and leaves its neighbours alone', async () => {
    const verdicts = [accepted(10), accepted(300_000), accepted(10)];
    const options = { recordBytes: 200_000, refused: new Set<string>(), bury: () => outcome };
    const dead = { kind: 'dead', fault: 'STREAM_RECORD_TOO_LARGE', outcome };
    expect(await buryTooLarge(RECORDS, verdicts, options)).toEqual([accepted(10), dead, accepted(10)]);
  });
});

describe('when the broker itself found a record too large', () => {
  it('gives it up whatever the plan says', async () => {
    const options = { recordBytes: 200_000, refused: new Set(['2']), bury: undefined };
    const verdicts = await buryTooLarge(
      RECORDS,
      RECORDS.map(() => accepted(10)),
      options,
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'dead']);
  });
});

describe('when what is held for the record cannot be let go', () => {
  it('waits while a dependency is away', async () => {
    const away = () => Promise.reject(new FaultError('SEEN_UNAVAILABLE', 'away'));
    expect(await buried(record, 'STREAM_DEFECT', away)).toEqual({ kind: 'retry', fault: 'SEEN_UNAVAILABLE' });
  });

  it('keeps the record as a dead letter without an outcome where telling fails for good', async () => {
    const broken = () => {
      throw new TypeError('undefined is not a function');
    };
    expect(await buried(record, 'STREAM_DEFECT', broken)).toEqual({ kind: 'dead', fault: 'STREAM_DEFECT' });
  });
});
