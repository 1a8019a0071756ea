import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A process that outlives us. The start time tells it from a later process that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
}

/** How to start a process that goes on when we end. */
export interface DetachedCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment; ours where it is absent. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Standard output and error are appended to this file. */
  readonly log: string;
}

/** Starts a process in a session of its own, so that Ctrl-C in our terminal does not reach it. */
export async function startDetached({ command, args, env = process.env, cwd, log }: DetachedCommand): Promise<ProcessIdentity> {
  mkdirSync(dirname(log), { recursive: true });
  const out = openSync(log, 'a', 0o600);
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', out, out],
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  closeSync(out);
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  const pid = child.pid ?? 0;
  return { pid, started: startTime(pid) ?? 'ended at once' };
}

/** When the process with this number started, in the system's own words; undefined when there is none or only a zombie. */
export function startTime(pid: number): string | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** Fields 3 (state) and 22 (start time in ticks) of proc(5); the name in field 2 may hold blanks and brackets. */
function fromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined; // no such process
  }
}

function fromPs(pid: number): string | undefined {
  try {
    const answer = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return answer === '' || answer.startsWith('Z') ? undefined : answer.slice(answer.indexOf(' ')).trim();
  } catch {
    return undefined; // ps ends with 1 when there is no such process
  }
}

/** True while exactly this process runs. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  return startTime(pid) === started;
}

/**
 * Ends exactly this process: SIGTERM, then SIGKILL after `graceMs`. Returns how it went; never touches a process that only
 * has the same number.
 */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<'gone' | 'ended' | 'killed'> {
  if (!isAlive(identity)) return 'gone';
  signal(identity, 'SIGTERM');
  if (await goneWithin(identity, graceMs)) return 'ended';
  signal(identity, 'SIGKILL');
  if (await goneWithin(identity, 5000)) return 'killed';
  throw new Error(`process ${identity.pid} does not end`);
}

function signal({ pid }: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it ended between the look and the signal
  }
}

async function goneWithin(identity: ProcessIdentity, ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  while (isAlive(identity)) {
    if (Date.now() >= end) return false;
    await pause(50);
  }
  return true;
}
