import { generateKeyPairSync } from 'node:crypto';
import { decryptionKeys, encryptEnvelope, type KeySet, kidOf, publicJwkOf, readKeySet, seal } from '#envelope';
import {
  deliveryTopic,
  HEADER,
  type LoadMark,
  loadMarkRecord,
  type OutgoingRecord,
  type RecordType,
  type SubsystemId,
} from '#record';
import { type MemoryStream, memoryStream, PERSON, SEALED_AT, sealInput, tampered, testIssuer } from '#testkit';
import { type Applied, type ConsumeOptions, type Consuming, consume, memorySink } from './index.js';

const CONSUMER = 'GE/GOV/7002/pensions' as SubsystemId;
const TYPE = 'population.person' as RecordType;
const TOPIC = deliveryTopic(CONSUMER, TYPE);
const issuer = testIssuer();

interface Person {
  readonly given: string;
}

async function message(number: number, { id = `e${number}`, seq = number, given = 'ნინო' } = {}): Promise<OutgoingRecord> {
  const input = sealInput({ seq }, { ...(PERSON as object), given });
  const sealed = await seal({ ...input, event: { ...input.event, id } }, issuer.sealer, SEALED_AT);
  if (!sealed.ok) throw new Error(sealed.fault.code);
  const key = input.sub.slice(input.sub.lastIndexOf(':') + 1);
  return { topic: TOPIC, partition: 0, key, value: sealed.envelope, headers: headersOf(number, id) };
}

const headersOf = (number: number, id: string) => ({
  [HEADER.number]: String(number),
  [HEADER.agreement]: 'a1/1',
  [HEADER.purpose]: 'pension',
  [HEADER.id]: id,
});

let stream: MemoryStream;
let told: string[];
let running: Consuming[];
beforeEach(() => {
  stream = memoryStream({ topics: [{ name: TOPIC, role: 'delivery', partitions: 1, config: {} }], messageMaxBytes: 2e6 });
  told = [];
  running = [];
});
afterEach(async () => {
  for (const one of running) await one.stop();
});

async function start(sink = memorySink<Person>(), more: Partial<ConsumeOptions<Person>> = {}): Promise<Consuming> {
  const one = await consume<Person>({
    transport: stream.transport,
    consumer: CONSUMER,
    type: TYPE,
    keys: { current: () => issuer.keys, refresh: async () => undefined },
    sink,
    decode: ({ given }) => ({ given: String(given) }),
    now: () => SEALED_AT,
    onApplied: ({ number }, applied: Applied) => told.push(`${number} ${applied}`),
    onGap: (from, to) => told.push(`gap ${from}-${to}`),
    onRefused: ({ offset }, { code }) => told.push(`${offset} ${code}`),
    ...more,
  });
  running.push(one);
  return one;
}

