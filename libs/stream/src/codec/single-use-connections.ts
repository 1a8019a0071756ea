import { kafkajsModule, replaceModule } from './kafkajs-modules.js';

/** The part of a connection of kafkajs that matters here. */
interface Connection {
  readonly connectionStatus: 'connected' | 'disconnecting' | 'disconnected';
  readonly versions: unknown;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  setVersions(versions: unknown): void;
  getSupportAuthenticationProtocol(): unknown;
  setSupportAuthenticationProtocol(isSupported: unknown): void;
  failIfNotConnected(): void;
}
type ConnectionClass = new (options: object) => Connection;

interface Pool {
  readonly pool: Connection[];
  getConnection(index?: number): Promise<Connection>;
}
type PoolClass = new (options: object) => Pool;

type ClosedError = new (message: string, at: object) => Error;

/**
 * Makes kafkajs use each of its connections for one socket only. Stock connects the same object again: what had come of a half answer
 * then stands before the first answer of the new socket, so that no answer is ever understood again; whoever comes while it connects
 * opens a second socket; and the late end of an old one takes down the new one. And what is asked while a connection goes down went to a
 * queue whose timer ends just then, and was waited for for ever: it is refused, as on one that is down. Must come before kafkajs loads.
 */
export function installSingleUseConnections(): void {
  replaceModule<ConnectionClass>('network/connection', goingDownOnce);
  replaceModule<PoolClass>('network/connectionPool', renewing);
}

function goingDownOnce(Stock: ConnectionClass): ConnectionClass {
  const { KafkaJSConnectionClosedError } = kafkajsModule<{ KafkaJSConnectionClosedError: ClosedError }>('errors');
  return class Connection extends Stock {
    #down: Promise<unknown> | undefined;

    /**
     * Each time would leave another listener at the socket. But one that was let go while it was still connecting is up a moment later,
     * and must go down once more when its socket ends: its timer would run for ever.
     */
    override disconnect(): Promise<unknown> {
      if (this.#down === undefined || this.connectionStatus === 'connected') this.#down = super.disconnect();
      return this.#down;
    }

    override failIfNotConnected(): void {
      if (this.connectionStatus === 'disconnecting') throw new KafkaJSConnectionClosedError('Closing connection', {});
      super.failIfNotConnected();
    }
  };
}

function renewing(Stock: PoolClass): PoolClass {
  const Connection = kafkajsModule<ConnectionClass>('network/connection');
  return class ConnectionPool extends Stock {
    readonly #options: object;
    readonly #connecting = new Map<number, Promise<Connection>>();

    constructor(options: object) {
      super(options);
      this.#options = options;
    }

    /** One that is up, or else a new one, which all who come meanwhile share. */
    override async getConnection(index = 0): Promise<Connection> {
      const current = this.pool[index];
      if (current?.connectionStatus === 'connected') return current;
      const connecting = this.#connecting.get(index) ?? this.#renew(index, current);
      return connecting;
    }

    #renew(index: number, before: Connection | undefined): Promise<Connection> {
      const fresh = new Connection(this.#options);
      if (before !== undefined) {
        fresh.setVersions(before.versions);
        fresh.setSupportAuthenticationProtocol(before.getSupportAuthenticationProtocol());
      }
      this.pool[index] = fresh;
      const connected = fresh.connect().then(() => fresh);
      const done = (): void => void this.#connecting.delete(index);
      this.#connecting.set(index, connected);
      connected.then(done, done);
      return connected;
    }
  };
}
