import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, createSecureContext } from 'node:tls';
import type { TlsFiles } from '#stream';

/** The requests of kafkajs's broker that are asked here; `#stream` has to have loaded kafkajs before. */
interface Broker {
  metadata(topics: readonly string[]): Promise<unknown>;
  fetch(request: object): Promise<unknown>;
  produce(request: object): Promise<unknown>;
  deleteTopics(request: { topics: readonly string[] }): Promise<unknown>;
  describeConfigs(request: { resources: readonly object[] }): Promise<unknown>;
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  offsetFetch(request: { groupId: string; topics: readonly object[] }): Promise<unknown>;
  deleteGroups(groups: readonly string[]): Promise<{ results: readonly { errorCode: number }[] }>;
  initProducerId(request: { transactionalId: string; transactionTimeout: number }): Promise<unknown>;
  findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<unknown>;
  createTopics(request: { topics: readonly object[] }): Promise<unknown>;
  createAcls(request: { acl: readonly object[] }): Promise<unknown>;
  describeAcls(request: object): Promise<unknown>;
}
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findControllerBroker(): Promise<Broker>;
}

const TOPIC = 2;
const TRANSACTION = 1;
/** GROUP_AUTHORIZATION_FAILED */
const GROUP_REFUSED = 30;

/** Which right each probe needs. The broker looks at the right first, so that what else is wrong with a request does not matter. */
export const PROBES = {
  topic: {
    describe: (broker, name) => broker.metadata([name]),
    read: (broker, name) =>
      broker.fetch({
        isolationLevel: 0,
        maxWaitTime: 1,
        minBytes: 0,
        maxBytes: 1024,
        topics: [{ topic: name, partitions: [{ partition: 0, fetchOffset: '0', maxBytes: 1024 }] }],
      }),
    write: (broker, name) =>
      broker.produce({
        topicData: [
          { topic: name, partitions: [{ partition: 0, messages: [{ key: 'probe', value: Buffer.from('{}'), headers: {} }] }] },
        ],
        acks: -1,
        timeout: 5000,
        compression: 0,
      }),
    create: (broker, name) =>
      broker.createTopics({ topics: [{ topic: name, numPartitions: 1, replicationFactor: 1, configEntries: [] }] }),
    'describe-configs': (broker, name) =>
      broker.describeConfigs({ resources: [{ type: TOPIC, name, configNames: ['retention.ms'] }] }),
    delete: (broker, name) => broker.deleteTopics({ topics: [name] }),
  },
  group: {
    describe: (broker, name) => broker.offsetFetch({ groupId: name, topics: [] }),
    read: (broker, name) => broker.heartbeat({ groupId: name, groupGenerationId: 1, memberId: 'nobody' }),
    delete: async (broker, name) => {
      const { results } = await broker.deleteGroups([name]); // does not throw what it was told
      if (results.some(({ errorCode }) => errorCode === GROUP_REFUSED))
        throw Object.assign(new Error('refused'), { type: 'GROUP_AUTHORIZATION_FAILED' });
    },
  },
  transaction: {
    describe: (broker, name) => broker.findGroupCoordinator({ groupId: name, coordinatorType: TRANSACTION }),
    write: (broker, name) => broker.initProducerId({ transactionalId: name, transactionTimeout: 10_000 }),
  },
  cluster: {
    'create-topic': (broker, name) =>
      broker.createTopics({ topics: [{ topic: `${name}-own`, numPartitions: 1, replicationFactor: 1, configEntries: [] }] }),
    'grant-itself': (broker, name) =>
      broker.createAcls({
        acl: [
          {
            principal: `User:${name}`,
            host: '*',
            resourceType: TOPIC,
            resourceName: '*',
            resourcePatternType: 3,
            operation: 2,
            permissionType: 3,
          },
        ],
      }),
    'see-rules': (broker) => broker.describeAcls({ resourceType: 1, resourcePatternType: 1, operation: 1, permissionType: 1 }),
  },
} satisfies Record<string, Record<string, (broker: Broker, name: string) => Promise<unknown>>>;

/** What the broker says where it lets somebody ask, but the question makes no sense. */
const BESIDE_THE_POINT = [
  'UNKNOWN_MEMBER_ID',
  'GROUP_ID_NOT_FOUND',
  'NON_EMPTY_GROUP',
  'OFFSET_OUT_OF_RANGE',
  'CONCURRENT_TRANSACTIONS',
  'TOPIC_ALREADY_EXISTS',
];

/** One principal's connections to a broker. */
export class Prober {
  private constructor(
    private readonly cluster: Cluster,
    private readonly broker: Broker,
  ) {}

  /** Throws where the broker lets nobody of that name in; without files no certificate is shown. */
  static async connect(port: number, ca: string, files?: Pick<TlsFiles, 'cert' | 'key'>): Promise<Prober> {
    const require = createRequire(import.meta.url);
    const ClusterOf = require('kafkajs/src/cluster') as new (options: object) => Cluster;
    const { createLogger } = require('kafkajs/src/loggers') as { createLogger: (options: object) => object };
    const own = files === undefined ? {} : { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    const secureContext = createSecureContext({ ca: readFileSync(ca), ...own });
    const cluster = new ClusterOf({
      logger: createLogger({ level: 0, logCreator: () => () => undefined }),
      retry: { initialRetryTime: 10, retries: 0 },
      brokers: [`127.0.0.1:${port}`],
      clientId: 'prober',
      connectionTimeout: 10_000,
      requestTimeout: 20_000,
      metadataMaxAge: 600_000,
      allowAutoTopicCreation: false,
      instrumentationEmitter: { emit: () => undefined },
      socketFactory: ({ host, port: to, onConnect }: { host: string; port: number; onConnect: () => void }) =>
        connect({ host, port: to, secureContext }, onConnect),
    });
    await cluster.connect();
    await cluster.refreshMetadata();
    return new Prober(cluster, await cluster.findControllerBroker());
  }

  /** Whether the broker allows it. Throws what it says where it says neither yes nor no. */
  async allowed(probe: (broker: Broker, name: string) => Promise<unknown>, name: string): Promise<boolean> {
    for (;;) {
      try {
        await probe(this.broker, name);
        return true;
      } catch (error) {
        const said = typesIn(error);
        if (said.some((type) => type.endsWith('AUTHORIZATION_FAILED'))) return false;
        if (said.some((type) => BESIDE_THE_POINT.includes(type))) return true;
        if (!said.some((type) => STARTING.includes(type))) throw error;
        await sleep(50);
      }
    }
  }

  async close(): Promise<void> {
    await this.cluster.disconnect();
  }
}

const STARTING = ['GROUP_COORDINATOR_NOT_AVAILABLE', 'GROUP_LOAD_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP'];

/** The broker's names of an error; some requests wrap several. */
function typesIn(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { type, errors, groups, error: inner } = error as Record<string, unknown>;
  const nested = [errors, groups].flatMap((list) => (Array.isArray(list) ? list : []));
  return [...(typeof type === 'string' ? [type] : []), ...[...nested, inner].flatMap(typesIn)];
}
