import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FaultError } from '#faults';
import { decodeOutcomes, type MemberId, type MemberOutcome, type ReceivedRecord, type Verdict } from '#record';
import { createLogger, createMetrics, type Metrics } from '#telemetry';
import { type MemoryStream, memoryStream } from '#testkit';
import { OnRecords, type RecordHandler } from './on-records.js';
import type { TopicPlan } from './plan.js';
import { RecordStream, type RecordStreamOptions } from './record-stream.js';

const IN = 'ingress.GE-GOV-7001.address.locality';
const OUT = 'validated.address.locality';
const topic = (name: string, role: TopicPlan['topics'][number]['role'], partitions: number) => ({
  name,
  role,
  partitions,
  config: {},
});
const PLAN: TopicPlan = {
  messageMaxBytes: 2_097_152,
  topics: [
    topic(IN, 'ingress', 1),
    topic(OUT, 'validated', 2),
    topic('outcomes.GE-GOV-7001', 'outcomes', 1),
    topic('dead-letter.validation', 'dead-letter', 1),
  ],
};

const accept = (record: ReceivedRecord): Verdict => ({
  kind: 'accepted',
  outputs: [{ topic: OUT, key: 'pseudonym', value: record.value, headers: {} }],
});
const told = (record: ReceivedRecord): MemberOutcome => ({
  member: 'GE/GOV/7001' as MemberId,
  outcome: { kind: 'rejected', ingress: `${record.topic}/0/${record.offset}`, at: '' },
});

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

async function start(stream: MemoryStream, handler: RecordHandler, more: Partial<RecordStreamOptions> = {}) {
  class Edge {
    handle(batch: readonly ReceivedRecord[]): Promise<readonly Verdict[]> {
      return handler(batch);
    }
  }
  decorate(Edge);
  class Root {}
  Module({ controllers: [Edge] })(Root);
  const lines: string[] = [];
  const metrics = createMetrics('validation');
  const strategy = new RecordStream({
    service: 'validation',
    client: stream,
    plan: PLAN,
    log: createLogger('validation', 'debug', { write: (line) => lines.push(line) }),
    metrics,
    backOff: [1, 4],
    ...more,
  });
  const app = await NestFactory.createMicroservice(Root, { strategy, logger: false });
  await app.listen();
  running.push(app);
  return { strategy, lines, metrics };
}

function decorate(edge: { prototype: { handle: RecordHandler } }): void {
  const descriptor = Object.getOwnPropertyDescriptor(edge.prototype, 'handle') as TypedPropertyDescriptor<RecordHandler>;
  Object.defineProperty(edge.prototype, 'handle', OnRecords('ingress')(edge.prototype, 'handle', descriptor));
  Controller()(edge as never);
}

function given(count: number): MemoryStream {
  const stream = memoryStream(PLAN);
  stream.append(...Array.from({ length: count }, (_, i) => ({ topic: IN, key: 'k', value: Buffer.from(`${i}`), headers: {} })));
  return stream;
}
const numbers = (stream: MemoryStream, name: string): number[] => stream.records(name).map((record) => Number(record.value));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('when records are accepted', () => {
  it('are written once, in order, with the offset', async () => {
    const stream = given(1000);
    await start(stream, async (batch) => batch.map(accept), { chunk: { records: 64 } });
    await stream.drained('validation', IN);
    expect(numbers(stream, OUT)).toEqual(upTo(1000));
    expect(stream.committed('validation', IN)).toBe(1000n);
  });

  it('carry the exact bytes of key, value and headers to the handler', async () => {
    const stream = memoryStream(PLAN);
    const odd = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
    stream.append({ topic: IN, key: odd, value: odd, headers: { ce_id: odd } });
    const seen: ReceivedRecord[] = [];
    await start(stream, async (batch) => {
      seen.push(...batch);
      return batch.map(accept);
    });
    await stream.drained('validation', IN);
    expect(seen).toMatchObject([{ key: odd, value: odd, headers: { ce_id: odd }, offset: '0', partition: 0, topic: IN }]);
  });
});

