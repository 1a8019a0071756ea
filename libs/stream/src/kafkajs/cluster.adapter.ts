import type net from 'node:net';
import type { Logger } from '#telemetry';
import { loadKafkajs } from '../codec/index.js';
import { kafkajsModule } from '../codec/kafkajs-modules.js';
import type { KafkaPlace } from '../kafka-tls.js';
import type { BrokerOf, ClusterOf } from './protocol.adapter.js';
import { type SocketFactory, socketFactory } from './socket.adapter.js';

/** Where Kafka is and who asks. */
export interface KafkaAddress extends KafkaPlace {
  readonly clientId: string;
  readonly log: Logger;
}

/** Connections to one cluster that can be dropped at once. */
export interface OpenCluster {
  readonly cluster: ClusterOf;
  /** The broker that leads a group or a transactional id. */
  coordinator(id: string, kind: 'group' | 'transaction'): Promise<BrokerOf>;
  /** Breaks all connections; the next request opens new ones. */
  sever(): void;
  /** Closes all sockets now; kafkajs alone would wait for every outstanding answer. */
  dispose(): void;
}

interface Emitter {
  emit(): void;
}

type ClusterClass = new (options: Record<string, unknown>) => ClusterOf;
type CreateLogger = (options: {
  level: number;
  logCreator: () => (entry: { namespace: string; label: string }) => void;
}) => unknown;

const READ_COMMITTED = 1;
const READ_UNCOMMITTED = 0;
const COORDINATOR = { group: 0, transaction: 1 } as const;

/** Short: whoever uses a cluster throws it away after an error and comes again later. */
const RETRY = { initialRetryTime: 50, factor: 0, multiplier: 1.7, retries: 8, maxRetryTime: 1000 };
const CONNECT_MS = 3000;
const REQUEST_MS = 10_000;
const METADATA_MS = 300_000;

/** Opens connections of their own. Nothing connects before the first request. */
export function openCluster(address: KafkaAddress, isolation: 'committed' | 'uncommitted' = 'committed'): OpenCluster {
  loadKafkajs();
  const Cluster = kafkajsModule<ClusterClass>('cluster');
  const sockets = new Set<net.Socket>();
  const connect = socketFactory(address.tls);
  const silent: Emitter = { emit: () => undefined };
  const cluster = new Cluster({
    logger: quietLogger(address.log),
    retry: RETRY,
    brokers: [...address.brokers],
    clientId: address.clientId,
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    enforceRequestTimeout: true,
    metadataMaxAge: METADATA_MS,
    allowAutoTopicCreation: false,
    isolationLevel: isolation === 'committed' ? READ_COMMITTED : READ_UNCOMMITTED,
    instrumentationEmitter: silent,
    socketFactory: ((to) => {
      const socket = connect(to);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    }) satisfies SocketFactory,
  });
  tellWhy(cluster);
  return {
    cluster,
    coordinator: (id, kind) => cluster.findGroupCoordinator({ groupId: id, coordinatorType: COORDINATOR[kind] }),
    sever() {
      for (const socket of sockets) socket.destroy(new Error('no answer'));
    },
    dispose() {
      // kafkajs does not listen to `close`: an error makes it reject what is outstanding and end its timers.
      for (const socket of sockets) socket.destroy(new Error('disposed'));
      cluster.disconnect().catch(() => undefined); // its errors say only that the sockets are gone
    },
  };
}

/**
 * kafkajs asks every broker for a coordinator and, where none gives one, forgets what they said: a missing right would look like a
 * broker that is away. So the last answer is asked for again, and thrown.
 */
function tellWhy(cluster: ClusterOf): void {
  const find = cluster.findGroupCoordinatorMetadata.bind(cluster);
  cluster.findGroupCoordinatorMetadata = async (asked) => {
    try {
      return await find(asked);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'KafkaJSGroupCoordinatorNotFound') throw error;
      if (cluster.brokerPool.metadata === null) throw error;
      return (await cluster.findControllerBroker()).findGroupCoordinator(asked);
    }
  };
}

/** kafkajs's own lines may quote what it was given, so only their place is kept, and only for debugging. */
export function quietLogger(log: Logger): unknown {
  const createLogger = kafkajsModule<{ createLogger: CreateLogger }>('loggers').createLogger;
  const DEBUG = 5;
  const WARN = 2;
  return createLogger({
    level: process.env.KHIDI_LOG_LEVEL === 'debug' ? DEBUG - 1 : WARN,
    logCreator: () => (entry) => log.debug('kafkajs', { namespace: entry.namespace, label: entry.label }),
  });
}
