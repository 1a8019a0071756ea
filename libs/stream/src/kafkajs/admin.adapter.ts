import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '#faults';
import { loadKafkajs } from '../codec/index.js';
import type { TopicPlan } from '../plan.js';
import type { PartitionEnd, PartitionLag, StreamAdmin } from '../port.js';
import { type KafkaAddress, type OpenCluster, openCluster } from './cluster.adapter.js';
import { asFault, isTransient, typeOf } from './errors.adapter.js';
import { STARTING, untilHeard, whenFree } from './patience.adapter.js';
import { socketFactory } from './socket.adapter.js';

/** kafkajs's own admin client. */
export type AdminOf = ReturnType<InstanceType<ReturnType<typeof loadKafkajs>['Kafka']>['admin']>;

const CREATE_MS = 20_000;
/** How long a question is asked again, in milliseconds; one that takes longer by itself is asked once. */
const AGAIN_MS = 3000;

/** See {@link StreamAdmin}. Connects at the first question, and anew after an error. */
export function kafkaAdmin(address: KafkaAddress): StreamAdmin & { close(): void } {
  let committed: OpenCluster | undefined;
  let written: OpenCluster | undefined;

  const close = (): void => {
    committed?.dispose();
    written?.dispose();
    committed = undefined;
    written = undefined;
  };
  /** A leader or coordinator that has just moved is asked for again; a broker that is away is not waited for. */
  const asking = async <T>(question: () => Promise<T>): Promise<T> => {
    for (const deadline = Date.now() + AGAIN_MS; ; await sleep(100)) {
      try {
        return await question();
      } catch (error) {
        close();
        if (!isTransient(error) || Date.now() > deadline) throw asFault(error);
      }
    }
  };
  const withAdmin = (question: (admin: AdminOf) => Promise<void>): Promise<void> => asking(() => askOnce(address, question));
  const readable = async (): Promise<OpenCluster> => {
    committed ??= openCluster(address);
    await committed.cluster.connect();
    return committed;
  };
  const unread = async (): Promise<OpenCluster> => {
    written ??= openCluster(address, 'uncommitted');
    await written.cluster.connect();
    return written;
  };
  const ends = async (topic: string): Promise<readonly PartitionEnd[]> => endsOf(await readable(), await unread(), topic);

  return {
    close,
    clusterId: () =>
      asking(async () => {
        const { cluster } = await readable();
        await cluster.refreshMetadata();
        const id = cluster.brokerPool.metadata?.clusterId;
        if (id === undefined) throw new FaultError('STREAM_UNAVAILABLE', 'no metadata');
        return id;
      }),
    endOffsets: (topic) => asking(() => ends(topic)),
    highOffsets: (topic) =>
      asking(async () => {
        const offsets = await offsetsOf(await unread(), topic, { fromBeginning: false });
        return new Map([...offsets].map(([partition, offset]) => [partition, BigInt(offset)]));
      }),
    offsetsSince: (topic, since) => asking(async () => sinceOf(await readable(), await unread(), topic, since)),
    groupLag: (group, topics) => asking(async () => lagOf(await readable(), group, topics, ends)),
    async topicNames() {
      const names: string[] = [];
      await withAdmin(async (admin) => {
        names.push(...(await admin.listTopics()));
      });
      return names;
    },
    checkTopics: (plan) => withAdmin((admin) => check(admin, plan)),
    async ensureTopics(plan) {
      const created: string[] = [];
      await withAdmin(async (admin) => {
        created.push(...(await create(admin, plan)));
      });
      return created;
    },
  };
}