describe('when a chunk writes more than it reads', () => {
  const wide = (record: ReceivedRecord): Verdict => ({
    kind: 'accepted',
    outputs: [{ topic: OUT, key: 'pseudonym', value: Buffer.alloc(3500, `${record.value},`), headers: {} }],
  });
  const transactions = async ({ stepSeconds }: Metrics) =>
    (await stepSeconds.get()).values.find(({ metricName, labels }) => metricName?.endsWith('_count') && labels.step === 'commit')
      ?.value;

  it.each([
    ['is one transaction where the topics take it', 2_097_152, 1],
    ['is as many as the topics need', 1_048_576, 2],
  ])('%s', async (_, messageMaxBytes, expected) => {
    const stream = given(400);
    const { metrics } = await start(stream, async (batch) => batch.map(wide), { plan: { ...PLAN, messageMaxBytes } });
    await stream.drained('validation', IN);
    const written = stream.records(OUT).map(({ value }) => Number.parseInt(String(value), 10));
    expect([written, await transactions(metrics)]).toEqual([upTo(400), expected]);
  });
});

describe('when a record is rejected', () => {
  it('is told to its member and the partition moves on', async () => {
    const stream = given(3);
    await start(stream, async (batch) =>
      batch.map((record) => (record.offset === '1' ? { kind: 'rejected', outcome: told(record) } : accept(record))),
    );
    await stream.drained('validation', IN);
    expect(numbers(stream, OUT)).toEqual([0, 2]);
    expect(decodeOutcomes(stream.records('outcomes.GE-GOV-7001')[0]?.value ?? null)).toMatchObject([{ kind: 'rejected' }]);
  });
});

describe('when the handler throws a TypeError', () => {
  const handler: RecordHandler = async (batch) => {
    if (batch.some((record) => record.offset === '5')) throw new TypeError(`Cannot read ${batch[0]?.value} of Nino Canary`);
    return batch.map(accept);
  };

  it('kills the culprit with STREAM_DEFECT, tells its member, and the others go on', async () => {
    const stream = given(10);
    const { metrics } = await start(stream, handler, { bury: told });
    await stream.drained('validation', IN);
    expect(numbers(stream, OUT)).toEqual(upTo(10).filter((i) => i !== 5));
    const [letter] = stream.records('dead-letter.validation');
    expect(String(letter?.value)).toBe('5');
    expect(String(letter?.headers.khidi_fault)).toBe('STREAM_DEFECT');
    expect(stream.records('outcomes.GE-GOV-7001')).toHaveLength(1);
    await running.pop()?.close();
    expect(await metrics.render()).toContain('khidi_dead_letters_total{fault="STREAM_DEFECT",service="validation"} 1');
  });

  it('logs its class and place, never its message', async () => {
    const stream = given(10);
    const { lines } = await start(stream, handler);
    await stream.drained('validation', IN);
    expect(lines.join('')).toContain('TypeError');
    expect(lines.join('')).not.toContain('Canary');
  });
});

describe('when the handler answers with too few verdicts', () => {
  it('is a defect of the chunk and loses nothing', async () => {
    const stream = given(4);
    await start(stream, async (batch) => (batch.length > 1 ? [] : batch.map(accept)));
    await stream.drained('validation', IN);
    expect(numbers(stream, OUT)).toEqual(upTo(4));
  });
});

describe('when a dependency is away', () => {
  it('waits for it with readiness false and then goes on without loss or dead letter', async () => {
    const stream = given(5);
    let away = 3;
    const readiness: boolean[] = [];
    const { strategy } = await start(stream, async (batch) => {
      if (away > 0) {
        away -= 1;
        if (away < 2) readiness.push(strategy.ready());
        throw new FaultError('SEEN_UNAVAILABLE');
      }
      return batch.map(accept);
    });
    await stream.drained('validation', IN);
    expect(numbers(stream, OUT)).toEqual(upTo(5));
    expect(stream.records('dead-letter.validation')).toEqual([]);
    expect(readiness).toEqual([false, false]);
  });
});

