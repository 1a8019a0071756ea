import { join } from 'node:path';
import { execa } from 'execa';
import { instanceFile } from '#settings';
import { ROOT } from './root.js';

/** What a command of the CLI answered. */
export interface CliAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * Runs `khidi` on this instance, as a person would: so every `up` also shows that its commands work. Throws with what it said
 * on standard error where its exit status is none of `expected`.
 */
export async function khidi(
  folder: string,
  args: readonly string[],
  input?: string,
  expected = [0],
  env: Readonly<Record<string, string>> = {},
): Promise<CliAnswer> {
  const {
    stdout,
    stderr,
    exitCode = 1,
  } = await execa(process.execPath, [join(ROOT, 'apps', 'cli', 'bin', 'khidi.js'), ...args], {
    cwd: ROOT,
    env: { ...env, KHIDI_STATE: instanceFile(folder) },
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  });
  if (!expected.includes(exitCode)) throw new Error(`khidi ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
  return { stdout, stderr, exitCode };
}
