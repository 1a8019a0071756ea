import { setTimeout as pause } from 'node:timers/promises';
import { type EvidenceEvent, encodeEvidence } from '#evidence';
import type { ReceivedRecord } from '#record';
import type { FetchedRun, StreamClient } from '#stream';
import { Bell } from '../bell.js';
import { ReleasedReader, type SealedSource } from './released-reader.js';
import { Watermarks } from './watermarks.js';

const TOPIC = 'sealed.address.locality';

const record = (offset: number): ReceivedRecord => ({
  topic: TOPIC,
  partition: 0,
  offset: String(offset),
  timestamp: 0,
  key: Buffer.from('key'),
  value: Buffer.from('no envelope'),
  headers: {},
});
const run = (from: number, until: number): FetchedRun => ({
  records: Array.from({ length: until - from }, (_, i) => record(from + i)),
  next: BigInt(until),
  end: BigInt(until),
});

/** A reader whose topic and whose ledger are ours. */
async function reading() {
  let told: (records: ReceivedRecord[]) => void = () => undefined;
  let come: (run: FetchedRun) => Promise<void> = async () => undefined;
  const never = { done: new Promise<never>(() => undefined), caughtUp: async () => undefined, stop: async () => undefined };
  const watermarks = new Watermarks({ warn: () => undefined });
  const tail = (async (_topic, _options, onRecords) => {
    told = onRecords as typeof told;
    return never;
  }) as StreamClient['tail'];
  await watermarks.start({ tail }, () => undefined);
  const read = ((_options, onRun) => {
    come = onRun;
    return never;
  }) as StreamClient['transport']['read'];
  const source = {
    client: { transport: { read } },
    watermarks,
    keys: { current: () => ({ keys: [] }), caughtUp: async () => undefined },
    now: () => new Date(),
    bell: new Bell(),
    onCrash: () => undefined,
  } as unknown as SealedSource;
  const reader = new ReleasedReader(source, TOPIC, 0, 0n);
  return {
    reader,
    come: (from: number, until: number) => come(run(from, until)),
    logged(last: number) {
      const event: EvidenceEvent = {
        topic: TOPIC,
        partition: 0,
        first: '0',
        last: String(last),
        leaf: 0,
        leaves: 1,
        size: 1,
        without: [],
      };
      told([{ ...record(0), value: encodeEvidence(event) }]);
    },
    async taken(): Promise<string[] | undefined> {
      await pause(5);
      return reader.take()?.items.map((item) => item.record.offset);
    },
  };
}

describe('when records wait for the word of the ledger', () => {
  it('gives those before the watermark, and the rest when it moves on', async () => {
    const { come, logged, taken } = await reading();
    logged(1);
    void come(0, 4);
    expect(await taken()).toEqual(['0', '1']);
    expect(await taken()).toBeUndefined();
    logged(3);
    expect(await taken()).toEqual(['2', '3']);
  });

  it('misses no word that is given while nobody takes what is on offer', async () => {
    const { come, logged, taken } = await reading();
    logged(3);
    void come(0, 2).then(() => come(2, 6));
    await pause(5);
    logged(5); // the first run is on offer, the second one waits behind it
    expect(await taken()).toEqual(['0', '1']);
    expect(await taken()).toEqual(['2', '3']);
    expect(await taken()).toEqual(['4', '5']);
  });
});
