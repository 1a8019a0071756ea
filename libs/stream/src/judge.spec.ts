import { FaultError } from '#faults';
import type { ReceivedRecord, Verdict } from '#record';
import { type JudgeOptions, judge } from './judge.js';

const RECORDS = [0, 1, 2, 3].map(
  (offset): ReceivedRecord => ({
    topic: 't',
    partition: 0,
    offset: String(offset),
    key: null,
    value: Buffer.from(`record ${offset}`),
    headers: {},
    timestamp: 0,
  }),
);
const accepted: Verdict = { kind: 'accepted', outputs: [] };

function options(handler: (batch: readonly ReceivedRecord[]) => readonly Verdict[], more: Partial<JudgeOptions> = {}) {
  const defects: unknown[] = [];
  const calls: number[] = [];
  const given: JudgeOptions = {
    attempts: 3,
    pause: async () => undefined,
    onDefect: (thrown) => defects.push(thrown),
    handler: async (batch) => {
      calls.push(batch.length);
      try {
        return { verdicts: handler(batch) };
      } catch (thrown) {
        return { thrown };
      }
    },
    ...more,
  };
  return { given, defects, calls };
}
const fails = (offset: string) => (batch: readonly ReceivedRecord[]) => {
  if (batch.some((record) => record.offset === offset)) throw new TypeError('Cannot read properties of undefined');
  return batch.map(() => accepted);
};

describe('when the handler judges every record', () => {
  it('gives its verdicts', async () => {
    const { given } = options((batch) => batch.map(() => accepted));
    expect(await judge(RECORDS, given)).toEqual({ verdicts: RECORDS.map(() => accepted) });
  });
});

describe('when one record makes the handler throw', () => {
  it('is tried a bounded number of times, then found and killed alone', async () => {
    const { given, defects, calls } = options(fails('2'));
    const judged = await judge(RECORDS, given);
    expect(judged).toEqual({ verdicts: [accepted, accepted, { kind: 'dead', fault: 'STREAM_DEFECT' }, accepted] });
    expect(calls).toEqual([4, 4, 4, 1, 1, 1, 1]);
    expect(defects).toHaveLength(4);
  });

  it('has the outcome that the service gives it', async () => {
    const outcome = { member: 'GE/GOV/7001', outcome: { kind: 'rejected', ingress: 't/0/2', at: '' } } as never;
    const { given } = options(fails('2'), { bury: () => outcome });
    expect(await judge(RECORDS, given)).toMatchObject({ verdicts: [{}, {}, { kind: 'dead', outcome }, {}] });
  });
});

describe('when the handler throws only once', () => {
  it('goes on without a dead letter', async () => {
    let thrown = false;
    const { given } = options((batch) => {
      if (thrown) return batch.map(() => accepted);
      thrown = true;
      throw new Error('a hiccup');
    });
    expect(await judge(RECORDS, given)).toEqual({ verdicts: RECORDS.map(() => accepted) });
  });
});

describe('when the handler gives another number of verdicts', () => {
  it('is a defect as well', async () => {
    const { given, defects } = options((batch) => (batch.length > 1 ? [accepted] : batch.map(() => accepted)));
    expect(await judge(RECORDS, given)).toEqual({ verdicts: RECORDS.map(() => accepted) });
    expect(defects).toHaveLength(3);
  });
});

describe('when a dependency is away', () => {
  it('waits and kills nothing', async () => {
    const { given, defects, calls } = options(() => {
      throw new FaultError('SEEN_UNAVAILABLE');
    });
    expect(await judge(RECORDS, given)).toEqual({ wait: 'SEEN_UNAVAILABLE' });
    expect(calls).toEqual([4]);
    expect(defects).toEqual([]);
  });

  it('waits at the record where it went away while a culprit was looked for', async () => {
    const { given } = options((batch) => {
      if (batch.length > 1) throw new Error('a culprit');
      if (batch[0]?.offset === '1') throw new FaultError('SEEN_UNAVAILABLE');
      return [accepted];
    });
    expect(await judge(RECORDS, given)).toEqual({
      verdicts: [accepted, ...[1, 2, 3].map(() => ({ kind: 'retry', fault: 'SEEN_UNAVAILABLE' }))],
    });
  });
});

describe('when a fault is thrown that no waiting mends', () => {
  it('is a defect', async () => {
    const { given } = options(() => {
      throw new FaultError('KEY_UNPROVEN');
    });
    expect(await judge(RECORDS.slice(0, 1), given)).toEqual({ verdicts: [{ kind: 'dead', fault: 'STREAM_DEFECT' }] });
  });
});
