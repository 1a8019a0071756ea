import { describeError, type Logger } from '#telemetry';
import { pause } from '../back-off.js';
import type { OpenCluster } from './cluster.adapter.js';
import { asFault, isHopeless, isUnanswered, typeOf } from './errors.adapter.js';
import type { Feed } from './feed.adapter.js';

const READ_COMMITTED = 1;
/** How long the broker holds a fetch that finds nothing. */
const LONG_POLL_MS = 500;
/** The same while a partition is left out: it must not wait long for its turn. */
const SHORT_POLL_MS = 20;
const FETCH_BYTES = 2 * 1024 * 1024;
const PARTITION_BYTES = 768 * 1024;
const AGAIN_MS = 100;
/** So many failures in a row are no hiccup: a partition whose batches are corrupt must not look idle. */
const PATIENCE = 20;

interface Wanted {
  readonly feed: Feed;
  readonly offset: bigint;
  readonly ticket: number;
}

/**
 * Keeps feeds filled: one fetch at a time for each broker that leads some of them, of all partitions that have room. What goes wrong
 * is asked again; what lasts, and an offset that does not exist, is told to the feed.
 */
export class Fetcher {
  private woken: (() => void) | undefined;
  private readonly busy = new Map<number, Promise<void>>();
  private readonly stopping = new AbortController();
  private feeds: readonly Feed[] = [];
  private failures = 0;

  constructor(
    private readonly open: OpenCluster,
    private readonly log: Logger,
  ) {}

  /** To be called by feeds that can take more. */
  readonly wake = (): void => {
    this.woken?.();
    this.woken = undefined;
  };

  start(feeds: readonly Feed[]): void {
    this.feeds = feeds;
    void this.run();
  }

  /** Answers that are under way are dropped by the tickets of their feeds, so nobody waits for them. */
  stop(): void {
    this.stopping.abort();
    this.wake();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.woken = resolve;
      });
      try {
        this.fetchIdle();
      } catch (error) {
        await this.recover(error); // metadata that is not there yet
        continue;
      }
      await Promise.race([woken, ...this.busy.values()]);
    }
  }

  /** Starts a fetch at every leader that has none under way. */
  private fetchIdle(): void {
    const byLeader = new Map<number, Wanted[]>();
    let left = false;
    for (const feed of this.feeds) {
      const wants = feed.wants();
      if (wants === undefined) {
        left = true;
        continue;
      }
      const leader = this.leaderOf(feed);
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), { feed, ...wants }]);
    }
    for (const [leader, wanted] of byLeader) {
      if (this.busy.has(leader)) continue;
      const fetch = this.fetch(leader, wanted, left ? SHORT_POLL_MS : LONG_POLL_MS);
      this.busy.set(
        leader,
        fetch.finally(() => this.busy.delete(leader)),
      );
    }
  }

  private leaderOf({ topic, partition }: Feed): number {
    return this.open.cluster.findTopicPartitionMetadata(topic).find((known) => known.partitionId === partition)?.leader ?? -1;
  }

  private async fetch(leader: number, wanted: readonly Wanted[], maxWaitTime: number): Promise<void> {
    try {
      const broker = await this.open.cluster.findBroker({ nodeId: leader });
      const { responses } = await broker.fetch({
        isolationLevel: READ_COMMITTED,
        maxWaitTime,
        minBytes: 1,
        maxBytes: FETCH_BYTES,
        topics: wanted.map(({ feed, offset }) => ({
          topic: feed.topic,
          partitions: [{ partition: feed.partition, fetchOffset: String(offset), maxBytes: PARTITION_BYTES }],
        })),
      });
      if (this.stopping.signal.aborted) return;
      const byName = new Map(wanted.map((want) => [`${want.feed.topic}/${want.feed.partition}`, want]));
      for (const { topicName, partitions } of responses) {
        for (const fetched of partitions) {
          const want = byName.get(`${topicName}/${fetched.partition}`);
          want?.feed.accept(want.ticket, fetched);
        }
      }
      this.failures = 0;
    } catch (error) {
      const told = this.concerned(error, wanted);
      for (const { feed, ticket } of told) feed.fail(ticket, asFault(error));
      if (told.length === 0) await this.recover(error);
    }
  }

  /** Whose readers must hear of an error: it is about one partition's offset, no waiting mends it, or it has lasted. */
  private concerned(error: unknown, wanted: readonly Wanted[]): readonly Wanted[] {
    if (typeOf(error) === 'OFFSET_OUT_OF_RANGE') {
      const { topic, partition } = error as { topic?: string; partition?: number };
      return wanted.filter(({ feed }) => feed.topic === topic && feed.partition === partition);
    }
    this.failures += 1;
    return isHopeless(error) || this.failures >= PATIENCE ? wanted : [];
  }

  private async recover(error: unknown): Promise<void> {
    const { signal } = this.stopping;
    if (signal.aborted) return;
    this.log.debug('fetch is tried again', describeError(asFault(error)));
    // Half open: it would never bring an answer, and kafkajs would go on asking there.
    if (isUnanswered(error)) this.open.sever();
    await pause(AGAIN_MS, signal);
    if (signal.aborted) return;
    // A leader may have moved. Where the broker is away this fails as well, and the next fetch comes here again.
    await this.open.cluster.refreshMetadata().catch(() => undefined);
  }
}
