import fc from 'fast-check';
import { frameRequest, piecesBehind } from './frame-request.js';
import { kafkajsModule, type ProtocolRequest } from './kafkajs-modules.js';
import type { OutgoingMessage } from './outgoing-record.js';
import { type ProduceOptions, produceRequest } from './produce-request.js';

type CreateProduce = (options: ProduceOptions) => ProtocolRequest;
type Frame = (given: { correlationId: number; clientId: string | null; request: ProtocolRequest }) => Promise<{ buffer: Buffer }>;

const stock = kafkajsModule<CreateProduce>('protocol/requests/produce/v3/request');
const stockFrame = kafkajsModule<Frame>('protocol/request');
const ours = produceRequest(stock);

jest.setTimeout(30_000);

const NOW = 4_100_000_000_000;

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 60, maxLength: 300 }),
);
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const big = fc.integer({ min: 1, max: 20_000 }).map((length) => Buffer.alloc(length, 'x'));
const source = fc.oneof({ weight: 6, arbitrary: text }, { weight: 6, arbitrary: bytes }, { weight: 1, arbitrary: big });
const headers = fc.dictionary(text, fc.oneof(source, fc.array(source, { maxLength: 3 })), { maxKeys: 6, noNullPrototype: false });
const timestamp = fc.oneof(
  fc.constantFrom<string | number | null>('0', 0, '1', '999', '1000', null),
  fc.nat(2_000_000_000_000),
  fc.nat(2_000_000_000_000).map(String),
);
const message = fc.record(
  { key: fc.option(source), value: fc.option(source), headers, timestamp, partition: fc.nat(9) },
  { requiredKeys: ['value'] },
);
const partitionData = fc.record(
  {
    partition: fc.oneof(fc.nat(100), fc.nat(100).map(String)),
    messages: fc.array(message, { maxLength: 12 }),
    firstSequence: fc.nat(0x7fffffff),
  },
  { requiredKeys: ['partition', 'messages'] },
);
const producerId = fc.oneof(
  fc.bigInt(-1n, 2n ** 63n - 1n),
  fc.bigInt(-1n, 2n ** 63n - 1n).map(String),
  fc.integer({ min: -1, max: 5000 }),
);
const produceOptions: fc.Arbitrary<ProduceOptions> = fc.record(
  {
    acks: fc.constantFrom(-1, 0, 1),
    timeout: fc.nat(0x7fffffff),
    compression: fc.constant(0),
    transactionalId: fc.option(text),
    producerId,
    producerEpoch: fc.nat(0x7fff),
    topicData: fc.array(fc.record({ topic: text, partitions: fc.array(partitionData, { maxLength: 3 }) }), { maxLength: 3 }),
  },
  { requiredKeys: ['acks', 'timeout', 'topicData'] },
);

