import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { createDecodeMessages } from './decode-messages.js';
import { type Encoded, type FetchedRecord, kafkajsModule, type ProtocolDecoder } from './kafkajs-modules.js';

interface BatchOptions {
  readonly compression?: number;
  readonly firstOffset?: bigint;
  readonly firstTimestamp?: number;
  readonly maxTimestamp?: number;
  readonly partitionLeaderEpoch?: number;
  readonly lastOffsetDelta?: number;
  readonly transactional?: boolean;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly firstSequence?: number;
  readonly records: Encoded[];
}
interface RecordOptions {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: Record<string, Buffer | Buffer[]>;
}

const Decoder = kafkajsModule<new (buffer: Buffer) => ProtocolDecoder>('protocol/decoder');
const stockDecode = kafkajsModule<(decoder: ProtocolDecoder) => Promise<FetchedRecord[]>>(
  'protocol/requests/fetch/v4/decodeMessages',
);
const { RecordBatch } = kafkajsModule<{ RecordBatch: (options: BatchOptions) => Promise<Encoded> }>('protocol/recordBatch/v0');
const RecordOf = kafkajsModule<(options: RecordOptions) => Encoded>('protocol/recordBatch/record/v0');
const MessageSet =
  kafkajsModule<(options: { messageVersion: number; compression: number; entries: unknown[] }) => Encoded>('protocol/messageSet');
const open = createDecodeMessages();
const decode = async (decoder: ProtocolDecoder) => (await open(decoder)).flatMap((batch) => [...batch.read()]);

jest.setTimeout(30_000);

const inResponse = (records: Buffer): ProtocolDecoder => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(records.length);
  return new Decoder(Buffer.concat([size, records]));
};

/** Changes attributes or other fields of an encoded batch and makes its checksum right again. */
const rewritten = (batch: Buffer, change: (batch: Buffer) => void): Buffer => {
  const copy = Buffer.from(batch);
  change(copy);
  copy.writeUInt32BE(crc32c(copy.subarray(21)), 17);
  return copy;
};

const bytes = fc.uint8Array({ maxLength: 150 }).map((array) => Buffer.from(array));
const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));
const name = fc
  .oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('ce_id', 'ce_source', '1', ''))
  .filter((n) => !inherited.has(n));
const record = fc.record({
  timestampDelta: fc.oneof(
    fc.constant(0),
    fc.integer({ min: -70_000, max: 3_000_000 }),
    fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
  ),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(name, fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })), { maxKeys: 6, noNullPrototype: true }),
});
const batch = fc.record({
  compression: fc.constantFrom(0, 0, 0, 1),
  firstOffset: fc.oneof(fc.bigInt(0n, 2_000_000n), fc.bigInt(0n, 2n ** 62n)),
  firstTimestamp: fc.oneof(fc.constant(-1), fc.nat(2 ** 42)),
  maxTimestamp: fc.nat(2 ** 42),
  partitionLeaderEpoch: fc.nat(500),
  transactional: fc.boolean(),
  producerId: fc.bigInt(-1n, 2n ** 63n - 1n),
  producerEpoch: fc.nat(0x7fff),
  firstSequence: fc.integer({ min: -1, max: 0x7fffffff }),
  records: fc.array(record, { maxLength: 8 }),
  gap: fc.nat(3), // compaction leaves gaps between offsets
  control: fc.boolean(),
  appendTime: fc.boolean(),
});
type RandomBatch = typeof batch extends fc.Arbitrary<infer T> ? T : never;

const encoded = async ({ records, gap, control, appendTime, ...options }: RandomBatch): Promise<Buffer> => {
  const written = records.map((each, i) => RecordOf({ ...each, offsetDelta: i * (gap + 1) }));
  const { buffer } = await RecordBatch({ ...options, lastOffsetDelta: records.length * (gap + 1), records: written });
  return rewritten(buffer, (copy) => {
    copy.writeInt16BE(copy.readInt16BE(21) | (control ? 0x20 : 0) | (appendTime ? 0x8 : 0), 21);
  });
};

describe('when fetched records are decoded', () => {
  it('gives what stock gives for random batches, also when the last is cut off', async () => {
    let records = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 4 }), fc.nat(120), async (batches, cut) => {
        const whole = Buffer.concat(await Promise.all(batches.map(encoded)));
        const given = whole.subarray(0, Math.max(0, whole.length - cut));
        const expected = given.length < 17 ? [] : await stockDecode(inResponse(given));
        const found = await decode(inResponse(given));
        if (!isDeepStrictEqual(found, expected)) expect(found).toStrictEqual(expected);
        records += found.length;
      }),
      { numRuns: 300 },
    );
    expect(records).toBeGreaterThan(1000);
  });

  it('gives nothing for an empty or a missing record set', async () => {
    for (const size of [0, -1]) {
      const response = Buffer.alloc(4);
      response.writeInt32BE(size);
      expect(await decode(new Decoder(response))).toEqual([]);
    }
  });

  it.each([0, 1])('leaves a message set of magic %i to stock', async (messageVersion) => {
    const entries = [
      { key: 'k', value: 'v', timestamp: 5 },
      { key: null, value: 'w', timestamp: 6 },
    ];
    const { buffer } = MessageSet({ messageVersion, compression: 0, entries });
    const found = await decode(inResponse(buffer));
    expect(found).toHaveLength(2);
    expect(found).toStrictEqual(await stockDecode(inResponse(buffer)));
  });

  it('stops in front of a message set that follows batches, so that the next fetch reads it', async () => {
    const { buffer } = await RecordBatch({ records: [RecordOf({ offsetDelta: 0, timestampDelta: 0, value: Buffer.from('v') })] });
    const old = MessageSet({
      messageVersion: 1,
      compression: 0,
      entries: [{ key: 'k', value: 'x'.repeat(99), timestamp: 5 }],
    }).buffer;
    expect(await decode(inResponse(Buffer.concat([buffer, old])))).toHaveLength(1);
  });

  it('says how far a batch reaches, also where compaction left no record', async () => {
    const batches = [{ firstOffset: 40n, lastOffsetDelta: 9, records: [] as Encoded[] }];
    const found = await open(inResponse((await RecordBatch(batches[0] as BatchOptions)).buffer));
    expect(found.map(({ last, read }) => [last, [...read()]])).toEqual([[49n, []]]);
  });

  it('gives views of the fetched buffer, not copies', async () => {
    const { buffer } = await RecordBatch({ records: [RecordOf({ offsetDelta: 0, timestampDelta: 0, value: Buffer.from('v') })] });
    const response = inResponse(buffer);
    const [first] = await decode(response);
    expect(first?.value?.buffer).toBe((response as unknown as { buffer: Buffer }).buffer.buffer);
  });
});

