import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Missing } from './missing.js';
import { environmentOf, prepareMachine } from './prepare.js';
import { ROOT } from './root.js';

/** A program of ours that starts servers of its own. */
export interface Program {
  /** Its compiled file, below `dist`. */
  readonly file: string;
  readonly args: readonly string[];
  /** Options for Node itself. */
  readonly nodeArgs?: readonly string[];
  /** It only says something, and starts nothing. */
  readonly onlyAsks?: boolean;
}

/** Runs a program as a process of its own, which writes where we do, and gives its exit status. Throws `Missing` where this copy lacks it. */
export async function runProgram({ file, args, nodeArgs = [], onlyAsks = false }: Program): Promise<number> {
  const program = join(ROOT, 'dist', file);
  if (!existsSync(program)) throw new Missing(`There is no ${file.replace(/\.js$/, '.ts')} in this copy.`);
  const run = await execa(process.execPath, ['--enable-source-maps', ...nodeArgs, program, ...args], {
    cwd: ROOT,
    env: onlyAsks ? {} : await serverPrograms(),
    stdio: 'inherit',
    reject: false,
  });
  return run.exitCode ?? 1;
}

/** What tells tests, benchmarks and disturbances where the servers' programs are, once the machine has them. */
export async function serverPrograms(): Promise<Record<string, string>> {
  return environmentOf(await prepareMachine({ kafka: true, redis: true }, (line) => console.log(`  ${line}`)));
}
