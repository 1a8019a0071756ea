import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { sha256Digest } from '#canonical';
import { jtiOf } from '#envelope';
import { type Act, auditRecord, type Bundle, readBundle, readTlogProof, writeBundle } from '#evidence';
import { FaultError } from '#faults';
import { type Instance, readMembers } from '#settings';
import { collect } from '../evidence/collect.js';
import { describeBundle, judgeBundle, type TrustFlags } from '../evidence/judge-bundle.js';
import { CliError, EXIT } from '../exit.js';
import { readInput } from '../fetch.js';
import { kafkaOfInstance, withKafka } from '../kafka.js';
import { requireInstance, type Where } from '../local.js';
import { type Format, formatOption, note, write } from '../output.js';

interface GetFlags extends Where {
  readonly jti?: string;
  readonly source?: string;
  readonly id?: string;
  readonly index?: string;
  readonly withoutBody: boolean;
  readonly why?: string;
  readonly file?: string;
}

/** `khidi evidence`: one file that proves one exchange, for whoever asks years later. */
export function evidenceCommand(): Command {
  return new Command('evidence')
    .description('get, verify and take apart the proof of one exchange')
    .addCommand(
      new Command('get')
        .description('collect the envelope, keys, log proof, policy, time-stamp, schema and receipt in one bundle file')
        .option('--jti <jti>', 'of an envelope')
        .option('--source <source>', 'with --id: as the agency sent it, like /GE/GOV/7001/base-registry')
        .option('--id <id>', 'with --source')
        .option('--index <n>', 'a leaf of any kind, by its place in the log')
        .option('--without-body', 'leave the envelope and the schema out', false)
        .option('--why <reason>', 'for the audit')
        .option('--file <file>', 'where to write; without it to standard output')
        .option('--state <path>', 'the local instance (KHIDI_STATE)')
        .addHelpText('after', '\nExample:\n  $ khidi evidence get --jti "$JTI" --file exchange.evidence.json')
        .action(get),
    )
    .addCommand(
      trust(new Command('verify'))
        .description('verify bundles, without any network')
        .argument('<files...>', 'bundle files')
        .addOption(formatOption())
        .addHelpText('after', '\nExample:\n  $ khidi evidence verify exchange.evidence.json --policy log.policy --jwks keys.json')
        .action(verifyFiles),
    )
    .addCommand(
      new Command('export')
        .description('write the parts of a bundle as files that other tools read (jose, openssl, Go)')
        .argument('<file>', 'a bundle file')
        .requiredOption('--folder <folder>', 'where to write')
        .addHelpText('after', '\nExample:\n  $ khidi evidence export exchange.evidence.json --folder exchange')
        .action(exportParts),
    );
}

/** The options by which a verifier brings what it trusts. */
export const trust = (command: Command): Command =>
  command
    .option('--policy <file>', 'the log and the witnesses that you trust (C2SP tlog-policy)')
    .option('--jwks <file>', "the issuer's keys that you trust")
    .option('--tsa-ca <file>', "the time-stamping authority's root certificate, for openssl");

async function get(flags: GetFlags): Promise<void> {
  const instance = requireInstance(flags);
  const bundle = await collect(instance, queryOf(flags, readMembers(instance.membersFile).operator));
  const { envelope: _, schema: __, ...rest } = bundle;
  const written = flags.withoutBody ? rest : bundle;
  await tellAudit(instance, written, flags.why); // before anything leaves
  if (flags.file === undefined) return write(writeBundle(written));
  await writeFile(flags.file, writeBundle(written));
  note(`${flags.file}: leaf ${readTlogProof(bundle.proof)?.index ?? ''}, with ${Object.keys(written).join(', ')}.`);
}

function queryOf({ jti, source, id, index }: GetFlags, operator: string): URLSearchParams {
  if (index !== undefined) return new URLSearchParams({ index });
  const named = jti ?? (source !== undefined && id !== undefined ? jtiOf(source, id) : undefined);
  if (named === undefined) throw new CliError(EXIT.usage, 'Name the exchange by --jti, by --source and --id, or by --index.');
  return new URLSearchParams({ iss: operator, jti: named });
}

/** That evidence was handed out is an act of its own: a line and a leaf. */
async function tellAudit(instance: Instance, bundle: Bundle, why: string | undefined): Promise<void> {
  const after = sha256Digest(Buffer.from(writeBundle(bundle)));
  const reason = why === undefined ? {} : { why };
  const at = new Date().toISOString();
  const act: Act = { kind: 'export', at, by: userInfo().username, action: 'evidence get', after, ...reason };
  await withKafka(kafkaOfInstance(instance), async (client) => {
    const publisher = client.publisher();
    await publisher.publish([auditRecord(act)]);
    await publisher.close();
  });
}

/** Also `khidi verify --offline`. */
export async function verifyFiles(files: readonly string[], flags: TrustFlags & { readonly output?: Format }): Promise<void> {
  let refused = 0;
  for (const file of files) {
    const judged = await judgeBundle(file, flags, new Date());
    if (!judged.ok) refused += 1;
    await write(describeBundle(judged, file, flags, flags.output));
  }
  if (refused > 0) process.exitCode = EXIT.no;
}

async function exportParts(file: string, { folder }: { readonly folder: string }): Promise<void> {
  const bundle = readBundle(await readInput(file));
  if (bundle === undefined) throw new FaultError('EVIDENCE_MALFORMED', file);
  await mkdir(folder, { recursive: true });
  const parts = partsOf(bundle);
  for (const [name, content] of parts) await writeFile(join(folder, name), content);
  note(`${folder}: ${parts.map(([name]) => name).join(', ')}.`);
}

function partsOf({ envelope, keys, leaf, proof, policy, schema, timestamp, receipt }: Bundle): [string, string | Buffer][] {
  const parts: [string, string | Buffer | undefined][] = [
    ['leaf.json', leaf],
    ['exchange.tlog-proof', proof],
    ['checkpoint', readTlogProof(proof)?.checkpoint],
    ['log.policy', policy],
    ['envelope.jws', envelope],
    ['keys.json', keys === undefined ? undefined : JSON.stringify(keys)],
    ['schema.json', schema?.text],
    ['checkpoint.tsr', timestamp === undefined ? undefined : Buffer.from(timestamp, 'base64')],
    ['receipt.jws', receipt],
  ];
  return parts.filter((part): part is [string, string | Buffer] => part[1] !== undefined);
}
