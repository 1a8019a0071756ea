import type { Table } from '#stream';
import { createLogger } from '#telemetry';
import { memoryStream } from '#testkit';
import { Decisions, STATE_TOPIC } from './decisions.js';

const PLAN = {
  topics: [{ name: STATE_TOPIC, role: 'delivery-state' as const, partitions: 1, config: {} }],
  messageMaxBytes: 2e6,
};
type Listener = Parameters<Table['onChange']>[0];

/** Decisions whose table comes to know of nothing before it is let. */
async function behind() {
  const stream = memoryStream(PLAN);
  const table = stream.table(STATE_TOPIC);
  const seen = new Map<string, Buffer | undefined>();
  const listeners: Listener[] = [];
  const held: Parameters<Listener>[] = [];
  table.onChange((key, value) => held.push([key, value]));
  const late: Table = {
    start: () => table.start(),
    caughtUp: () => table.caughtUp(),
    close: () => table.close(),
    entries: () => table.entries(),
    get: (key) => seen.get(key),
    onChange: (listener) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  const decisions = new Decisions({
    client: { ...stream, table: () => late },
    topics: () => [],
    log: createLogger('delivery', 'error', { write: () => undefined }),
    now: () => new Date(),
    onFenced: () => undefined,
  });
  await decisions.open();
  const arrive = async () => {
    await table.caughtUp();
    for (const [key, value] of held.splice(0)) {
      seen.set(key, value);
      for (const listener of listeners) listener(key, value);
    }
  };
  const commit = (value: string) => decisions.commit({ key: 'k', value: Buffer.from(value), records: [] });
  return { decisions, commit, arrive, known: () => decisions.get('k')?.toString() };
}

describe('when the topic of decisions is read a little late', () => {
  it('gives what was decided last all the same', async () => {
    const { decisions, commit, arrive, known } = await behind();
    await commit('one');
    expect(known()).toBe('one');
    await commit('two');
    expect(known()).toBe('two');
    await arrive();
    expect(known()).toBe('two');
    await commit('three');
    await arrive();
    expect(known()).toBe('three');
    await decisions.close();
  });
});
