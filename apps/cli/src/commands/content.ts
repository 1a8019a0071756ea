import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import { fetchContent } from '#consumer';
import { isDisclosable, MAX_ENVELOPE_BYTES, verify, verifyDisclosed } from '#envelope';
import { FaultError, faultSentence } from '#faults';
import { type ContentReference, contentsNamedIn } from '#record';
import { type CallerFlags, callerOf } from '../caller.js';
import { type DeliveryFlags, deliveryAt, withDelivery } from '../delivery.js';
import { CliError, EXIT } from '../exit.js';
import { parse, readInput, refuse } from '../fetch.js';
import { issuerKeys, type KeyFlags } from '../issuer-keys.js';
import { allOf } from '../lines.js';
import { asJson, type Format, formatOption, write } from '../output.js';
import { post } from '../post.js';

interface PutFlags extends CallerFlags {
  readonly mediaType: string;
  readonly output: Format;
}

interface GetFlags extends DeliveryFlags, KeyFlags {
  readonly envelope: string;
  readonly to: string;
  readonly dataref?: string;
  readonly output: Format;
}

/** `khidi content`: bytes that are too large for a record, put by who sends it and fetched by who got it. */
export function contentCommand(): Command {
  return new Command('content')
    .description('put files at the adapter that records then name, and fetch those that a delivered record names')
    .addCommand(putCommand())
    .addCommand(getCommand());
}

function putCommand(): Command {
  return new Command('put')
    .description("put a file at the agency's adapter and write how a record names it")
    .argument('<file>', 'a deed, a plan, a scan: at most 64 MiB unless the adapter allows more')
    .requiredOption('--as <member or subsystem>', 'who sends, like GE/GOV/7001 or GE/GOV/7001/base-registry')
    .requiredOption('--media-type <type>', 'what it is, like application/pdf')
    .option('--adapter <URL>', 'the adapter; without it that of the local instance')
    .option('--secret-file <file>', "the subsystem's secret; without it that of the local instance")
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
The answer is a JSON object: put it into the record as it is, where the schema has a place for it, and send the record within a day.

Example:
  $ khidi content put plan.pdf --as GE/GOV/7001 --media-type application/pdf`,
    )
    .action(put);
}

function getCommand(): Command {
  return withDelivery(
    new Command('get').description('fetch a file that the record of a delivered envelope names, and prove that it is that file'),
    'the subsystem that the envelope was delivered to',
    'subsystem',
  )
    .requiredOption('--envelope <file>', 'the envelope as it was delivered; - reads standard input')
    .requiredOption('--to <file>', 'where to; it is there only once its digest is the sealed one')
    .option('--dataref <urn>', 'which content, where the record names several')
    .option('--jwks <file or URL>', "the issuer's keys; without it those of the local instance")
    .addHelpText(
      'after',
      `
Delivery permits it only while an agreement in force gives you the field that names the file; the file comes from the adapter of the
agency whose record it is. Every permit becomes a leaf of the evidence log.

Example:
  $ khidi content get --as GE/GOV/7002/base-registry --envelope delivered.jws --to plan.pdf`,
    )
    .action(get);
}

async function put(file: string, flags: PutFlags): Promise<void> {
  const caller = await callerOf(flags);
  const digest = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer);
  } catch {
    throw new CliError(EXIT.usage, `${file} cannot be read.`);
  }
  const headers = {
    authorization: caller.authorization,
    'content-type': flags.mediaType,
    'content-digest': `sha-256=:${digest.digest('base64')}:`,
  };
  const answer = await post(`${caller.url}/v1/contents`, headers, createReadStream(file));
  const body = parse((await allOf(answer)).toString('utf8'));
  if (answer.statusCode !== 201) refuse('The adapter', answer.statusCode ?? 0, body);
  await write(flags.output === 'json' ? asJson(body) : `${JSON.stringify(body)}\n`);
}

async function get(flags: GetFlags): Promise<void> {
  const envelope = Buffer.from((await envelopeIn(flags.envelope)).toString('latin1').trim(), 'latin1');
  const reference = choose(contentsIn(envelope, await issuerKeys(flags)), flags.dataref);
  const source = await deliveryAt(flags);
  try {
    await fetchContent({ envelope }, reference, flags.to, source);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new CliError(
      error.code === 'CONTENT_UNREACHABLE' ? EXIT.unreachable : EXIT.no,
      faultSentence(error.code, error.detail),
    );
  }
  if (flags.output === 'json') await write(asJson({ ...reference, file: flags.to }));
  else await write(`${flags.to}: ${reference.size} bytes, ${reference.mediaType}, as they were sealed.\n`);
}

const envelopeIn = (file: string): Promise<Buffer> => (file === '-' ? allOf(process.stdin) : readInput(file));

/** The contents that the record of an envelope names which holds. */
function contentsIn(envelope: Buffer, keys: Parameters<typeof verify>[1]['keys']): readonly ContentReference[] {
  if (envelope.length > MAX_ENVELOPE_BYTES) throw new CliError(EXIT.no, faultSentence('ENVELOPE_SIZE'));
  const options = { keys, now: new Date(), audience: 'any' } as const;
  const verified = isDisclosable(envelope) ? verifyDisclosed(envelope, options) : verify(envelope, options);
  if (!verified.ok) throw new CliError(EXIT.no, faultSentence(verified.fault.code));
  return contentsNamedIn(verified.claims.record).flatMap(({ reference }) => reference ?? []);
}

function choose(contents: readonly ContentReference[], dataref: string | undefined): ReturnType<typeof contentsIn>[number] {
  const fitting = dataref === undefined ? contents : contents.filter((one) => one.dataref === dataref);
  const [one] = fitting;
  if (one === undefined) throw new CliError(EXIT.no, 'The record of this envelope names no such content.');
  if (fitting.some((other) => other.dataref !== one.dataref)) {
    const all = fitting.map((other) => `${other.dataref} (${other.mediaType}, ${other.size} bytes)`);
    throw new CliError(EXIT.usage, `The record names several contents; choose one with --dataref:\n${all.join('\n')}`);
  }
  return one;
}
