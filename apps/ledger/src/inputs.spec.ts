import type { PartitionEnd, TopicPlan } from '#stream';
import { createLogger } from '#telemetry';
import { memoryStream } from '#testkit';
import { Inputs } from './inputs.js';

const planOf = (...names: string[]): TopicPlan => ({
  messageMaxBytes: 2_097_152,
  topics: names.map((name) => ({ name, role: 'sealed', partitions: 1, config: {} })),
});
const [FIRST, LATER] = ['sealed.address.locality', 'sealed.population.person'];
const TURN_MS = 10_000;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Inputs of one topic, of which Kafka tells the ends of a second one only when we say so. */
async function reading() {
  const stream = memoryStream(planOf(FIRST, LATER));
  const asked: (() => void)[] = [];
  const read: string[] = [];
  let plan = planOf(FIRST);
  const { endOffsets } = stream.admin;
  const inputs = new Inputs({
    client: {
      ...stream,
      admin: {
        ...stream.admin,
        endOffsets: async (topic: string): Promise<readonly PartitionEnd[]> => {
          if (topic === LATER) await new Promise<void>((tell) => asked.push(tell));
          return endOffsets(topic);
        },
      },
      transport: {
        ...stream.transport,
        read: (options, onRun) => {
          read.push(options.topic);
          return stream.transport.read(options, onRun);
        },
      },
    },
    plan: () => plan,
    marks: new Map(),
    read: async (chunk) => ({ ...chunk, sealed: true, drafts: [], lost: new Map() }),
    log: createLogger('ledger', 'error', { write: () => undefined }),
    onCrash: () => undefined,
  });
  await inputs.start();
  plan = planOf(FIRST, LATER);
  const tell = async (): Promise<void> => {
    for (const one of asked.splice(0)) one();
    await new Promise(setImmediate);
  };
  return { inputs, read, tell };
}

describe('when Kafka takes longer to tell of a new topic than a turn', () => {
  it('reads it once: what is read twice would count as a repeat and be withheld', async () => {
    const { inputs, read, tell } = await reading();
    for (let turn = 0; turn < 3; turn += 1) await jest.advanceTimersByTimeAsync(TURN_MS);
    await tell();
    expect(read).toEqual([FIRST, LATER]);
    await inputs.stop();
  });

  it('begins to read nothing once it was stopped', async () => {
    const { inputs, read, tell } = await reading();
    await jest.advanceTimersByTimeAsync(TURN_MS);
    await inputs.stop();
    await tell();
    expect(read).toEqual([FIRST]);
  });
});
