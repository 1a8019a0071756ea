import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Missing } from '../local/missing.js';
import { ROOT } from '../local/root.js';
import { sumAndSign } from './sums.js';

/** What goes into a bundle, and where it goes. */
export interface BundleOptions {
  /** A new folder. */
  readonly to: string;
  /** The Ed25519 private key (PEM) of whoever releases. */
  readonly keyFile: string;
  /** Kafka's jars on this machine. */
  readonly kafkaJars: string;
  readonly tell: (line: string) => void;
}

/** What npm reads of the project to install it. */
const FOR_NPM = ['package.json', 'package-lock.json', '.npmrc', 'apps/cli/package.json', 'apps/cli/bin'];

/**
 * Makes a folder from which the committed state of the project can be installed without any network: source, every npm package of the
 * lock file for this platform, Kafka's jars, the bill of materials, checksums and a signature. Gives the public key that verifies it.
 */
export async function makeBundle({ to, keyFile, kafkaJars, tell }: BundleOptions): Promise<string> {
  if (existsSync(to)) throw new Missing(`${to} is there already.`);
  mkdirSync(to, { recursive: true });
  tell('source: what is committed');
  await execa('git', ['archive', '--format=tar.gz', '-o', join(to, 'source.tar.gz'), 'HEAD'], { cwd: ROOT });
  tell('npm packages');
  await packModules(join(to, 'node_modules.tar.gz'));
  tell("Kafka's jars");
  cpSync(kafkaJars, join(to, 'kafka-libs'), { recursive: true, dereference: true });
  tell('bill of materials');
  const { stdout } = await execa(process.execPath, [join(ROOT, 'deploy', 'supply-chain', 'sbom.mjs')], { cwd: ROOT });
  writeFileSync(join(to, 'sbom.cdx.json'), `${stdout}\n`);
  cpSync(join(ROOT, 'deploy', 'air-gap', 'install.sh'), join(to, 'install.sh'));
  tell('checksums and signature');
  return sumAndSign(to, keyFile);
}

/**
 * A clean install beside the project, which npm holds against the digests of the lock file. Packed as it is: npm's own cache would be
 * bound to the address of the registry that filled it.
 */
async function packModules(file: string): Promise<void> {
  const beside = mkdtempSync(join(tmpdir(), 'khidi-bundle-'));
  try {
    for (const path of FOR_NPM) cpSync(join(ROOT, path), join(beside, path), { recursive: true });
    await execa('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: beside });
    await execa('tar', ['-czf', file, 'node_modules'], { cwd: beside });
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
