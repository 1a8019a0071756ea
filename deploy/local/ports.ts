import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import getPort, { portNumbers } from 'get-port';

/** All that the local instance starts listens here and nowhere else. */
export const LOOPBACK = '127.0.0.1';

/** A free port on loopback: the remembered or preferred one, one of the 40 after it, or any. */
export function freePort(preferred?: number): Promise<number> {
  return getPort({ host: LOOPBACK, ...(preferred === undefined ? {} : { port: portNumbers(preferred, preferred + 40) }) });
}

/** The port that a part had before, where it is free; else like {@link freePort}, which gives no port twice in one process. */
export async function samePort(before: number | undefined, preferred: number): Promise<number> {
  return before !== undefined && (await isFree(before)) ? before : freePort(before ?? preferred);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}

/** True when something accepts connections there. */
export function answers(port: number, host = LOOPBACK): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1000 });
    const end = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

/** Waits until something accepts connections there; false after `ms`, or as soon as `alive` says that nobody will. */
export async function answersWithin(port: number, ms: number, alive: () => boolean): Promise<boolean> {
  const end = Date.now() + ms;
  while (!(await answers(port))) {
    if (Date.now() > end || !alive()) return false;
    await pause(100);
  }
  return true;
}
