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
  const readers = wanted.map(({ partition, end }) =>
    // `latest` is decided here and not at the reader's first fetch, so that whoever writes after this call is read.
    transport.read({ topic, partition, from: fromOffset === 'latest' ? BigInt(end) : startOf(fromOffset) }, async (run) => {
      if (run.records.length > 0) await onRecords(run.records);
    }),
  );
  const stop = async (): Promise<void> => {
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
  return { done, stop };
}

function startOf(from: string): ReadOptions['from'] {
  return from === 'earliest' ? from : BigInt(from);
}
