import { decodeErased, type Erased, type ReceivedRecord } from '#record';
import type { StreamClient, Tail } from '#stream';
import type { Logger } from '#telemetry';
import type { OutcomeStore } from './store/outcome-store.js';

/** What the follower needs of the stream. */
export interface OutcomesTopic {
  readonly admin: Pick<StreamClient['admin'], 'endOffsets'>;
  readonly tail: StreamClient['tail'];
}

/** Reads the member's outcomes topic into the store for as long as the service runs. */
export interface Follower {
  /** Whether outcomes are being read. */
  ready(): boolean;
  /** Rejects when reading failed for good: the process must end, since a restart goes on where the store ends. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Begins at the store's position, or at the oldest outcome where the store is new. A store that is ahead of the topic belongs to a
 * topic that was made anew: it is emptied and filled again. `onErased` is told of each erasure before the store moves on, perhaps twice.
 */
export async function followOutcomes(
  client: OutcomesTopic,
  topic: string,
  store: OutcomeStore,
  log: Logger,
  onErased: (erased: Erased) => Promise<void> = async () => undefined,
): Promise<Follower> {
  const from = await beginning(client, topic, store, log);
  const tail = await client.tail(topic, { fromOffset: from.toString(), partition: 0 }, async (records) => {
    for (const { value } of records) {
      const erased = decodeErased(value);
      if (erased !== undefined) await onErased(erased);
    }
    const foreign = await store.append(records.map(outcomesAt));
    if (foreign > 0) log.warn('records on the outcomes topic that are not outcomes', { topic, count: foreign });
  });
  return watched(tail);
}

async function beginning(client: OutcomesTopic, topic: string, store: OutcomeStore, log: Logger): Promise<bigint> {
  const ends = (await client.admin.endOffsets(topic)).find(({ partition }) => partition === 0);
  const [oldest, end] = [BigInt(ends?.start ?? '0'), BigInt(ends?.end ?? '0')];
  const position = await store.position();
  if (position !== undefined && position > end) {
    log.warn('the outcomes topic was made anew; the store is filled again', { topic });
    await store.forget();
    return oldest;
  }
  if (position !== undefined && position >= oldest) return position;
  if (position !== undefined) {
    log.warn('outcomes were deleted from the topic before they were read', { topic, from: `${position}`, to: `${oldest}` });
  }
  await store.lostUpTo(oldest);
  return oldest;
}

const outcomesAt = ({ offset, value }: ReceivedRecord) => ({ offset: BigInt(offset), value });

function watched(tail: Tail): Follower {
  let reading = true;
  const done = tail.done.finally(() => {
    reading = false;
  });
  return { ready: () => reading, done, stop: () => tail.stop() };
}
