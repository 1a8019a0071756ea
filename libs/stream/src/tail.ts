import { FaultError } from '#faults';
import type { ReceivedRecord } from '#record';
import type { ReadOptions, StreamTransport } from './port.js';

export interface TailOptions {
  /** Where to begin: an offset (then `partition` is needed where the topic has more than one), or an end of the topic. */
  readonly fromOffset: string | 'earliest' | 'latest';
  /** Only this partition; all of them where absent. */
  readonly partition?: number;
}

export interface Tail {
  /** Rejects when reading failed for good or `onRecords` threw; resolves after `stop()`. */
  readonly done: Promise<void>;
  /** Settles once all that could be read when it was called has been given to `onRecords`, or after `stop()`. Throws STREAM_UNAVAILABLE. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** See {@link StreamClient.tail}. Throws STREAM_TOPIC_MISSING and STREAM_UNAVAILABLE. */
export async function tailTopic(
  transport: StreamTransport,
  topic: string,
  options: TailOptions,
  onRecords: (records: readonly ReceivedRecord[]) => void | Promise<void>,
): Promise<Tail> {
  const ends = await transport.admin.endOffsets(topic);
  const wanted = options.partition === undefined ? ends : ends.filter((end) => end.partition === options.partition);
  if (wanted.length === 0) throw new FaultError('STREAM_TOPIC_MISSING', `${topic} has no partition ${options.partition ?? 0}`);
  const { fromOffset } = options;
  const passed = new Map<number, bigint>();
  let moved: () => void = () => undefined;
  const readers = wanted.map(({ partition, start, end }) => {
    // `latest` is decided here and not at the reader's first fetch, so that whoever writes after this call is read.
    const from = fromOffset === 'latest' ? BigInt(end) : startOf(fromOffset);
    passed.set(partition, from === 'earliest' ? BigInt(start) : from);
    return transport.read({ topic, partition, from }, async (run) => {
      if (run.records.length > 0) await onRecords(run.records);
      passed.set(partition, run.next);
      moved();
    });
  });
  let stopped = false;
  const stop = async (): Promise<void> => {
    stopped = true;
    await Promise.allSettled(readers.map((reader) => reader.stop()));
  };
  const done = Promise.all(readers.map((reader) => reader.done)).then(
    () => undefined,
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
  done.catch(() => undefined); // whoever looks at `done` hears of it; a caller that only stops need not
  let moving = Promise.resolve();
  const turn = (): void => {
    moving = new Promise((resolve) => {
      moved = () => {
        turn();
        resolve();
      };
    });
  };
  turn();
  const caughtUp = async (): Promise<void> => {
    const now = await transport.admin.endOffsets(topic);
    const isBehind = (): boolean => now.some(({ partition, end }) => (passed.get(partition) ?? BigInt(end)) < BigInt(end));
    while (isBehind() && !stopped) await Promise.race([moving, done]);
  };
  return { done, stop, caughtUp };
}

function startOf(from: string): ReadOptions['from'] {
  return from === 'earliest' ? from : BigInt(from);
}
