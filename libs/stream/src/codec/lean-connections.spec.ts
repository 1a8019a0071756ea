import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

type Install = typeof import('./install.js');
type Pack = typeof import('./pack.js');

interface Connection {
  connect(): Promise<unknown>;
  send(asked: { readonly request: unknown; readonly response: unknown }): Promise<unknown>;
  disconnect(): Promise<unknown>;
}
type CreateRequest = (options: object) => { readonly encode: () => Promise<{ readonly buffer: Buffer }> };

const quiet = (): undefined => undefined;

let end: () => void = quiet;
afterEach(() => end()); // also where an expectation failed: jest would wait for it

/** What a broker gets of a request with three batches, and what its sender makes of the answer. */
async function exchange() {
  const got: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('error', quiet);
    socket.on('data', (data) => {
      got.push(data);
      const whole = Buffer.concat(got);
      if (whole.length < 4 || whole.length < 4 + whole.readInt32BE()) return;
      const answer = Buffer.concat([Buffer.from([0, 0, 0, 8]), whole.subarray(8, 12), Buffer.from('well')]);
      socket.write(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  end = () => server.close();
  const { port } = server.address() as AddressInfo;
  const at = { host: '127.0.0.1', port };
  const heard: Buffer[] = [];
  const socketFactory = ({ onConnect }: { onConnect: () => void }): Socket =>
    connect(port, '127.0.0.1', onConnect).on('data', (data) => heard.push(data));
  let made: { connection: Connection; request: ReturnType<CreateRequest> } | undefined;
  jest.isolateModules(() => {
    (require('./install.js') as Install).installCodec('khidi');
    const { pack } = require('./pack.js') as Pack;
    const Connection = require('kafkajs/src/network/connection') as new (options: object) => Connection;
    const create = require('kafkajs/src/protocol/requests/produce/v3/request') as CreateRequest;
    const batch = (partition: number) => ({
      partition,
      firstSequence: 7,
      messages: pack([{ key: 'k', value: Buffer.alloc(200_000, partition), headers: {}, timestamp: '5' }]),
    });
    const topicData = [
      { topic: 'a', partitions: [batch(0), batch(1)] },
      { topic: 'b', partitions: [batch(2)] },
      { topic: 'c', partitions: [] },
    ];
    const logger = { debug: quiet, error: quiet, namespace: () => logger };
    made = {
      connection: new Connection({ ...at, clientId: 'c', connectionTimeout: 5000, requestTimeout: 5000, logger, socketFactory }),
      request: create({ acks: -1, timeout: 1000, transactionalId: 't', producerId: '9', producerEpoch: 1, topicData }),
    };
  });
  if (made === undefined) throw new Error('no connection');
  const { connection, request } = made;
  const answers: Buffer[] = [];
  await connection.connect();
  const decode = async (raw: Buffer) => {
    answers.push(raw);
    return {};
  };
  await connection.send({ request, response: { decode, parse: async () => undefined } });
  await connection.disconnect();
  return { got: Buffer.concat(got), request: (await request.encode()).buffer, heard, answers };
}

describe('a connection with our codec', () => {
  it('writes all pieces of a request, in order', async () => {
    const { got, request } = await exchange();
    const header = 4 + 2 + 2 + 4 + 2 + 1;
    expect(got.length).toBe(header + request.length);
    expect(got.readInt32BE()).toBe(got.length - 4);
    expect(got.subarray(header).equals(request)).toBe(true);
  });

  it('does not copy an answer that came whole', async () => {
    const { heard, answers } = await exchange();
    expect(answers.map(String)).toEqual(['well']);
    expect(answers[0]?.buffer).toBe(heard[0]?.buffer);
  });
});
