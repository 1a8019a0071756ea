import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

interface Request {
  readonly request: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    encode(): Promise<unknown>;
  };
  readonly response: { decode(raw: Buffer): Promise<object>; parse(data: unknown): Promise<unknown> };
}
interface Pool {
  getConnection(): Promise<{ disconnect(): Promise<unknown>; failIfNotConnected(): void }>;
  send(request: Request): Promise<unknown>;
  destroy(): Promise<unknown>;
}
type Encoder = new () => { writeInt8(value: number): unknown };

const LENGTH = 4;
const CORRELATION_AT = 8;
const REQUEST_MS = 300;
const quiet = () => undefined;

/** In a registry of its own: a pool of kafkajs, mended or not. */
function poolOf(port: number, { mended }: { readonly mended: boolean }): Pool {
  let made: Pool | undefined;
  jest.isolateModules(() => {
    if (mended)
      (require('./single-use-connections.js') as typeof import('./single-use-connections.js')).installSingleUseConnections();
    const ConnectionPool = require('kafkajs/src/network/connectionPool') as new (options: object) => Pool;
    const logger: Record<string, unknown> = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    logger.namespace = () => logger;
    made = new ConnectionPool({
      ...{ host: '127.0.0.1', port, logger, clientId: 'c', connectionTimeout: 1000, requestTimeout: REQUEST_MS },
      socketFactory: ({ onConnect }: { onConnect: () => void }) => connect(port, '127.0.0.1', onConnect),
    });
  });
  if (made === undefined) throw new Error('no pool');
  return made;
}

const question = (): Request => {
  const Encoder = require('kafkajs/src/protocol/encoder') as Encoder;
  return {
    request: { apiKey: 3, apiName: 'Any', apiVersion: 0, encode: async () => new Encoder().writeInt8(1) },
    response: { decode: async (raw) => ({ answer: raw.toString() }), parse: async (data) => data },
  };
};

function answerTo(asked: Buffer): Buffer {
  const correlation = asked.subarray(CORRELATION_AT, CORRELATION_AT + LENGTH);
  const answer = Buffer.concat([Buffer.alloc(LENGTH), correlation, Buffer.from('well')]);
  answer.writeInt32BE(answer.length - LENGTH);
  return answer;
}

/** A broker that answers every request with what `reply` makes of it. */
async function brokerOf(reply: (socket: Socket, answer: Buffer, connection: number) => void) {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.on('error', quiet);
    socket.on('data', (data) => {
      for (let rest = data; rest.length > 0; rest = rest.subarray(LENGTH + rest.readInt32BE()))
        reply(socket, answerTo(rest), connection);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  brokers.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const brokers: { close(): void }[] = [];
afterEach(() => {
  for (const broker of brokers.splice(0)) broker.close(); // also where an expectation failed: jest would wait for it
});

/** On a busy machine the client may hear of the reset as an end of the connection, which kafkajs names otherwise. */
const BROKEN = { name: expect.stringMatching(/^KafkaJSConnection(Closed)?Error$/) };

const half = (socket: Socket, answer: Buffer, connection: number): void => {
  if (connection > 1) return void socket.write(answer);
  socket.write(answer.subarray(0, 7), () => setTimeout(() => socket.resetAndDestroy(), 5)); // so that the half arrives before the reset
};

describe('when a connection breaks in the middle of an answer', () => {
  it('understands the answers of the next one', async () => {
    const broker = await brokerOf(half);
    const pool = poolOf(broker.port, { mended: true });
    await expect(pool.send(question())).rejects.toMatchObject(BROKEN);
    await expect(pool.send(question())).resolves.toEqual({ answer: 'well' });
    await pool.destroy();
  });

  it('does not where kafkajs is as it comes', async () => {
    const broker = await brokerOf(half);
    const pool = poolOf(broker.port, { mended: false });
    await expect(pool.send(question())).rejects.toMatchObject(BROKEN);
    await expect(pool.send(question())).rejects.toMatchObject({ name: 'KafkaJSRequestTimeoutError' });
    await pool.destroy();
  });
});

describe('when a connection goes down', () => {
  it('goes down once, and refuses what is asked, since the timer of its queue ends', async () => {
    const broker = await brokerOf((socket, answer) => void socket.write(answer));
    const pool = poolOf(broker.port, { mended: true });
    const connection = await pool.getConnection();
    const down = connection.disconnect();
    expect(connection.disconnect()).toBe(down); // each time would leave another listener at its socket
    expect(() => connection.failIfNotConnected()).toThrow('Closing connection');
    await down;
    await expect(pool.send(question())).resolves.toEqual({ answer: 'well' });
    await pool.destroy();
  });
});

describe('when a connection is let go while it is still connecting', () => {
  it('goes down after it has come up, and its timer with it', async () => {
    const broker = await brokerOf((socket, answer) => void socket.write(answer));
    const pool = poolOf(broker.port, { mended: true });
    const connecting = pool.getConnection();
    await pool.destroy();
    const connection = await connecting;
    await connection.disconnect();
    expect(() => connection.failIfNotConnected()).toThrow('Not connected');
  });
});

describe('when several ask before there is a connection', () => {
  it('opens one', async () => {
    const broker = await brokerOf((socket, answer) => void socket.write(answer));
    const pool = poolOf(broker.port, { mended: true });
    await Promise.all([question(), question(), question()].map((one) => pool.send(one)));
    expect(broker.connections()).toBe(1);
    await pool.destroy();
  });
});
