import { describeError } from '#telemetry';
import { BackOff } from '../back-off.js';
import type { FetchedRun, Reader, ReadOptions } from '../port.js';
import { type KafkaAddress, type OpenCluster, openCluster } from './cluster.adapter.js';
import { asFault, isHopeless, typeOf } from './errors.adapter.js';
import { Feed } from './feed.adapter.js';
import { Fetcher } from './fetcher.adapter.js';

const RUN_RECORDS = 1000;
const RUN_BYTES = 1024 * 1024;

/** Reads one partition without a group, through restarts of the broker. See {@link StreamTransport.read}. */
export function readPartition(address: KafkaAddress, options: ReadOptions, onRun: (run: FetchedRun) => Promise<void>): Reader {
  const stopping = new AbortController();
  const done = readOn(address, options, onRun, stopping.signal);
  return {
    done,
    async stop() {
      stopping.abort();
      await done.catch(() => undefined); // whoever looks at `done` hears of it
    },
  };
}

async function readOn(
  address: KafkaAddress,
  { topic, partition, from }: ReadOptions,
  onRun: (run: FetchedRun) => Promise<void>,
  stopped: AbortSignal,
): Promise<void> {
  const open = openCluster(address);
  const fetcher = new Fetcher(open, address.log);
  const feed = new Feed(topic, partition, fetcher.wake);
  try {
    const start = await connected(open, address, { topic, partition, from }, stopped);
    if (start === undefined) return;
    fetcher.start([feed]);
    feed.seek(start);
    let position = start;
    const backOff = new BackOff(100, 1000);
    while (!stopped.aborted) {
      const run = await feed.take(RUN_RECORDS, RUN_BYTES, [stopped]).catch(async (error: unknown) => {
        const from = await again(open, { topic, partition, position }, error);
        // What is damaged will be so again: without a pause it would be fetched as often as the broker gives it.
        if (from === position) {
          address.log.warn('reading is tried again', { topic, partition, ...describeError(asFault(error)) });
          await backOff.wait(stopped);
        }
        feed.seek(from);
        return undefined;
      });
      if (run === undefined) continue;
      backOff.reset();
      position = run.next;
      await onRun(run);
    }
  } finally {
    fetcher.stop();
    open.dispose();
  }
}

/** Connects as often as it takes, and gives the offset to begin at. */
async function connected(
  open: OpenCluster,
  { log }: KafkaAddress,
  { topic, partition, from }: ReadOptions,
  stopped: AbortSignal,
): Promise<bigint | undefined> {
  const backOff = new BackOff(100, 5000);
  while (!stopped.aborted) {
    try {
      await open.cluster.connect();
      await open.cluster.addMultipleTargetTopics([topic]);
      return typeof from === 'bigint' ? from : await firstOffset(open, topic, partition);
    } catch (error) {
      if (isHopeless(error)) throw asFault(error);
      log.debug('reader cannot connect yet', { topic, ...describeError(asFault(error)) });
      await backOff.wait(stopped);
    }
  }
  return undefined;
}

/**
 * Where to read on after an error. Retention may have removed what was to be read next: then at the first offset that still exists.
 * Throws what no waiting mends.
 */
async function again(
  open: OpenCluster,
  { topic, partition, position }: { topic: string; partition: number; position: bigint },
  error: unknown,
): Promise<bigint> {
  if (isHopeless(error)) throw error;
  if (typeOf(error) !== 'OFFSET_OUT_OF_RANGE') return position;
  const earliest = await firstOffset(open, topic, partition);
  if (earliest <= position) throw error; // the log is shorter than what was read: it was replaced
  return earliest;
}

/** The first offset of a partition that still exists. */
export async function firstOffset({ cluster }: OpenCluster, topic: string, partition: number): Promise<bigint> {
  const [found] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning: true }]);
  return BigInt(found?.partitions[0]?.offset ?? '0');
}
