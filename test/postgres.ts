import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';

/** Debian keeps the programs of each version in a folder of its own. */
const DEBIAN = '/usr/lib/postgresql';
/** PostgreSQL does not run as root; in a container we may be nothing else. */
const NOBODY = 65_534;

/** Where the programs of PostgreSQL are; undefined, with a line that says so, where it is not installed. */
export function findPostgres(what: string): string | undefined {
  const folders = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : [];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
  if (found === undefined)
    process.stdout.write(`skipped: PostgreSQL is not installed (Debian package postgresql), so ${what} is not tried\n`);
  return found;
}

/** A PostgreSQL server of a test's own on loopback, with its data in a temporary folder. */
export interface TestPostgres {
  readonly url: string;
  stop(): void;
  start(): void;
  /** Ends it and removes the data. */
  remove(): void;
}

/** Starts one with the programs that {@link findPostgres} found. */
export async function startPostgres(bin: string): Promise<TestPostgres> {
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const folder = mkdtempSync(join(tmpdir(), 'khidi-postgres-'));
  if ('uid' in user) chownSync(folder, NOBODY, NOBODY);
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
  run('initdb', '-D', data, '-U', 'khidi', '--auth=trust', '-E', 'UTF8', '--no-sync');
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
