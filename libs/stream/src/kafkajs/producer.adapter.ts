import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '#faults';
import type { Position } from '#record';
import { murmur2 } from '../codec/partitioner.js';
import { type Memory, Slabs } from '../codec/slabs.js';
import type { PlainProducer, TornPlaces, TransactionalProducer, TransactionEnd, WireRecord } from '../port.js';
import { type KafkaAddress, type OpenCluster, openCluster } from './cluster.adapter.js';
import { asFault, isForbidden, isTransient, typeOf } from './errors.adapter.js';
import { type GroupedRecords, groupRecords, type PartitionBatch, positionsOf } from './group-records.js';
import { STARTING, whenFree } from './patience.adapter.js';
import type { BrokerOf, ProducerIdentity, TopicDataOf } from './protocol.adapter.js';

/** All in-sync replicas. */
const ACKS = -1;
const PRODUCE_MS = 8000;
/** A transaction that is open longer is aborted by the broker. */
const TRANSACTION_MS = 30_000;
/** Sequence numbers end at 2^31 - 1; kafkajs and the broker disagree on how they wrap (K5), so a producer retires before. */
const LAST_SEQUENCE = 2_000_000_000;

/** Numbered records as a produce request wants them. */
interface Grouped {
  readonly byLeader: ReadonlyMap<number, TopicDataOf[]>;
  readonly topics: readonly { topic: string; partitions: number[] }[];
  readonly records: GroupedRecords;
}

interface TopicLayout {
  readonly partitions: number;
  readonly leaders: ReadonlyMap<number, number>;
}

/**
 * An idempotent producer by the protocol: an identity, and a sequence number for each partition that only ever grows. It never
 * rolls a sequence back, as kafkajs does after a failed send (K1), and partitions are chosen once (K4).
 */
class ProducerCore {
  readonly open: OpenCluster;
  private identity: ProducerIdentity | undefined;
  private readonly layouts = new Map<string, TopicLayout>();
  private readonly sequences = new Map<string, number>();

  constructor(
    address: KafkaAddress,
    private readonly transactionalId?: string,
  ) {
    this.open = openCluster(address);
  }

  get id(): ProducerIdentity {
    if (this.identity === undefined) throw new FaultError('STREAM_UNAVAILABLE', 'the producer is not connected');
    return this.identity;
  }

  async init(broker: () => Promise<BrokerOf>): Promise<void> {
    await this.open.cluster.connect();
    const { transactionalId } = this;
    const request = { transactionTimeout: TRANSACTION_MS, ...(transactionalId === undefined ? {} : { transactionalId }) };
    this.identity = await whenFree(async () => (await broker()).initProducerId(request), STARTING);
  }

  async pack(records: readonly WireRecord[], memory?: Memory): Promise<GroupedRecords> {
    const topics = [...new Set(records.map((record) => record.topic))].filter((topic) => !this.layouts.has(topic));
    if (topics.length > 0) await this.learn(topics);
    return groupRecords(records, (record) => this.partitionOf(record), memory);
  }

  /** Gives them their sequence numbers: to be called in the order in which they are sent. */
  number(grouped: GroupedRecords): Grouped {
    const byLeader = new Map<number, TopicDataOf[]>();
    const written = new Map<string, number[]>();
    for (const batch of grouped.batches) {
      const { topic, partition, messages } = batch;
      const leader = this.layouts.get(topic)?.leaders.get(partition) ?? -1;
      const data = byLeader.get(leader) ?? [];
      byLeader.set(leader, data);
      const entry = { partition, firstSequence: this.sequence(nameOf(batch), messages.length), messages };
      const same = data.find((candidate) => candidate.topic === topic);
      if (same === undefined) data.push({ topic, partitions: [entry] });
      else same.partitions.push(entry);
      written.set(topic, [...(written.get(topic) ?? []), partition]);
    }
    return { byLeader, records: grouped, topics: [...written].map(([topic, partitions]) => ({ topic, partitions })) };
  }