describe('when a header bears a name that every object inherits', () => {
  it('becomes a member like any other, where stock mixes in what is inherited', async () => {
    const header = (key: string, value: string) =>
      Buffer.from([key.length * 2, ...Buffer.from(key), value.length * 2, ...Buffer.from(value)]);
    const written = [header('constructor', 'a'), header('__proto__', 'b'), header('__proto__', 'c'), header('toString', 'd')];
    const body = Buffer.concat([Buffer.from([0, 0, 0, 1, 1, written.length * 2]), ...written]);
    const bytesOfRecord = Buffer.concat([
      Buffer.from([((body.length * 2) % 128) | (body.length > 63 ? 128 : 0), ...(body.length > 63 ? [body.length >> 6] : [])]),
      body,
    ]);
    const raw = { buf: bytesOfRecord, buffer: bytesOfRecord, size: () => bytesOfRecord.length };
    const [found] = await decode(inResponse((await RecordBatch({ records: [raw] })).buffer));
    const headers = found?.headers ?? {};
    expect(Object.keys(headers)).toEqual(['constructor', '__proto__', 'toString']);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
    expect(String(Object.getOwnPropertyDescriptor(headers, 'constructor')?.value)).toBe('a');
    expect(Object.getOwnPropertyDescriptor(headers, '__proto__')?.value.map(String)).toEqual(['b', 'c']);
  });
});

describe('when a fetched batch was damaged', () => {
  const sound = async (): Promise<Buffer> => {
    const records = [0, 1, 2].map((offsetDelta) =>
      RecordOf({ offsetDelta, timestampDelta: 0, value: Buffer.from(`value ${offsetDelta}`) }),
    );
    return (await RecordBatch({ records, lastOffsetDelta: 2, firstOffset: 7n })).buffer;
  };

  it('rejects any changed byte behind the checksum', async () => {
    const whole = await sound();
    for (let at = 17; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0x40;
      await expect(decode(inResponse(damaged))).rejects.toThrow('record batch at offset 7 is corrupt: its checksum is wrong');
    }
  });

  const packed = async (codec: number, content: Buffer): Promise<Buffer> => {
    const { buffer } = await RecordBatch({ records: [{ buf: content, buffer: content, size: () => content.length }] });
    return rewritten(buffer, (copy) => copy.writeInt16BE(codec, 21));
  };

  it('rejects a changed byte in a compressed batch too', async () => {
    const batch = await packed(1, gzipSync('x'));
    batch[batch.length - 3] = (batch[batch.length - 3] as number) ^ 1;
    await expect(decode(inResponse(batch))).rejects.toThrow('its checksum is wrong');
  });

  it('rejects what is said to be compressed and is not', async () => {
    await expect(decode(inResponse(await packed(1, Buffer.from('not gzip'))))).rejects.toThrow(
      'it cannot be unpacked (Z_DATA_ERROR)',
    );
  });

  it('rejects a small batch that would unpack to more than memory should hold', async () => {
    const bomb = await packed(1, gzipSync(Buffer.alloc(65 * 1024 * 1024)));
    expect(bomb.length).toBeLessThan(70_000);
    await expect(decode(inResponse(bomb))).rejects.toThrow('it cannot be unpacked (ERR_BUFFER_TOO_LARGE)');
  });

  it('says which codec is missing, and which does not exist', async () => {
    await expect(decode(inResponse(await packed(2, Buffer.from('x'))))).rejects.toThrow('Snappy compression not implemented');
    await expect(decode(inResponse(await packed(7, Buffer.from('x'))))).rejects.toThrow('codec 7 does not exist');
  });

  it('ends with an error of its own, never in a loop or a TypeError, whatever the bytes with a right checksum say', async () => {
    const whole = await sound();
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 62), fc.uint8Array({ minLength: 1, maxLength: 12 }), async (at, noise) => {
        const damaged = rewritten(whole, (copy) => copy.set(noise.subarray(0, copy.length - 61 - at), 61 + at));
        try {
          expect((await decode(inResponse(damaged))).length).toBeLessThanOrEqual(3);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CorruptBatchError', retriable: true });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('rejects a batch that says it is shorter than its header', async () => {
    const whole = await sound();
    whole.writeInt32BE(10, 8);
    await expect(decode(inResponse(whole))).rejects.toThrow('it is shorter than its header');
  });
});
