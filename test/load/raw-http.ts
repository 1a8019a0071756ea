import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { HttpRun } from './http-load.js';

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** One request, sent again and again. */
export interface RawShot {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Sends the same request `count` times over `connections` connections, each waiting for its answer before the next. Node's own client costs
 * more than a read of the registry does, and would be what is measured; so the bytes are written and read here, by their content-length.
 */
export async function repeatRaw(url: string, connections: number, count: number, shot: RawShot): Promise<HttpRun> {
  const bytes = requestBytes(url, shot);
  const { hostname, port } = new URL(url);
  const durations: number[] = [];
  let left = count;
  let failed = 0;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    await once(socket, 'connect');
    await new Promise<void>((resolve, reject) => {
      let begun = 0;
      const next = (): void => {
        left -= 1;
        begun = performance.now();
        if (left < 0) resolve();
        else socket.write(bytes);
      };
      socket.on('error', reject).on('close', () => reject(new Error('the connection was closed')));
      onAnswers(socket, (status) => {
        durations.push(performance.now() - begun);
        if (status !== '200') failed += 1;
        next();
      });
      next();
    });
    socket.removeAllListeners('close').destroy();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return { perSecond: (count * 1000) / (performance.now() - started), durations, failed };
}

function requestBytes(url: string, { method, headers, body }: RawShot): Buffer {
  const { host, pathname, search } = new URL(url);
  const lines = Object.entries({ host, ...headers, 'content-length': String(body.length) }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return Buffer.concat([Buffer.from(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), body]);
}

/** Tells of each answer once all of it is there. Only one may be under way. */
function onAnswers(socket: Socket, tell: (status: string) => void): void {
  let head: Buffer = Buffer.alloc(0);
  let missing = -1; // bytes of the body; -1 while the head is not whole
  let status = '';
  socket.on('data', (part: Buffer) => {
    if (missing < 0) {
      head = head.length === 0 ? part : Buffer.concat([head, part]);
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      status = text.slice(9, 12);
      missing = Number(/\r\ncontent-length: *([0-9]+)/i.exec(text)?.[1] ?? 0) - (head.length - end - END_OF_HEAD.length);
    } else missing -= part.length;
    if (missing > 0) return;
    head = Buffer.alloc(0);
    missing = -1;
    tell(status);
  });
}
