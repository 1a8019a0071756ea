import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';

/** Where Debian and others keep the programs that are not in the path. */
const PLACES = ['/usr/lib/postgresql/17/bin', '/usr/lib/postgresql/16/bin', '/usr/lib/postgresql/15/bin', '/usr/local/bin'];

/** A PostgreSQL server of a test's own on loopback, with its data in a temporary folder. */
export interface TestPostgres {
  readonly url: string;
  stop(): void;
  start(): void;
  /** Ends it and removes the data. */
  remove(): void;
}

/** Starts one; undefined, with a line that says why, where PostgreSQL is not installed. */
export async function startPostgres(): Promise<TestPostgres | undefined> {
  const bin = PLACES.find((place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'pg_ctl')));
  const user = bin === undefined ? undefined : serverUser();
  if (bin === undefined || user === undefined) {
    process.stdout.write(`skipped: ${bin === undefined ? 'PostgreSQL is not installed' : 'there is no user postgres'}\n`);
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'khidi-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const port = await getPort();
  const run = (program: string, ...args: string[]): void => {
    execFileSync(join(bin, program), args, {
      ...user,
      cwd: folder,
      stdio: 'ignore',
      env: { LC_ALL: 'C', PATH: process.env.PATH ?? '' },
    });
  };
  const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=${folder} -c fsync=off`;
  const start = (): void => run('pg_ctl', '-D', data, '-l', join(folder, 'log'), '-o', options, '-w', 'start');
  const stop = (): void => run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
  run('initdb', '-D', data, '-U', 'khidi', '--auth=trust', '--no-sync');
  start();
  return {
    url: `postgresql://khidi@127.0.0.1:${port}/postgres`,
    start,
    stop,
    remove() {
      stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root; otherwise it runs as whoever tests. */
function serverUser(): { readonly uid?: number; readonly gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {};
  const ask = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return undefined; // there is no such user
  }
}