async function until(count: number): Promise<void> {
  for (const end = Date.now() + 20_000; told.length < count; ) {
    if (Date.now() > end) throw new Error(`waited for ${count}, was told ${told.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('when deliveries come', () => {
  it('verifies each and lets it take effect with the type of the consumer', async () => {
    stream.append(await message(1), await message(2, { given: 'გიორგი' }));
    const given: string[] = [];
    await start(memorySink<Person>(({ record }) => given.push(record.given)));
    await until(2);
    expect([told, given]).toEqual([
      ['1 applied', '2 applied'],
      ['ნინო', 'გიორგი'],
    ]);
  });

  it('opens what is encrypted to its key, and keeps the envelope inside as the evidence', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const encrypted = async (number: number) => {
      const plain = await message(number);
      const value = encryptEnvelope(plain.value as Buffer, { kid: kidOf(publicJwkOf(publicKey)), publicKey });
      return { plain: plain.value, sent: { ...plain, value } };
    };
    const [one, two] = [await encrypted(1), await encrypted(2)];
    const changed = Buffer.from(two.sent.value);
    changed[changed.length - 30] = changed.at(-30) === 65 ? 66 : 65;
    stream.append(one.sent, { ...two.sent, value: changed });
    const kept: Buffer[] = [];
    const sink = memorySink<Person>(({ envelope }) => kept.push(envelope));
    await start(sink, { decryption: decryptionKeys([privateKey]) });
    await until(2);
    expect([told, kept]).toEqual([['1 ENCRYPTED_CONTENT', '1 applied'], [one.plain]]);
    await start(memorySink<Person>());
    await until(4);
    expect(told.slice(2)).toEqual(['0 ENCRYPTED_KEY_UNKNOWN', '1 ENCRYPTED_KEY_UNKNOWN']);
  });

  it('lets the same exchange take effect once, and none that a later change has overtaken', async () => {
    stream.append(await message(1), await message(2, { id: 'e1' }), await message(3, { seq: 9 }), await message(4, { seq: 5 }));
    await start();
    await until(4);
    expect(told).toEqual(['1 applied', '2 repeated', '3 applied', '4 late']);
  });

  it('reports each number that never came', async () => {
    stream.append(await message(2), await message(3), await message(6));
    await start();
    await until(5);
    expect(told).toEqual(['gap 1-1', 'gap 4-5', '2 applied', '3 applied', '6 applied']);
  });

  it('goes on where the sink is, so that a restart repeats nothing', async () => {
    const sink = memorySink<Person>();
    stream.append(await message(1));
    await (await started(sink, 1)).stop();
    stream.append(await message(2));
    await start(sink);
    await until(2);
    expect(told).toEqual(['1 applied', '2 applied']);
  });

  it('takes what a sink that failed did not take once more', async () => {
    const sink = memorySink<Person>();
    const broken = { ...sink, apply: async () => Promise.reject(new Error('the database is away')) };
    stream.append(await message(1));
    const failed = await start(broken);
    await expect(failed.done).rejects.toThrow('the database is away');
    await start(sink);
    await until(1);
    expect(told).toEqual(['1 applied']);
  });
});

describe('when an initial load is complete', () => {
  const LOAD = '00000000-0000-4000-8000-000000000001';
  const mark = (through: number) => loadMarkRecord(CONSUMER, TYPE, { load: LOAD, through, at: '2099-05-03T12:00:00Z' });
  const onInitialLoad = ({ load, through }: LoadMark) => void told.push(`${load === LOAD ? 'loaded' : load} ${through}`);

  it('is told after what it holds took effect and before what follows, also where both come together', async () => {
    const part = await message(1);
    stream.append({ ...part, headers: { ...part.headers, [HEADER.load]: LOAD } }, mark(1), await message(2));
    const loads: unknown[] = [];
    await start(memorySink(), { onInitialLoad, onApplied: ({ number, load }) => told.push(`${number}`) && loads.push(load) });
    await until(3);
    expect([told, loads]).toEqual([
      ['1', 'loaded 1', '2'],
      [LOAD, undefined],
    ]);
  });

  it('is told of an empty registry, and after a restart no more', async () => {
    const sink = memorySink<Person>();
    stream.append(mark(0));
    const first = await start(sink, { onInitialLoad });
    await until(1);
    await first.stop();
    stream.append(await message(1));
    await start(sink, { onInitialLoad });
    await until(2);
    expect(told).toEqual(['loaded 0', '1 applied']);
  });

  it('is told again where the consumer was stopped by being told, and reports what is missing before', async () => {
    const sink = memorySink<Person>();
    stream.append(await message(1), mark(3));
    const failing = await start(sink, { onInitialLoad: () => Promise.reject(new Error('no disk')) });
    await expect(failing.done).rejects.toThrow('no disk');
    await start(sink, { onInitialLoad });
    await until(4);
    expect(told).toEqual(['1 applied', 'gap 2-3', 'gap 2-3', 'loaded 3']);
  });

  it('is no load where it cannot be read: reported, and reading goes on', async () => {
    stream.append({ ...mark(0), value: Buffer.from('{}') }, await message(1));
    await start(memorySink(), { onInitialLoad });
    await until(2);
    expect(told).toEqual(['0 DELIVERY_MESSAGE', '1 applied']);
  });
});

describe('when a message is no delivery that holds', () => {
  it('takes no effect, is reported, and reading goes on', async () => {
    const good = await message(4);
    const forged = { ...good, value: flipped(good.value), headers: headersOf(1, 'e4') };
    const relabelled = { ...good, headers: headersOf(2, 'another') };
    const unnumbered = { ...good, headers: { [HEADER.id]: 'e4' } };
    stream.append(forged, relabelled, { ...(await message(3)), topic: TOPIC }, unnumbered, good);
    await start();
    await until(5);
    expect(told).toEqual(['0 ENVELOPE_SIGNATURE', '1 ENVELOPE_HEADERS_DIFFER', '3 DELIVERY_MESSAGE', '3 applied', '4 applied']);
  });

  it('asks for the keys once more before an envelope with an unknown key is refused', async () => {
    let keys: KeySet = readKeySet({ keys: [testIssuer().published] });
    stream.append(await message(1));
    await start(memorySink(), {
      keys: {
        current: () => keys,
        refresh: async () => {
          keys = issuer.keys;
        },
      },
    });
    await until(1);
    expect(told).toEqual(['1 applied']);
  });
});

/** With another character in the middle of its signature. */
function flipped(envelope: Buffer | null): Buffer {
  return Buffer.from(tampered(String(envelope), -40));
}

async function started(sink: ReturnType<typeof memorySink<Person>>, count: number): Promise<Consuming> {
  const one = await start(sink);
  await until(count);
  return one;
}