  /** All partitions of those topics that exist. */
  async partitionsOf(topics: readonly string[]): Promise<Grouped['topics']> {
    const found: { topic: string; partitions: number[] }[] = [];
    for (const topic of topics) {
      try {
        await this.learn([topic]);
      } catch (error) {
        if (typeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION' && !isForbidden(error)) throw error;
      }
      const layout = this.layouts.get(topic);
      if (layout !== undefined) found.push({ topic, partitions: [...layout.leaders.keys()] });
    }
    return found;
  }

  /** Sends every leader its share; settles only when all have answered, so that nothing is under way after an error. */
  async produce(grouped: Grouped): Promise<readonly Position[]> {
    const answers = await allOf([...grouped.byLeader].map(([leader, topicData]) => this.produceTo(leader, topicData)));
    const bases = new Map(answers.flat());
    return positionsOf(grouped.records, (batch) => bases.get(nameOf(batch)) ?? -1n);
  }

  /** Asks again who leads; for a send that is repeated. */
  async renew(grouped: Grouped): Promise<Grouped> {
    this.layouts.clear();
    await this.open.cluster.refreshMetadata();
    await this.learn(grouped.topics.map(({ topic }) => topic));
    const byLeader = new Map<number, TopicDataOf[]>();
    for (const { topic, partitions } of [...grouped.byLeader.values()].flat()) {
      for (const entry of partitions) {
        const leader = this.layouts.get(topic)?.leaders.get(entry.partition) ?? -1;
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), { topic, partitions: [entry] }]);
      }
    }
    return { ...grouped, byLeader };
  }

  private async produceTo(leader: number, topicData: readonly TopicDataOf[]): Promise<[string, bigint][]> {
    const broker = await this.open.cluster.findBroker({ nodeId: leader });
    const { transactionalId } = this;
    const request = { topicData, ...this.id, acks: ACKS, timeout: PRODUCE_MS, compression: 0 };
    const { topics } = await broker.produce(transactionalId === undefined ? request : { ...request, transactionalId });
    return topics.flatMap(({ topicName, partitions }) =>
      partitions.map(({ partition, baseOffset }): [string, bigint] => [
        nameOf({ topic: topicName, partition }),
        BigInt(baseOffset),
      ]),
    );
  }

  private async learn(topics: readonly string[]): Promise<void> {
    await this.open.cluster.addMultipleTargetTopics(topics);
    for (const topic of topics) {
      const metadata = this.open.cluster.findTopicPartitionMetadata(topic);
      if (metadata.length === 0) throw new FaultError('STREAM_UNAVAILABLE', `no metadata of ${topic}`);
      this.layouts.set(topic, {
        partitions: metadata.length,
        leaders: new Map(metadata.map(({ partitionId, leader }) => [partitionId, leader])),
      });
    }
  }

  private partitionOf({ topic, key, partition }: WireRecord): number {
    if (partition !== undefined) return partition;
    if (key === null) throw new TypeError('a record needs a key or a partition'); // else a retry could move it (K4)
    return (murmur2(key) & 0x7fffffff) % (this.layouts.get(topic)?.partitions ?? 1);
  }

  private sequence(name: string, count: number): number {
    const first = this.sequences.get(name) ?? 0;
    if (first + count > LAST_SEQUENCE) throw new FaultError('STREAM_UNAVAILABLE', 'the producer is used up');
    this.sequences.set(name, first + count);
    return first;
  }
}

const nameOf = ({ topic, partition }: Pick<PartitionBatch, 'topic' | 'partition'>): string => `${topic}/${partition}`;

