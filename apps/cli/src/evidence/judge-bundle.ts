import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readKeySet } from '#envelope';
import { type Bundle, type BundleStep, type BundleVerdict, readBundle, readPolicy, readTlogProof, verifyBundle } from '#evidence';
import { FaultError } from '#faults';
import { CliError, EXIT } from '../exit.js';
import { parse, readInput } from '../fetch.js';
import { asTable, type Format } from '../output.js';

/** What a verifier brings along; files only, since nothing here may ask the network. */
export interface TrustFlags {
  readonly policy?: string;
  readonly jwks?: string;
  readonly tsaCa?: string;
}

/** A bundle with what it proves, and how its time-stamp fared. */
export interface JudgedBundle {
  readonly bundle: Bundle;
  readonly verdict: BundleVerdict;
  readonly steps: readonly (Omit<BundleStep, 'name'> & { readonly name: string })[];
  readonly ok: boolean;
}

/** Reads and verifies a bundle file. Ends the command for a file that cannot be read; throws EVIDENCE_MALFORMED. */
export async function judgeBundle(file: string, flags: TrustFlags, now: Date): Promise<JudgedBundle> {
  const bundle = readBundle(await readInput(file));
  if (bundle === undefined) throw new FaultError('EVIDENCE_MALFORMED', file);
  const policy = flags.policy === undefined ? undefined : await policyOf(flags.policy);
  const keys = flags.jwks === undefined ? undefined : readKeySet(parse((await readInput(flags.jwks)).toString('utf8')));
  const verdict = verifyBundle(bundle, {
    now,
    ...(policy === undefined ? {} : { policy }),
    ...(keys === undefined ? {} : { keys }),
  });
  const stamp = await timestampStep(bundle, flags.tsaCa);
  return { bundle, verdict, steps: [...verdict.steps, stamp], ok: verdict.ok && stamp.result !== 'failed' };
}

/** For people: every check, and in words what the bundle proves and what it does not. */
export function describeBundle(
  { bundle, verdict, steps, ok }: JudgedBundle,
  file: string,
  flags: TrustFlags,
  output: Format | undefined,
): string {
  const { leaf, index, checkpoint, cosigned } = verdict;
  if (output === 'json') {
    const facts = { file, ok, index, leaf, size: checkpoint?.size, cosigned: cosigned && Object.fromEntries(cosigned), steps };
    return `${JSON.stringify(facts)}\n`;
  }
  const rows = steps.map(({ name, result, why }, i) => [
    String(i + 1),
    name,
    `${MARK[result]}${why === undefined ? '' : `: ${why}`}`,
  ]);
  const lines = [`${ok ? 'holds   ' : 'REFUSED '} ${file}`, asTable(['', 'check', 'result'], rows)];
  if (ok && leaf !== undefined && checkpoint !== undefined) {
    lines.push(`${leaf.k} ${leaf.id} is leaf ${index} of ${checkpoint.origin}, entered ${time(leaf.t)}.`);
    for (const [witness, at] of cosigned ?? []) lines.push(`${witness} saw it by ${time(at)}.`);
    if (bundle.envelope === undefined && leaf.k === 'record') {
      lines.push(
        'It proves that this exchange took place. Without the envelope it no longer proves what the record said, or about whom.',
      );
    }
    if (flags.policy === undefined)
      lines.push('The log and its witnesses are named by the bundle itself: compare them, or bring --policy.');
    if (flags.jwks === undefined && bundle.envelope !== undefined)
      lines.push('The keys are those in the bundle: compare them, or bring --jwks.');
  }
  return `${lines.join('\n')}\n`;
}

const MARK = { held: '✔', failed: '✖ failed', 'not asked': '– not asked', 'not reached': '· not reached' } as const;
const time = (seconds: number): string => new Date(seconds * 1000).toISOString();

async function policyOf(file: string) {
  const read = readPolicy((await readInput(file)).toString('utf8'));
  if ('mistakes' in read) throw new CliError(EXIT.usage, `${file}: ${read.mistakes.join('; ')}`);
  return read.policy;
}

/** Certificates are for openssl, which is asked where the authority's root is given. */
async function timestampStep({ timestamp, proof }: Bundle, ca: string | undefined): Promise<JudgedBundle['steps'][number]> {
  const name = 'time-stamp';
  const checkpoint = readTlogProof(proof)?.checkpoint;
  if (timestamp === undefined || ca === undefined || checkpoint === undefined) return { name, result: 'not asked' };
  const folder = await mkdtemp(join(tmpdir(), 'khidi-timestamp-'));
  try {
    await writeFile(join(folder, 'checkpoint'), checkpoint);
    await writeFile(join(folder, 'checkpoint.tsr'), Buffer.from(timestamp, 'base64'));
    const args = ['ts', '-verify', '-data', join(folder, 'checkpoint'), '-in', join(folder, 'checkpoint.tsr'), '-CAfile', ca];
    await promisify(execFile)('openssl', args);
    return { name, result: 'held' };
  } catch {
    return { name, result: 'failed', why: 'openssl ts -verify says no' };
  } finally {
    await rm(folder, { recursive: true });
  }
}
