import { setMaxListeners } from 'node:events';
import { describeError } from '#telemetry';
import { BackOff, pause } from '../back-off.js';
import { kafkajsModule } from '../codec/kafkajs-modules.js';
import { stableOffset } from '../codec/stable-offsets.js';
import type { AssignedPartition, GroupListener, GroupMembership, JoinOptions } from '../port.js';
import { type KafkaAddress, type OpenCluster, openCluster, quietLogger } from './cluster.adapter.js';
import { asFault, isHopeless, isRebalancing, typeOf } from './errors.adapter.js';
import { Feed } from './feed.adapter.js';
import { Fetcher } from './fetcher.adapter.js';
import { STARTING, whenFree } from './patience.adapter.js';
import { firstOffset } from './reader.adapter.js';

const HEARTBEAT_MS = 1000;
/** How long the group waits for a member to finish its chunk and come back. */
const REBALANCE_MS = 30_000;
/** How long we wait for our own chunks before we rejoin all the same; the next owner's producer then fences them. */
const FINISH_MS = 20_000;

/** The part of kafkajs's ConsumerGroup that is used: membership, not fetching and not offsets. */
interface ConsumerGroup {
  memberId: string | null;
  connect(): Promise<void>;
  joinAndSync(): Promise<void>;
  leave(): Promise<void>;
  heartbeat(options: { interval: number }): Promise<void>;
  assigned(): readonly { topic: string; partitions: readonly number[] }[];
}
type ConsumerGroupClass = new (options: Record<string, unknown>) => ConsumerGroup;

/** Joins a group and stays in it, through rebalances and restarts of the broker, until closed. */
export function joinGroup(address: KafkaAddress, options: JoinOptions, listener: GroupListener): GroupMembership {
  const member = new GroupMember(address, options, listener);
  return { close: () => member.close() };
}

class GroupMember {
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    private readonly address: KafkaAddress,
    private readonly options: JoinOptions,
    private readonly listener: GroupListener,
  ) {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  /** One session after another; a session ends where its connections are of no more use. */
  private async run(): Promise<void> {
    const backOff = new BackOff(100, 5000);
    while (!this.closing.signal.aborted) {
      const open = openCluster(this.address);
      try {
        await this.session(open, () => backOff.reset());
      } catch (error) {
        this.listener.onStatus(false);
        if (isHopeless(error)) {
          this.listener.onCrash(asFault(error));
          return;
        }
        this.address.log.warn('group session ended', { group: this.options.group, ...describeError(asFault(error)) });
        await backOff.wait(this.closing.signal);
      } finally {
        open.dispose();
      }
    }
  }

  private async session(open: OpenCluster, onJoined: () => void): Promise<void> {
    const group = this.consumerGroup(open);
    await group.connect();
    await open.cluster.addMultipleTargetTopics(this.options.topics);
    while (!this.closing.signal.aborted) {
      await group.joinAndSync();
      onJoined();
      this.listener.onStatus(true);
      const end = await this.assignment(open, group);
      if (end === undefined) break;
      if (!isRebalancing(end)) throw asFault(end);
      if (typeOf(end) === 'UNKNOWN_MEMBER_ID') group.memberId = null;
      this.address.log.info('group rebalances', { group: this.options.group });
    }
    // So that the partitions go to others at once. If it cannot be said any more, the session ends by itself.
    await group.leave().catch(() => undefined);
  }

  /** From getting partitions to giving them back. Gives the error that ended it, or undefined when closing. */
  private async assignment(open: OpenCluster, group: ConsumerGroup): Promise<unknown> {
    const revoked = new AbortController();
    const over = new AbortController();
    setMaxListeners(0, revoked.signal, over.signal); // one and more for each partition
    const fetcher = new Fetcher(open, this.address.log);
    const feeds = group.assigned().flatMap(({ topic, partitions }) => partitions.map((p) => new Feed(topic, p, fetcher.wake)));
    const beating = this.heartbeats(group, over.signal);
    fetcher.start(feeds);
    this.listener.onAssigned(feeds.map((feed) => this.assigned(open, group, feed, revoked.signal)));
    const end = await beating.ended;
    revoked.abort();
    // Heartbeats go on meanwhile: the group waits for us, and what is under way may still commit.
    const finished = pause(FINISH_MS, over.signal);
    await Promise.race([this.listener.onRevoked(), finished]);
    over.abort();
    fetcher.stop();
    return end;
  }

  /** Beats until `over`; `ended` settles at the first beat that says the assignment is over, or when closing. */
  private heartbeats(group: ConsumerGroup, over: AbortSignal): { readonly ended: Promise<unknown> } {
    let end: (error: unknown) => void = () => undefined;
    const ended = new Promise<unknown>((resolve) => {
      end = resolve;
    });
    this.closing.signal.addEventListener('abort', () => end(undefined), { once: true, signal: over });
    if (this.closing.signal.aborted) end(undefined);
    const beat = async (): Promise<void> => {
      let heard = Date.now();
      while (!over.aborted) {
        await pause(HEARTBEAT_MS, over);
        if (over.aborted) return;
        try {
          await group.heartbeat({ interval: 0 });
          heard = Date.now();
          this.listener.onStatus(true);
        } catch (error) {
          const hopeless = isRebalancing(error) || isHopeless(error);
          if (!hopeless) this.listener.onStatus(false);
          if (hopeless || Date.now() - heard > this.options.sessionMs) end(error);
        }
      }
    };
    void beat();
    return { ended };
  }

  private assigned(open: OpenCluster, group: ConsumerGroup, feed: Feed, revoked: AbortSignal): AssignedPartition {
    const { topic, partition } = feed;
    return {
      topic,
      partition,
      revoked,
      confirm: () =>
        group.heartbeat({ interval: 0 }).then(
          () => true,
          () => false, // the next regular heartbeat says the same and ends the assignment
        ),
      committed: () => this.committed(open, topic, partition).catch(rethrow),
      earliest: () => firstOffset(open, topic, partition).catch(rethrow),
      seek: (offset) => feed.seek(offset),
      take: (records, bytes, signal) => feed.take(records, bytes, signal === undefined ? [revoked] : [revoked, signal]),
    };
  }

  private async committed(open: OpenCluster, topic: string, partition: number): Promise<bigint | undefined> {
    const { group } = this.options;
    const asked = stableOffset(group, topic, partition);
    const answer = await whenFree(async () => (await open.coordinator(group, 'group')).connectionPool.send(asked), STARTING);
    const offset = BigInt(answer.offset);
    return offset < 0n ? undefined : offset;
  }

  private consumerGroup({ cluster }: OpenCluster): ConsumerGroup {
    const ConsumerGroup = kafkajsModule<ConsumerGroupClass>('consumer/consumerGroup');
    const { roundRobin } = kafkajsModule<{ roundRobin: (given: Record<string, unknown>) => unknown }>('consumer/assigners');
    const logger = quietLogger(this.address.log);
    return new ConsumerGroup({
      cluster,
      logger,
      groupId: this.options.group,
      topics: [...this.options.topics],
      topicConfigurations: {},
      assigners: [roundRobin({ groupId: this.options.group, logger, cluster })],
      instrumentationEmitter: { emit: () => undefined },
      retry: { initialRetryTime: 100, retries: 5 },
      sessionTimeout: this.options.sessionMs,
      rebalanceTimeout: REBALANCE_MS,
      autoCommit: false,
    });
  }
}

function rethrow(error: unknown): never {
  throw asFault(error);
}
