import { once } from 'node:events';
import { connect } from 'node:net';

/** One command of Redis's inline protocol; the first line of the answer. */
export async function ask(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString('utf8').trim();
}
