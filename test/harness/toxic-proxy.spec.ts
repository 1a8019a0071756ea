import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ToxicProxy } from './toxic-proxy.js';

let server: Server;
let proxy: ToxicProxy;
const accepted = new Set<Socket>();

beforeEach(async () => {
  server = createServer((socket) => {
    accepted.add(socket);
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const free = (probe.address() as { port: number }).port;
  probe.close();
  await once(probe, 'close');
  proxy = await ToxicProxy.start(free, port);
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of accepted) socket.destroy();
  server.close();
});

async function dial(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

async function echo(socket: Socket, bytes: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.write(bytes);
  while (Buffer.concat(parts).length < bytes.length) await once(socket, 'data');
  return Buffer.concat(parts);
}

const BYTES = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256));

describe('when a proxy stands in between', () => {
  it.each([
    { kind: 'none' },
    { kind: 'latency', ms: 5 },
    { kind: 'bandwidth', bytesPerSecond: 1_000_000 },
    { kind: 'slices', bytes: 300 },
  ] as const)('passes every byte in order with $kind', async (toxic) => {
    proxy.set(toxic);
    const socket = await dial();
    expect((await echo(socket, BYTES)).equals(BYTES)).toBe(true);
    socket.destroy();
  });

  it('holds what comes until it may pass', async () => {
    proxy.set({ kind: 'hold' });
    const socket = await dial();
    const answer = echo(socket, BYTES);
    const first = await Promise.race([answer, new Promise((done) => setTimeout(() => done('nothing'), 50))]);
    expect(first).toBe('nothing');
    proxy.set({ kind: 'none' });
    expect((await answer).equals(BYTES)).toBe(true);
    socket.destroy();
  });

  it('breaks a connection after its limit, and all of them at a reset', async () => {
    proxy.set({ kind: 'limit', bytes: 100 });
    const limited = await dial();
    limited.write(BYTES);
    await expect(once(limited, 'close')).rejects.toMatchObject({ code: 'ECONNRESET' });
    proxy.set({ kind: 'none' });
    const other = await dial();
    await echo(other, BYTES);
    proxy.reset();
    await expect(once(other, 'close')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('mutes what is open, and lets new connections work', async () => {
    const old = await dial();
    await echo(old, BYTES);
    proxy.mute();
    const silent = await Promise.race([echo(old, BYTES), new Promise((done) => setTimeout(() => done('nothing'), 50))]);
    expect(silent).toBe('nothing');
    const young = await dial();
    expect((await echo(young, BYTES)).equals(BYTES)).toBe(true);
    for (const socket of [old, young]) socket.destroy();
  });

  it('refuses connections while it is down', async () => {
    await proxy.down();
    await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.up();
    (await dial()).destroy();
  });
});
