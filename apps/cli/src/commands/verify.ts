import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import {
  type DisclosedVerification,
  isDisclosable,
  MAX_ENVELOPE_BYTES,
  type Verification,
  verify,
  verifyDisclosed,
} from '#envelope';
import { FAULTS } from '#faults';
import { type MemberId, memberId, type SubsystemId, subsystemId } from '#record';
import { CliError, EXIT } from '../exit.js';
import { reason } from '../fetch.js';
import { issuerKeys } from '../issuer-keys.js';
import { byteLines } from '../lines.js';
import type { Where } from '../local.js';
import { asTable, type Format, formatOption, note, write } from '../output.js';

interface VerifyFlags extends Where {
  readonly output: Format | undefined;
  readonly jwks?: string;
  readonly history?: string;
  readonly audience?: string;
  readonly at?: string;
  readonly offline: boolean;
  readonly policy?: string;
  readonly tsaCa?: string;
}

/** `khidi verify`: whether envelopes hold, with nothing but the published keys. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('check envelopes, one a line, with nothing but the published keys')
    .argument('[files...]', 'files of envelopes; - or none reads standard input')
    .option('--jwks <file or URL>', "the issuer's keys; without it those of the local instance")
    .option('--history <file or URL>', 'signed set of keys that sign no more; its signer is looked up in the first set')
    .option('--audience <subsystem>', 'who you are, for envelopes that are meant for one consumer')
    .option('--at <time>', 'when a witness saw the envelopes (RFC 3339); those of a revoked key need it')
    .option('--offline', 'the files are evidence bundles: ask nothing of any network', false)
    .option('--policy <file>', 'with --offline: the log and the witnesses that you trust (C2SP tlog-policy)')
    .option('--tsa-ca <file>', "with --offline: the time-stamping authority's root certificate, for openssl")
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption().default(undefined, 'one line for each envelope'))
    .addHelpText(
      'after',
      `
-o table shows every check of each envelope; -o json writes one object a line. The status is 0 only if there was at least one
envelope and all hold.

Example:
  $ khidi consume --type address.locality --max 5 | khidi verify --jwks keys.json`,
    )
    .action(run);
}

async function run(files: string[], flags: VerifyFlags): Promise<void> {
  if (flags.offline) {
    if (files.length === 0) throw new CliError(EXIT.usage, '--offline needs the names of bundle files.');
    const { verifyFiles } = await import('./evidence.js');
    return verifyFiles(files, { ...flags, output: flags.output ?? 'table' });
  }
  const options = {
    keys: await issuerKeys(flags),
    now: new Date(),
    ...(flags.audience === undefined ? {} : { audience: audience(flags.audience) }),
    ...(flags.at === undefined ? {} : { trustedTime: time(flags.at) }),
  };
  const counts = { hold: 0, refused: 0 };
  for (const file of files.length === 0 ? ['-'] : files) {
    let line = 0;
    for await (const envelope of envelopesOf(file)) {
      line += 1;
      const result = judge(envelope, options);
      counts[result.ok ? 'hold' : 'refused'] += 1;
      await write(show({ file, line, result }, flags.output));
    }
  }
  const total = counts.hold + counts.refused;
  note(total === 0 ? 'No envelope was read.' : `${total} read: ${counts.hold} hold, ${counts.refused} do not.`);
  if (total === 0 || counts.refused > 0) process.exitCode = EXIT.no;
}

/** Either profile, as the envelope itself says; the one with disclosures gives no list of its checks. */
function judge(envelope: Buffer, options: Parameters<typeof verify>[1]): Judged['result'] {
  return isDisclosable(envelope) ? { ...verifyDisclosed(envelope, options), steps: [] } : verify(envelope, options);
}

async function* envelopesOf(file: string): AsyncGenerator<Buffer> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  try {
    yield* byteLines(input, MAX_ENVELOPE_BYTES);
  } catch (error) {
    if (error instanceof CliError || !(error instanceof Error && 'syscall' in error)) throw error;
    throw new CliError(EXIT.usage, `${file} cannot be read (${reason(error)}).`);
  }
}

interface Judged {
  readonly file: string;
  readonly line: number;
  readonly result: Verification | (DisclosedVerification & Pick<Verification, 'steps'>);
}

/** Only what is signed is shown of an envelope that holds, and nothing of one that does not; the record never. */
function show({ file, line, result }: Judged, output: Format | undefined): string {
  const place = file === '-' ? `line ${line}` : `${file}:${line}`;
  const facts = result.ok
    ? { ok: true, iss: result.claims.iss, jti: result.claims.jti, type: result.claims.event.type, seq: result.claims.seq }
    : { ok: false, ...result.fault };
  if (output === 'json') {
    return `${JSON.stringify({ line, ...(file === '-' ? {} : { file }), ...facts, steps: result.steps })}\n`;
  }
  const verdict = result.ok
    ? `holds    ${place}  ${result.claims.iss} ${result.claims.jti} ${result.claims.event.type}`
    : `REFUSED  ${place}  ${result.fault.code}${result.fault.pointer ?? ''}: ${FAULTS[result.fault.code].title}`;
  if (output === undefined || result.steps.length === 0) return `${verdict}\n`;
  const rows = result.steps.map((step, i) => [String(i + 1), step.name, MARK[step.result]]);
  return `${verdict}\n${asTable(['', 'check', 'result'], rows)}\n`;
}

const MARK = { held: '✔', failed: '✖ failed', 'not asked': '– not asked', 'not reached': '· not reached' } as const;

function audience(text: string): MemberId | SubsystemId {
  const known = memberId(text) ?? subsystemId(text);
  if (known === undefined) throw new CliError(EXIT.usage, `--audience is a member or subsystem like GE/GOV/7002/base-registry.`);
  return known;
}

function time(text: string): Date {
  const known = new Date(text);
  if (Number.isNaN(known.getTime())) throw new CliError(EXIT.usage, '--at is a time like 2026-11-21T12:00:00Z.');
  return known;
}
