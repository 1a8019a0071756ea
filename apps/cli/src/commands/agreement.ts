import { Command } from 'commander';
import { agreementsOf, revocationText, signStatement } from '#configuration';
import { FaultError, faultSentence } from '#faults';
import { type Agreement, type AgreementTerms, agreementText, inForce, type SignedAgreement, stateOf, termsFaults } from '#policy';
import { memberOf } from '#record';
import {
  askDirectory,
  type DirectoryFlags,
  instantNamed,
  memberKey,
  memberNamed,
  readConfigurationOf,
  readObject,
  withDirectory,
} from '../directory.js';
import { CliError, EXIT } from '../exit.js';
import { asJson, asTable, type Format, note, write } from '../output.js';
import { wholeNumber } from '../whole-number.js';

interface ReadFlags extends DirectoryFlags {
  readonly asOf?: string;
  readonly output: Format;
}
interface SignFlags extends DirectoryFlags {
  readonly as: string;
  readonly keys?: string;
  readonly output: Format;
}

/** `khidi agreement`: who may receive what; both sides sign the same text with keys of theirs. */
export function agreementCommand(): Command {
  return new Command('agreement')
    .description('propose, accept, revoke, list and show agreements between members')
    .addCommand(
      reading('list', 'list all agreements, and which version of each is in force')
        .addHelpText('after', '\nExample:\n  $ khidi agreement list --as-of 2026-05-03T00:00:00Z')
        .action(list),
    )
    .addCommand(
      reading('show', 'show an agreement: its versions, who signed them, and what was in force')
        .argument('<id>', 'the agreement')
        .addHelpText('after', '\nExample:\n  $ khidi agreement show persons-7001-7002 --as-of 2026-05-03T00:00:00Z')
        .action(show),
    )
    .addCommand(
      signing('propose', 'propose an agreement, or its next version, signed by one side')
        .argument('<terms>', 'a JSON file: id, version, provider, consumer, type, purpose, fields, …')
        .addHelpText('after', '\nExample:\n  $ khidi agreement propose terms.json --as GE/GOV/7001')
        .action(propose),
    )
    .addCommand(
      signing('accept', 'sign the latest version as the other side; read it first with "khidi agreement show"')
        .argument('<id>', 'the agreement')
        .option('--version-number <n>', 'the version that was read; without it the latest', wholeNumber(1))
        .addHelpText('after', '\nExample:\n  $ khidi agreement accept persons-7001-7002 --as GE/GOV/7002')
        .action(accept),
    )
    .addCommand(
      signing('revoke', 'end an agreement at once and for good, as either side')
        .argument('<id>', 'the agreement')
        .requiredOption('--why <reason>', 'what is kept with it for ever')
        .addHelpText('after', '\nExample:\n  $ khidi agreement revoke persons-7001-7002 --as GE/GOV/7001 --why "task ended"')
        .action(revoke),
    );
}

const options = (name: string, description: string): Command => withDirectory(new Command(name).description(description));

const reading = (name: string, description: string): Command =>
  options(name, description).option('--as-of <time>', 'as it was at that time, like 2026-05-03T00:00:00Z; without it now');

const signing = (name: string, description: string): Command =>
  options(name, description)
    .requiredOption('--as <member>', 'the member that signs, like GE/GOV/7001')
    .option('--keys <folder>', "where the member's keys lie; without it the local instance's");

async function list(flags: ReadFlags): Promise<void> {
  const at = instantNamed(flags.asOf);
  const { configuration, keys } = await readConfigurationOf(flags);
  const rows = agreementsOf(configuration.agreements, keys).map((agreement) => {
    const version = inForce(agreement, at);
    const { terms } = version ?? agreement.versions.at(-1) ?? {};
    return { id: agreement.id, state: standing(agreement, at), version: version?.terms.version, terms };
  });
  if (flags.output === 'json') return write(asJson(rows));
  const head = ['agreement', 'state', 'version', 'provider', 'consumer', 'type', 'purpose', 'fields'];
  const cells = rows.map(({ id, state, version, terms }) => [
    ...[id, state, version === undefined ? '' : String(version), terms?.provider ?? '', terms?.consumer ?? '', terms?.type ?? ''],
    ...[terms?.purpose ?? '', fieldsOf(terms)],
  ]);
  return write(asTable(head, cells));
}

