import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { execa } from 'execa';

/** How one process runs, as a container would have it. */
export interface Sandbox {
  /** The network namespace. */
  readonly network: string;
  /** What is seen where: path inside → folder or file outside, read-only where it says so. */
  readonly mounts: readonly { readonly inside: string; readonly outside: string; readonly isReadOnly?: boolean }[];
  /** User and group by number. */
  readonly user: number;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A root of its own above this machine's, which cannot be written but for /tmp and what is mounted; no capabilities, and none to be had.
 * The words after `--` become the process itself.
 */
const ENTER = `
set -eu
mount -t tmpfs tmpfs "$ROOT_FOLDER"
mkdir "$ROOT_FOLDER/upper" "$ROOT_FOLDER/work" "$ROOT_FOLDER/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$ROOT_FOLDER/upper,workdir=$ROOT_FOLDER/work" "$ROOT_FOLDER/root"
root="$ROOT_FOLDER/root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
printf '%s\\n' "$MOUNTS" | while IFS='|' read -r inside outside mode; do
  if [ -d "$outside" ]; then mkdir -p "$root$inside"; else mkdir -p "$(dirname "$root$inside")"; : > "$root$inside"; fi
  mount --bind "$outside" "$root$inside"
  if [ "$mode" = ro ]; then mount -o remount,ro,bind "$root$inside"; fi
done
mount -t tmpfs tmpfs "$root/tmp"
chmod 1777 "$root/tmp"
mount -o remount,ro,bind "$root"
exec chroot "$root" setpriv --reuid "$RUN_AS" --regid "$RUN_AS" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \\
  env -i sh -c 'cd "$1" && shift && exec env "$@"' sh "$WORKDIR" "$@"
`;

function commandOf({ network, mounts, user, workdir, env }: Sandbox, rootFolder: string, command: readonly string[]) {
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return {
    args: [
      'netns',
      'exec',
      network,
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      ENTER,
      'sh',
      ...set,
      ...command,
    ],
    env: {
      PATH: process.env.PATH ?? '',
      ROOT_FOLDER: rootFolder,
      MOUNTS: mounts
        .map(({ inside, outside, isReadOnly }) => `${inside}|${outside}|${isReadOnly === true ? 'ro' : 'rw'}`)
        .join('\n'),
      RUN_AS: String(user),
      WORKDIR: workdir,
    },
  };
}

/** Starts it; its output goes to the file. */
export function startIn(sandbox: Sandbox, rootFolder: string, command: readonly string[], log: string): ChildProcess {
  const { args, env } = commandOf(sandbox, rootFolder, command);
  const out = openSync(log, 'a');
  return spawn('ip', args, { env, stdio: ['ignore', out, out] });
}

/** Runs it beside what runs there already. Gives its exit code. */
export async function runIn(
  sandbox: Sandbox,
  rootFolder: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<number> {
  const { args, env } = commandOf(sandbox, rootFolder, command);
  const { exitCode } = await execa('ip', args, { env, extendEnv: false, reject: false, timeout: timeoutMs, stdio: 'ignore' });
  return exitCode ?? -1;
}

/** SIGTERM, as `compose down` sends it. Gives the exit code; null where it took longer than `graceMs` and was killed. */
export async function stopped(child: ChildProcess, graceMs: number): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exit = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  const [code] = await exit;
  clearTimeout(timer);
  return code;
}
