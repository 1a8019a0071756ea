import { encodeErased, type OutgoingRecord } from '#record';
import { createLogger } from '#telemetry';
import { memoryStream } from '#testkit';
import { followOutcomes } from '../follow-outcomes.js';
import type { OutcomeStore, OutcomesAt } from '../store/outcome-store.js';

const TOPIC = 'outcomes.GE-GOV-7001';
const log = createLogger('agency-adapter', 'error', { write: () => undefined });

describe('when a subject is erased whose records named contents', () => {
  it('hears of it from the outcomes, before what was read counts as read', async () => {
    const client = memoryStream({
      topics: [{ name: TOPIC, role: 'outcomes', partitions: 1, config: {} }],
      messageMaxBytes: 1_000_000,
    });
    const line = (value: Buffer): OutgoingRecord => ({ topic: TOPIC, partition: 0, key: 'x', value, headers: {} });
    const erased = { exchanges: ['/GE/GOV/7001/base-registry e1'], keys: ['k1'] };
    client.append(line(Buffer.from('{"outcomes":[]}')), line(encodeErased(erased)), line(Buffer.from('{"erased":7}')));
    const happened: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      const store = {
        position: async () => undefined,
        lostUpTo: async () => undefined,
        append: async (events: readonly OutcomesAt[]) => {
          happened.push(...events.map(({ offset }) => offset));
          if (happened.includes(2n)) resolve();
          return 0;
        },
      } as unknown as OutcomeStore;
      void followOutcomes(client, TOPIC, store, log, async (one) => void happened.push(one));
    });
    await all;
    const told = happened.findIndex((one) => typeof one === 'object');
    expect(happened[told]).toEqual(erased);
    expect(told).toBeLessThan(happened.indexOf(1n));
    expect(happened.filter((one) => typeof one === 'object')).toHaveLength(1);
  });
});