describe('when a record is undecided', () => {
  it('stops the partition there and reads it again, never skipping it', async () => {
    const stream = given(6);
    let undecided = 2;
    const seen: string[] = [];
    await start(stream, async (batch) =>
      batch.map((record): Verdict => {
        seen.push(record.offset);
        if (record.offset !== '3' || undecided-- <= 0) return accept(record);
        return { kind: 'retry', fault: 'SCHEMA_UNKNOWN' };
      }),
    );
    await stream.drained('validation', IN);
    expect(numbers(stream, OUT)).toEqual(upTo(6));
    expect(seen.filter((offset) => offset === '0')).toHaveLength(1);
    expect(seen.filter((offset) => offset === '3')).toHaveLength(3);
  });
});

describe('when a commit fails', () => {
  it.each([
    { failure: 'before', when: 'before it was written' },
    { failure: 'after', when: 'after it was written' },
    { failure: 'torn', when: 'and the broker loses its markers' },
    { failure: 'torn twice', when: 'and the broker loses also the markers that were to mend it' },
  ] as const)('$when: nothing is lost or doubled', async ({ failure }) => {
    const stream = given(300);
    stream.fail(failure, failure, failure);
    await start(stream, async (batch) => batch.map(accept), { chunk: { records: 50 } });
    await stream.drained('validation', IN);
    expect(numbers(stream, OUT)).toEqual(upTo(300));
  });
});

describe('when the group rebalances in the middle of a chunk', () => {
  it('finishes or gives up the chunk: nothing is lost, doubled or out of order', async () => {
    const stream = given(500);
    let rebalanced: Promise<void> | undefined;
    await start(
      stream,
      async (batch) => {
        rebalanced ??= stream.rebalance('validation');
        return batch.map(accept);
      },
      { chunk: { records: 20 } },
    );
    await stream.drained('validation', IN);
    await rebalanced;
    expect(numbers(stream, OUT)).toEqual(upTo(500));
  });
});

describe('when another instance takes the partition', () => {
  it('is fenced: both together write everything once', async () => {
    const stream = given(400);
    const options = { chunk: { records: 10 } };
    await start(stream, async (batch) => batch.map(accept), options);
    await start(stream, async (batch) => batch.map(accept), options);
    await stream.drained('validation', IN);
    expect(numbers(stream, OUT)).toEqual(upTo(400));
  });
});

describe('when the broker accepts less than the plan says', () => {
  it('cuts smaller, and keeps a record that is too large alone as a dead letter', async () => {
    const stream = memoryStream(PLAN);
    const sizes = [100, 100, 5000, 100, 100, 100];
    stream.append(...sizes.map((size) => ({ topic: IN, key: 'k', value: Buffer.alloc(size), headers: {} })));
    stream.refuseAbove(1000);
    const { strategy } = await start(stream, async (batch) =>
      batch.map((record) => ({ kind: 'accepted', outputs: [{ topic: OUT, key: 'p', value: record.value, headers: {} }] })),
    );
    // The dead letter is as large as the record: the broker must let it through for the partition to move on.
    while (strategy.ready() || stream.committed('validation', IN) !== 2n) await new Promise((resolve) => setImmediate(resolve));
    stream.refuseAbove(6000);
    await stream.drained('validation', IN);
    expect(stream.records(OUT).map((record) => record.value?.length)).toEqual([100, 100, 100, 100, 100]);
    expect(stream.records('dead-letter.validation').map((record) => record.value?.length)).toEqual([5000]);
  });

  it('does not forget a record that is too large because more are judged while it is refused', async () => {
    const stream = given(20);
    stream.refuseAbove(1000);
    const judged: string[] = [];
    await start(
      stream,
      async (batch) => {
        judged.push(...batch.map(({ offset }) => offset));
        await new Promise((resolve) => setTimeout(resolve, 5)); // longer than the broker takes to refuse
        return batch.map((record) =>
          record.offset === '0'
            ? { kind: 'accepted', outputs: [{ topic: OUT, key: 'p', value: Buffer.alloc(5000), headers: {} }] }
            : accept(record),
        );
      },
      { chunk: { records: 1 } },
    );
    while ((stream.committed('validation', IN) ?? 0n) < 20n && judged.length < 200) await new Promise(setImmediate);
    expect(stream.records('dead-letter.validation').map(({ offset }) => offset)).toEqual(['0']);
    expect(judged.filter((offset) => offset === '0')).toHaveLength(2);
  });
});

