import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { Missing } from './missing.js';

/** A program that the instance needs and where it comes from. */
export interface Tool {
  readonly name: string;
  /** Where it is, or undefined. Asked again after an installation. */
  find(): Promise<string | undefined>;
  /** Debian packages that hold it; the first that the machine's sources know is taken. */
  readonly debian: readonly string[];
  /** How a person gets it where we cannot: the package to name, and what to do on other systems. */
  readonly advice: { readonly debian: string; readonly elsewhere: string };
}

/** The file that a command name stands for on PATH, or undefined. */
export function onPath(command: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

/** True for a file that we may run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not ours to run: not usable either way
  }
}

/**
 * Finds every tool, installing what is missing through apt where we are root or may use sudo without a password.
 * Gives the path of each. Throws {@link Missing} with one sentence about all that could not be got.
 */
export async function ensureTools(tools: readonly Tool[], tell: (line: string) => void): Promise<ReadonlyMap<Tool, string>> {
  const found = new Map<Tool, string>();
  const absent = await look(tools, found);
  if (absent.length > 0) {
    await aptInstall(absent, tell);
    const still = await look(absent, found);
    if (still.length > 0) throw new Missing(sentence(still));
  }
  return found;
}

/** Adds the tools that are there to `found` and gives the others. */
async function look(tools: readonly Tool[], found: Map<Tool, string>): Promise<readonly Tool[]> {
  const paths = await Promise.all(tools.map((tool) => tool.find()));
  return tools.filter((tool, i) => {
    const path = paths[i];
    if (path !== undefined) found.set(tool, path);
    return path === undefined;
  });
}

/** What is missing and how to get it, in one sentence. */
export function sentence(tools: readonly Pick<Tool, 'name' | 'advice'>[]): string {
  const names = tools.map((tool) => tool.name).join(' and ');
  const packages = tools.map(({ advice }) => advice.debian).join(' ');
  const others = tools.map(({ advice }) => advice.elsewhere).join('; ');
  return `${names} ${tools.length === 1 ? 'is' : 'are'} missing: install by "sudo apt-get install ${packages}" (elsewhere: ${others}), then run the same command again.`;
}

/** A machine that has just started often installs its own updates: then ours waits for them, two minutes at most. */
const PATIENT = ['-o', 'DPkg::Lock::Timeout=120'];

async function aptInstall(tools: readonly Tool[], tell: (line: string) => void): Promise<void> {
  const apt = onPath('apt-get');
  const prefix = await asRoot();
  if (apt === undefined || prefix === undefined) return;
  // An interrupted or unattended run must not stop at a question, nor may the package start a service of its own.
  const env = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const run = (...args: string[]) => execa('env', args, { stdin: 'ignore', all: true, reject: false });
  const asApt = (...args: string[]) =>
    prefix.length === 0 ? run(...env, apt, ...args) : run(...prefix, 'env', ...env, apt, ...args);
  tell('apt-get update');
  await asApt('update', '-qq');
  const packages = await Promise.all(tools.map(({ debian }) => firstKnown(debian)));
  tell(`apt-get install ${packages.join(' ')}`);
  const { failed, all } = await asApt('install', ...PATIENT, '-y', '-qq', '--no-install-recommends', ...packages);
  if (failed) throw new Missing(`${sentence(tools)}\napt-get said:\n${all.split('\n').slice(-8).join('\n')}`);
}

/** The words that make a command run as root: none when we are, sudo when it asks for no password, undefined otherwise. */
async function asRoot(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = onPath('sudo');
  if (sudo === undefined) return undefined;
  const { failed } = await execa(sudo, ['-n', 'true'], { reject: false, stdin: 'ignore' });
  return failed ? undefined : [sudo, '-n'];
}

async function firstKnown(packages: readonly string[]): Promise<string> {
  const aptCache = onPath('apt-cache') ?? 'apt-cache';
  for (const name of packages) {
    const { stdout, failed } = await execa(aptCache, ['policy', name], { reject: false });
    if (!failed && /Candidate: (?!\(none\))/.test(stdout)) return name;
  }
  return packages.at(-1) ?? '';
}
