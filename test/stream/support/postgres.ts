import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SqlConnection } from '#consumer';

/** Debian keeps the programs of each version in a folder of its own. */
const DEBIAN = '/usr/lib/postgresql';
/** PostgreSQL does not run as root; in a container we may be nothing else. */
const NOBODY = 65_534;

/** Where the programs of PostgreSQL are; undefined where it is not installed. */
export function findPostgres(): string | undefined {
  const folders = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : [];
  return folders.find((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'psql')));
}

/** A PostgreSQL of a test's own, in a temporary folder, on a socket in it and nowhere else. */
export class Postgres {
  private readonly folder = mkdtempSync(join(tmpdir(), 'khidi-pg-'));
  private readonly user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  private server: ChildProcess | undefined;
  private readonly sessions: ChildProcess[] = [];

  constructor(private readonly programs: string) {
    if ('uid' in this.user) chownSync(this.folder, NOBODY, NOBODY);
  }

  async start(): Promise<void> {
    const data = join(this.folder, 'data');
    const made = spawnSync(join(this.programs, 'initdb'), ['-D', data, '-U', 'khidi', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
      ...this.user,
      encoding: 'utf8',
      env: { LANG: 'C.UTF-8', PATH: process.env.PATH ?? '' },
    });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    const options = ['-D', data, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${this.folder}`, '-c', 'fsync=off'];
    this.server = spawn(join(this.programs, 'postgres'), options, { ...this.user, stdio: 'ignore' });
    for (const end = Date.now() + 60_000; ; await pause(100)) {
      if (spawnSync(join(this.programs, 'pg_isready'), ['-h', this.folder]).status === 0) return;
      if (Date.now() > end) throw new Error('PostgreSQL did not start');
    }
  }

  /** One session of psql, as a connection: each query ends with a line that nobody else writes. */
  connect(): SqlConnection {
    const args = [
      '-h',
      this.folder,
      '-U',
      'khidi',
      '-d',
      'postgres',
      '-X',
      '-q',
      '-A',
      '-t',
      '-F',
      '\u001f',
      '-v',
      'ON_ERROR_STOP=0',
    ];
    const psql = spawn(join(this.programs, 'psql'), args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.sessions.push(psql);
    let said = '';
    let failed = '';
    let heard: () => void = () => undefined;
    psql.stdout.on('data', (part: Buffer) => {
      said += part;
      heard();
    });
    psql.stderr.on('data', (part: Buffer) => {
      failed += part;
    });
    return {
      async query(text, values = []) {
        const mark = randomUUID();
        said = '';
        failed = '';
        const names = /SELECT (.*?) FROM/.exec(text)?.[1]?.split(', ') ?? ['one'];
        psql.stdin.write(`${text.replace(/\$(\d)/g, (_, n: string) => literal(values[Number(n) - 1]))};\n\\echo ${mark}\n`);
        while (!said.includes(mark)) {
          await new Promise<void>((resolve) => {
            heard = resolve;
          });
        }
        if (failed.includes('ERROR')) throw new Error(failed);
        const lines = said
          .slice(0, said.indexOf(mark))
          .split('\n')
          .filter((line) => line !== '');
        return {
          rows: lines.map((line) => Object.fromEntries(line.split('\u001f').map((cell, i) => [names[i] ?? String(i), cell]))),
        };
      },
    };
  }

  async stop(): Promise<void> {
    for (const session of this.sessions) session.kill();
    this.server?.kill('SIGINT');
    await new Promise((resolve) => this.server?.once('exit', resolve) ?? resolve(undefined));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const literal = (value: unknown): string =>
  typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
