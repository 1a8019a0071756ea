import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { socketFactory } from './socket.adapter.js';

/** A server that sends what it is given to whoever connects, and the socket that hears it. */
async function hear(send: (peer: Socket) => void) {
  const server = createServer((peer) => {
    peer.on('error', () => undefined);
    send(peer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const heard: Buffer[] = [];
  const { port } = server.address() as AddressInfo;
  const socket = socketFactory(undefined)({ host: '127.0.0.1', port, onConnect: () => undefined });
  socket.on('data', (data: Buffer) => heard.push(data));
  const error = new Promise<Error | undefined>((resolve) => {
    socket.once('error', resolve);
    socket.once('end', () => resolve(undefined));
  });
  const ended = await error;
  socket.destroy();
  server.close();
  return { heard, ended };
}

describe('a socket to a broker', () => {
  it('has whole answers as its data, each in memory of its own', async () => {
    const bodies = [Buffer.alloc(300_000, 1), Buffer.alloc(5, 2), Buffer.alloc(100_000, 3)];
    const answers = bodies.map((body) =>
      Buffer.concat([Buffer.from([0, body.length >> 16, body.length >> 8, body.length]), body]),
    );
    const { heard, ended } = await hear((peer) => peer.end(Buffer.concat(answers)));
    expect(ended).toBeUndefined();
    expect(heard.map((data, i) => answers[i]?.equals(data))).toEqual([true, true, true]);
  });

  it('fails where somebody else than a broker answers', async () => {
    const { heard, ended } = await hear((peer) => void peer.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(heard).toEqual([]);
    expect(ended?.message).toContain('this is no Kafka broker');
  });
});