async function show(id: string, flags: ReadFlags): Promise<void> {
  const at = instantNamed(flags.asOf);
  const { configuration, keys } = await readConfigurationOf(flags);
  const signed = configuration.agreements.find((one) => one.id === id);
  const [agreement] = signed === undefined ? [] : agreementsOf([signed], keys);
  if (signed === undefined || agreement === undefined) throw new FaultError('AGREEMENT_UNKNOWN');
  const version = inForce(agreement, at)?.terms;
  if (flags.output === 'json') return write(asJson({ asOf: new Date(at).toISOString(), inForce: version ?? null, ...signed }));
  const rows = agreement.versions.map((one) => [
    ...[String(one.terms.version), one === inForce(agreement, at) ? 'in force' : stateOf(agreement, one, at)],
    ...[one.terms.from, one.terms.until, one.accepted.provider ?? '', one.accepted.consumer ?? ''],
  ]);
  await write(asTable(['version', 'state', 'from', 'until', 'provider signed', 'consumer signed'], rows));
  await write(version === undefined ? `No version was in force at ${new Date(at).toISOString()}.\n` : asJson(version));
  if (signed.revoked !== undefined) note(`Revoked at ${signed.revoked}.`);
}

async function propose(file: string, flags: SignFlags): Promise<void> {
  const terms = await readObject(file);
  const faults = termsFaults(terms);
  if (faults.length > 0)
    throw new CliError(EXIT.no, faults.map(({ code, pointer = '' }) => faultSentence(code, `at ${pointer}`)).join('\n'));
  const whole = terms as unknown as AgreementTerms;
  const jws = await signedBy(flags, whole);
  await tell(flags, await askDirectory(flags, '/v1/agreements', { terms: whole, jws }));
}

async function accept(id: string, flags: SignFlags & { readonly versionNumber?: number }): Promise<void> {
  // What is signed is what the signed configuration says, not what the directory answers.
  const { configuration } = await readConfigurationOf(flags);
  const versions = configuration.agreements.find((one) => one.id === id)?.versions ?? [];
  const found =
    flags.versionNumber === undefined ? versions.at(-1) : versions.find(({ terms }) => terms.version === flags.versionNumber);
  if (found === undefined) throw new FaultError('AGREEMENT_UNKNOWN');
  const jws = await signedBy(flags, found.terms);
  await tell(flags, await askDirectory(flags, `/v1/agreements/${id}/versions/${found.terms.version}/acceptance`, { jws }));
}

async function revoke(id: string, flags: SignFlags & { readonly why: string }): Promise<void> {
  const { signer } = await memberKey(memberNamed(flags.as), flags);
  const jws = await signStatement('revocation', revocationText(id, flags.why), signer, new Date());
  await tell(flags, await askDirectory(flags, `/v1/agreements/${encodeURIComponent(id)}/revocation`, { why: flags.why, jws }));
}

async function signedBy(flags: SignFlags, terms: AgreementTerms): Promise<string> {
  const member = memberNamed(flags.as);
  if (member !== terms.provider && member !== memberOf(terms.consumer))
    throw new CliError(EXIT.usage, `${member} is no side of this agreement.`);
  const { signer } = await memberKey(member, flags);
  return signStatement('agreement', agreementText(terms), signer, new Date());
}

async function tell(flags: SignFlags, answer: unknown): Promise<void> {
  const { id, versions, revoked } = answer as SignedAgreement;
  const last = versions.at(-1);
  const missing = (['provider', 'consumer'] as const).filter((side) => last?.acceptances[side] === undefined);
  const words =
    missing.length === 0 ? 'is accepted by both sides' : `waits for the signature of the ${missing.join(' and the ')}`;
  const sentence = revoked === undefined ? `${id}, version ${last?.terms.version}, ${words}.` : `${id} is revoked.`;
  await write(flags.output === 'json' ? asJson(answer) : `${sentence}\n`);
}

function standing(agreement: Agreement, at: number): string {
  if (inForce(agreement, at) !== undefined) return 'in force';
  const last = agreement.versions.at(-1);
  return last === undefined ? 'empty' : stateOf(agreement, last, at);
}

const fieldsOf = (terms: AgreementTerms | undefined): string =>
  terms === undefined ? '' : terms.fields === 'record' ? 'the whole record' : terms.fields.join(' ');