const one = (given: OutgoingMessage, more: Partial<ProduceOptions> = {}): ProduceOptions => ({
  acks: -1,
  timeout: 30_000,
  topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [given] }] }],
  ...more,
});

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(NOW);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('when a produce request is encoded', () => {
  it('has the bytes of stock for random records', async () => {
    let records = 0;
    await fc.assert(
      fc.asyncProperty(produceOptions, async (options) => {
        const expected = (await stock(options).encode()).buffer;
        const found = await ours(options).encode();
        expect(found.buffer.equals(expected)).toBe(true);
        expect(found.size()).toBe(expected.length);
        for (const { partitions } of options.topicData) for (const { messages } of partitions) records += messages.length;
      }),
      { numRuns: 300 },
    );
    expect(records).toBeGreaterThan(2000);
  });

  it('has the bytes of stock with its framing, whatever the client id', async () => {
    await fc.assert(
      fc.asyncProperty(produceOptions, fc.option(text), fc.nat(0x7fffffff), async (options, clientId, correlationId) => {
        const expected = await stockFrame({ correlationId, clientId, request: stock(options) });
        for (const request of [ours(options), stock(options)]) {
          const found = await frameRequest({ correlationId, clientId: clientId as string, request });
          expect(Buffer.concat([found.buffer, ...piecesBehind(found.buffer)]).equals(expected.buffer)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each([4, 5, 6, 7])('keeps the head that version %i changes', async (version) => {
    const later = kafkajsModule<CreateProduce>(`protocol/requests/produce/v${version}/request`)(one({ value: 'v' }));
    const request = ours(one({ value: 'v' }));
    expect({ ...later, apiVersion: 3, encode: undefined, expectResponse: undefined }).toEqual({
      ...request,
      encode: undefined,
      expectResponse: undefined,
    });
    expect([-1, 0, 1].map((acks) => ours(one({ value: 'v' }, { acks })).expectResponse?.())).toEqual([true, false, true]);
  });

  it('keeps a timestamp whose delta needs more than 32 bits', async () => {
    const messages = [{ value: 'a', timestamp: '1' }, { value: 'b', timestamp: '9000000000000000' }, { value: 'c' }];
    const options = { ...one({ value: 'a' }), topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }] };
    expect((await ours(options).encode()).buffer.equals((await stock(options).encode()).buffer)).toBe(true);
  });

  it('takes a record of several megabytes', async () => {
    const options = one({ key: 'k', value: Buffer.alloc(2_000_000, 7), headers: { text: 'ხ'.repeat(100_000) } });
    expect((await ours(options).encode()).buffer.equals((await stock(options).encode()).buffer)).toBe(true);
  });

  it.each([1000, 100_000])('has the bytes of stock in its frame with records of %i bytes, joined or in pieces', async (size) => {
    const messages = [{ key: 'k', value: Buffer.alloc(size, 7) }];
    const partitions = [0, 1].map((partition) => ({ partition, messages }));
    const options = { ...one({ value: 'a' }), topicData: [{ topic: 't', partitions }] };
    const expected = await stockFrame({ correlationId: 1, clientId: 'c', request: stock(options) });
    const { buffer } = await frameRequest({ correlationId: 1, clientId: 'c', request: ours(options) });
    const behind = piecesBehind(buffer);
    expect(behind).toHaveLength(size > 50_000 ? 3 : 0);
    expect(Buffer.concat([buffer, ...behind]).equals(expected.buffer)).toBe(true);
  });

  it('takes many records with many headers in one request', async () => {
    const many = Array.from({ length: 30 }, (_, i) => [`h${i}`, `${i}`]);
    const messages = Array.from({ length: 1000 }, (_, i) => ({ key: `${i}`, value: `v${i}`, headers: Object.fromEntries(many) }));
    const options = { ...one({ value: 'a' }), topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }] };
    expect((await ours(options).encode()).buffer.equals((await stock(options).encode()).buffer)).toBe(true);
  });

  it('leaves compressed batches to stock', async () => {
    const options = one({ value: 'v'.repeat(1000) }, { compression: 1 });
    expect((await ours(options).encode()).buffer.equals((await stock(options).encode()).buffer)).toBe(true);
  });

  it('refuses what is neither text nor bytes, as stock does', async () => {
    for (const wrong of [
      { value: 5 },
      { key: {}, value: 'v' },
      { value: 'v', headers: { h: undefined } },
      { value: 'v', headers: { h: 5 } },
    ]) {
      const options = one(wrong as unknown as OutgoingMessage);
      await expect(stock(options).encode()).rejects.toMatchObject({ name: 'TypeError' });
      await expect(ours(options).encode()).rejects.toMatchObject({ name: 'TypeError' });
    }
  });

  it('lets a header be null, which stock measures wrongly and refuses', async () => {
    const options = one({ value: 'v', headers: { none: null } });
    await expect(stock(options).encode()).rejects.toMatchObject({ name: 'TypeError' });
    expect((await ours(options).encode()).buffer.includes(Buffer.from([8, ...Buffer.from('none'), 1]))).toBe(true);
  });
});