describe('when a topic of the plan does not exist', () => {
  it('refuses to start with STREAM_TOPIC_MISSING', async () => {
    const stream = memoryStream({ ...PLAN, topics: PLAN.topics.slice(1) });
    await expect(start(stream, async (batch) => batch.map(accept))).rejects.toMatchObject({ code: 'STREAM_TOPIC_MISSING' });
  });
});

describe('when the plan grows', () => {
  it('reads the new topic as well', async () => {
    const stream = given(1);
    const more = topic('ingress.GE-GOV-7002.address.locality', 'ingress', 1);
    let plan = PLAN;
    await start(stream, async (batch) => batch.map(accept), { plan: () => plan, planSeconds: 0.005 });
    await stream.drained('validation', IN);
    plan = { ...PLAN, topics: [...PLAN.topics, more] };
    await stream.admin.ensureTopics(plan);
    stream.append({ topic: more.name, key: 'k', value: Buffer.from('1'), headers: {} });
    await stream.drained('validation', IN, more.name);
    expect(numbers(stream, OUT)).toEqual([0, 1]);
  });
});

describe('when Kafka takes longer to tell of new topics than a turn', () => {
  it('joins the group once more, and not once for each turn', async () => {
    const stream = given(1);
    const more = topic('ingress.GE-GOV-7002.address.locality', 'ingress', 1);
    let plan = PLAN;
    let joins = 0;
    const { join } = stream.transport;
    const check = stream.admin.checkTopics;
    const slow: MemoryStream = Object.assign(Object.create(stream) as MemoryStream, {
      transport: {
        ...stream.transport,
        join: (...given: Parameters<typeof join>) => {
          joins += 1;
          return join(...given);
        },
      },
      admin: {
        ...stream.admin,
        checkTopics: async (asked: TopicPlan) => {
          await new Promise((resolve) => setTimeout(resolve, asked === PLAN ? 0 : 100));
          return check(asked);
        },
      },
    });
    await start(slow, async (batch) => batch.map(accept), { plan: () => plan, planSeconds: 0.005 });
    await stream.drained('validation', IN);
    plan = { ...PLAN, topics: [...PLAN.topics, more] };
    await stream.admin.ensureTopics(plan);
    stream.append({ topic: more.name, key: 'k', value: Buffer.from('1'), headers: {} });
    await stream.drained('validation', IN, more.name);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(joins).toBe(2);
  });
});

describe('when it is closed', () => {
  it('finishes the chunk, commits it and leaves', async () => {
    const stream = given(10);
    let handling: () => void = () => undefined;
    const began = new Promise<void>((resolve) => {
      handling = resolve;
    });
    await start(
      stream,
      async (batch) => {
        handling();
        await new Promise((resolve) => setImmediate(resolve));
        return batch.map(accept);
      },
      { chunk: { records: 5 } },
    );
    await began;
    await running.pop()?.close();
    expect(numbers(stream, OUT)).toEqual(upTo(5));
    expect(stream.committed('validation', IN)).toBe(5n);
  });
});

describe('when a handler is called directly', () => {
  it('answers and throws as it is typed', async () => {
    class Edge {
      async handle(): Promise<readonly Verdict[]> {
        throw new TypeError('seen by a unit test');
      }
    }
    decorate(Edge);
    await expect(new Edge().handle()).rejects.toThrow('seen by a unit test');
  });
});