/** See {@link TransactionalProducer}: the least requests a transaction can be made of. */
export function transactionalProducer(address: KafkaAddress, transactionalId: string): TransactionalProducer {
  const core = new ProducerCore(address, transactionalId);
  let coordinator: BrokerOf | undefined;
  const groups = new Map<string, BrokerOf>();

  const transactions = async (): Promise<BrokerOf> => {
    coordinator ??= await core.open.coordinator(transactionalId, 'transaction');
    return coordinator;
  };
  const groupCoordinator = async (group: string): Promise<BrokerOf> => {
    const known = groups.get(group) ?? (await core.open.coordinator(group, 'group'));
    groups.set(group, known);
    return known;
  };

  const connect = (): Promise<void> => core.init(() => core.open.coordinator(transactionalId, 'transaction'));

  const commit = async (packed: GroupedRecords, { consumed, beforeCommit }: TransactionEnd): Promise<readonly Position[]> => {
    if (packed.batches.length === 0 && consumed === undefined) return [];
    const broker = await transactions();
    const identity = { transactionalId, ...core.id };
    const grouped = core.number(packed);
    if (packed.batches.length > 0) {
      await whenFree(() => broker.addPartitionsToTxn({ ...identity, topics: grouped.topics }));
    }
    const announce = async (): Promise<void> => {
      if (consumed !== undefined) await whenFree(() => broker.addOffsetsToTxn({ ...identity, groupId: consumed.group }));
    };
    const [positions] = await allOf<readonly Position[] | undefined>([core.produce(grouped), announce().then(() => undefined)]);
    // Only now: an offset that waits for its marker then says that all records before it are written (see `mend`).
    if (consumed !== undefined) {
      const { group, topic, partition, offset } = consumed;
      const topics = [{ topic, partitions: [{ partition, offset: String(offset), metadata: null }] }];
      await (await groupCoordinator(group)).txnOffsetCommit({ ...identity, groupId: group, topics });
    }
    beforeCommit?.();
    await whenFree(() => broker.endTxn({ ...identity, transactionResult: true }));
    return positions ?? [];
  };

  const mend = async ({ topics, group }: TornPlaces): Promise<void> => {
    if (topics.length === 0) return;
    const broker = await transactions();
    const identity = { transactionalId, ...core.id };
    let joined = 0;
    for (const place of await core.partitionsOf(topics)) {
      try {
        await whenFree(() => broker.addPartitionsToTxn({ ...identity, topics: [place] })); // one by one: a refusal refuses all
        joined += 1;
      } catch (error) {
        if (!isForbidden(error)) throw error; // where we may not write, we have left nothing open
      }
    }
    if (joined === 0) return;
    if (group !== undefined) await whenFree(() => broker.addOffsetsToTxn({ ...identity, groupId: group }));
    await whenFree(() => broker.endTxn({ ...identity, transactionResult: true }));
    await connect(); // is answered once the markers are written: then the committed offset can be read
  };

  return {
    connect: () => connect().catch(rethrow),
    mend: (places) => mend(places).catch(rethrow),
    async prepare(records) {
      const slabs = new Slabs();
      const packed = await core.pack(records, slabs.take).catch(rethrow);
      const committed = async (end: TransactionEnd): Promise<readonly Position[]> => {
        const positions = await commit(packed, end);
        slabs.giveBack(); // all of it was answered; after an error some of it may still be under way
        return positions;
      };
      return { commit: (end = {}) => committed(end).catch(rethrow) };
    },
    dispose: () => core.open.dispose(),
  };
}

/** See {@link PlainProducer}. Within its time a send is repeated with the same sequence numbers, so the broker keeps it once. */
export function plainProducer(address: KafkaAddress): PlainProducer {
  const core = new ProducerCore(address);
  let disposed = false;

  const send = async (records: readonly WireRecord[], timeoutMs: number): Promise<readonly Position[]> => {
    const deadline = Date.now() + timeoutMs;
    let grouped = core.number(await core.pack(records));
    for (let wait = 20; ; wait = Math.min(wait * 2, 500)) {
      try {
        return await core.produce(grouped);
      } catch (error) {
        if (disposed || !isTransient(error) || Date.now() + wait > deadline) throw error;
        await sleep(wait);
        grouped = await core.renew(grouped).catch((away: unknown) => {
          if (disposed || Date.now() > deadline) throw away;
          return grouped;
        });
      }
    }
  };

  return {
    connect: () =>
      core.init(() => core.open.cluster.refreshMetadata().then(() => core.open.cluster.findControllerBroker())).catch(rethrow),
    send: (records, timeoutMs) => send(records, timeoutMs).catch(rethrow),
    dispose() {
      disposed = true;
      core.open.dispose();
    },
  };
}

/** Like Promise.all, but waits for all even when one fails. */
async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

function rethrow(error: unknown): never {
  throw asFault(error);
}