/** Asks what kafkajs's own admin client knows to ask, with connections for this time alone. Throws errors of kafkajs. */
export async function askOnce(address: KafkaAddress, question: (admin: AdminOf) => Promise<void>): Promise<void> {
  const { Kafka } = loadKafkajs();
  const kafka = new Kafka({
    brokers: [...address.brokers],
    clientId: address.clientId,
    connectionTimeout: 3000,
    socketFactory: socketFactory(address.tls),
    logCreator: () => () => undefined,
    retry: { initialRetryTime: 100, retries: 4 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    await question(admin);
  } finally {
    await admin.disconnect().catch(() => undefined); // the answer is known; a connection that does not close is the broker's to end
  }
}

/** The partition counts of the topics that exist. */
async function existing(admin: AdminOf, plan: TopicPlan): Promise<ReadonlyMap<string, number>> {
  const there = new Set(await admin.listTopics());
  const names = plan.topics.map(({ name }) => name).filter((name) => there.has(name));
  if (names.length === 0) return new Map();
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}

async function check(admin: AdminOf, plan: TopicPlan): Promise<void> {
  const counts = await existing(admin, plan);
  const mistakes = plan.topics.flatMap(({ name, partitions }) => {
    const count = counts.get(name);
    if (count === partitions) return [];
    return [count === undefined ? `${name} does not exist` : `${name} has ${count} partitions instead of ${partitions}`];
  });
  if (mistakes.length === 0) return;
  const shown = [...mistakes.slice(0, 5), ...(mistakes.length > 5 ? [`and ${mistakes.length - 5} more`] : [])];
  const advice =
    'create missing topics from deploy/kafka/topics.json (`npm run up` does); the number of partitions is never changed';
  throw new FaultError('STREAM_TOPIC_MISSING', `${shown.join(', ')}: ${advice}`);
}

async function create(admin: AdminOf, plan: TopicPlan): Promise<string[]> {
  const counts = await existing(admin, plan);
  const missing = plan.topics.filter(({ name }) => !counts.has(name));
  if (missing.length === 0) return [];
  await admin.createTopics({
    waitForLeaders: false, // kafkajs gives up where the new topic is not known yet
    timeout: CREATE_MS,
    topics: missing.map(({ name, partitions, config }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: -1, // the broker's default
      configEntries: Object.entries(config).map(([entry, value]) => ({ name: entry, value })),
    })),
  });
  const names = missing.map(({ name }) => name);
  await led(admin, names);
  return names;
}

/** A topic is there only once every broker knows it and each of its partitions has a leader. */
async function led(admin: AdminOf, names: readonly string[]): Promise<void> {
  const heard = async (): Promise<boolean> => {
    const found = await admin.fetchTopicMetadata({ topics: [...names] }).catch((error: unknown) => {
      if (typeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
      return undefined;
    });
    return found?.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0)) === true;
  };
  await untilHeard(heard, CREATE_MS, 'new topics have no leader yet');
}

/** Asks for one offset of each partition. Throws STREAM_TOPIC_MISSING. */
async function offsetsOf(
  { cluster }: OpenCluster,
  topic: string,
  which: { readonly fromBeginning: boolean } | { readonly fromTimestamp: number },
): Promise<ReadonlyMap<number, string>> {
  try {
    await cluster.addMultipleTargetTopics([topic]);
    const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId }));
    const [found] = await cluster.fetchTopicsOffset([{ topic, partitions, ...which }]);
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, offset]));
  } catch (error) {
    if (typeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
    throw new FaultError('STREAM_TOPIC_MISSING', `${topic} does not exist`, { cause: error });
  }
}

async function endsOf(reader: OpenCluster, written: OpenCluster, topic: string): Promise<readonly PartitionEnd[]> {
  const [starts, stable, high] = await Promise.all([
    offsetsOf(reader, topic, { fromBeginning: true }),
    offsetsOf(reader, topic, { fromBeginning: false }),
    offsetsOf(written, topic, { fromBeginning: false }),
  ]);
  return [...stable]
    .map(([partition, end]) => ({
      topic,
      partition,
      start: starts.get(partition) ?? '0',
      end,
      high: high.get(partition) ?? end,
    }))
    .sort((a, b) => a.partition - b.partition);
}

async function sinceOf(
  reader: OpenCluster,
  written: OpenCluster,
  topic: string,
  since: number,
): Promise<ReadonlyMap<number, bigint>> {
  const [first, ends] = await Promise.all([
    offsetsOf(reader, topic, { fromTimestamp: since }),
    offsetsOf(written, topic, { fromBeginning: false }),
  ]);
  return new Map(
    [...ends].map(([partition, end]) => {
      const from = BigInt(first.get(partition) ?? '-1');
      const count = BigInt(end) - from;
      return [partition, from < 0n || count < 0n ? 0n : count]; // -1: nothing was written since
    }),
  );
}

async function lagOf(
  open: OpenCluster,
  group: string,
  topics: readonly string[],
  ends: (topic: string) => Promise<readonly PartitionEnd[]>,
): Promise<readonly PartitionLag[]> {
  const all = (await Promise.all(topics.map(ends))).flat();
  const asked = topics.map((topic) => ({
    topic,
    partitions: all.filter((end) => end.topic === topic).map(({ partition }) => ({ partition })),
  }));
  const { responses } = await whenFree(
    async () => (await open.coordinator(group, 'group')).offsetFetch({ groupId: group, topics: asked }),
    STARTING,
  );
  const committed = new Map(
    responses.flatMap(({ topic, partitions }) => partitions.map((p): [string, string] => [`${topic}/${p.partition}`, p.offset])),
  );
  return all.map(({ topic, partition, start, end }) => {
    const offset = committed.get(`${topic}/${partition}`) ?? '-1';
    const known = !offset.startsWith('-');
    const lag = BigInt(end) - BigInt(known ? offset : start);
    return { topic, partition, ...(known ? { committed: offset } : {}), end, lag: Number(lag > 0n ? lag : 0n) };
  });
}
