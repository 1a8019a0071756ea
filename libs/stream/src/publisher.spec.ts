import type { OutgoingRecord } from '#record';
import { type MemoryStream, memoryStream } from '#testkit';
import type { TopicPlan } from './plan.js';
import type { StreamTransport } from './port.js';
import { coalescingPublisher } from './publisher.js';

const PLAN: TopicPlan = { messageMaxBytes: 1_000_000, topics: [{ name: 'in', role: 'ingress', partitions: 1, config: {} }] };
const record = (value: string | number): OutgoingRecord => ({
  topic: 'in',
  key: 'k',
  value: typeof value === 'number' ? Buffer.alloc(value) : Buffer.from(value),
  headers: {},
});

/** Counts the sends and holds them until they are let go. */
function counting(stream: MemoryStream) {
  const sends: number[] = [];
  const held: (() => void)[] = [];
  let holding = false;
  const transport: StreamTransport = {
    ...stream.transport,
    idempotent() {
      const producer = stream.transport.idempotent();
      return {
        ...producer,
        async send(records, timeoutMs) {
          sends.push(records.length);
          if (holding) await new Promise<void>((resolve) => held.push(resolve));
          return producer.send(records, timeoutMs);
        },
      };
    },
  };
  const letGo = (): void => {
    holding = false;
    for (const go of held.splice(0)) go();
  };
  const hold = (): void => {
    holding = true;
  };
  return { transport, sends, hold, letGo };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('when many callers publish at once', () => {
  it('sends them together, and gives each its own positions', async () => {
    const { transport, sends } = counting(memoryStream(PLAN));
    const publisher = coalescingPublisher(transport);
    const answers = await Promise.all([publisher.publish([record('a'), record('b')]), publisher.publish([record('c')])]);
    expect(answers.map((positions) => positions.map(({ offset }) => offset))).toEqual([['0', '1'], ['2']]);
    expect(sends).toEqual([3]);
  });

  it('has one send under way; the others wait for it and go together', async () => {
    const stream = memoryStream(PLAN);
    const { transport, sends, hold, letGo } = counting(stream);
    const publisher = coalescingPublisher(transport);
    hold();
    const first = publisher.publish([record('0')]);
    await turn();
    const others = [1, 2, 3].map((i) => publisher.publish([record(`${i}`)]));
    await turn();
    expect(sends).toEqual([1]);
    letGo();
    await Promise.all([first, ...others]);
    expect(sends).toEqual([1, 3]);
    expect(stream.records('in').map(({ value }) => String(value))).toEqual(['0', '1', '2', '3']);
  });

  it('cuts by the bytes of a request', async () => {
    const { transport, sends } = counting(memoryStream(PLAN));
    const publisher = coalescingPublisher(transport, { requestBytes: 10_000 });
    await Promise.all([publisher.publish([record(6000)]), publisher.publish([record(6000)])]);
    await publisher.publish([record(6000), record(6000), record(100)]);
    expect(sends).toEqual([1, 1, 1, 2]);
  });
});

describe('when the queue is full', () => {
  it('lets callers wait outside, first come first in', async () => {
    const stream = memoryStream(PLAN);
    const { transport, hold, letGo } = counting(stream);
    const publisher = coalescingPublisher(transport, { queueBytes: 5000, requestBytes: 2500 });
    hold();
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => publisher.publish([record(name.repeat(2000))]));
    await turn();
    letGo();
    await Promise.all(all);
    expect(stream.records('in').map(({ value }) => String(value?.subarray(0, 1)))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});

describe('when a record is too large', () => {
  it('rejects its caller with STREAM_RECORD_TOO_LARGE and nobody else', async () => {
    const stream = memoryStream(PLAN);
    const publisher = coalescingPublisher(stream.transport, { recordBytes: 1000 });
    const [large, small] = await Promise.allSettled([publisher.publish([record(2000)]), publisher.publish([record('a')])]);
    expect(large).toMatchObject({ reason: { code: 'STREAM_RECORD_TOO_LARGE' } });
    expect(small.status).toBe('fulfilled');
    expect(publisher.ready()).toBe(true);
  });

  it('does so too where only the broker finds out', async () => {
    const stream = memoryStream(PLAN);
    stream.refuseAbove(3000);
    const publisher = coalescingPublisher(stream.transport);
    const answers = await Promise.allSettled([1000, 5000, 1000].map((size) => publisher.publish([record(size)])));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(answers[1]).toMatchObject({ reason: { code: 'STREAM_RECORD_TOO_LARGE' } });
    expect(stream.records('in')).toHaveLength(2);
  });
});

describe('when a send fails', () => {
  it('tells its callers STREAM_UNAVAILABLE and goes on with a new producer', async () => {
    const stream = memoryStream(PLAN);
    const publisher = coalescingPublisher(stream.transport);
    stream.fail('before');
    await expect(publisher.publish([record('a')])).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    expect(publisher.ready()).toBe(false);
    await publisher.publish([record('b')]);
    expect(publisher.ready()).toBe(true);
    expect(stream.records('in').map(({ value }) => String(value))).toEqual(['b']);
  });
});

describe('when Kafka does not answer', () => {
  it('tells the caller STREAM_UNAVAILABLE after its time', async () => {
    const stream = memoryStream(PLAN);
    const { transport, hold, letGo } = counting(stream);
    const publisher = coalescingPublisher(transport, { timeoutMs: 20 });
    hold();
    await expect(publisher.publish([record('a')])).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    letGo();
  });
});

describe('when it is closed', () => {
  it('finishes what it accepted and refuses what comes later', async () => {
    const stream = memoryStream(PLAN);
    const publisher = coalescingPublisher(stream.transport);
    const accepted = publisher.publish([record('a')]);
    await publisher.close();
    await expect(accepted).resolves.toHaveLength(1);
    await expect(publisher.publish([record('b')])).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
  });
});
