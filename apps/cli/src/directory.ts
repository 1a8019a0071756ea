import type { Command } from 'commander';
import { type OpenConfiguration, openConfiguration } from '#configuration';
import { FileCustody } from '#custody';
import { type KeyDescription, readKeySet, type Signer, signerOf } from '#envelope';
import { faultSentence } from '#faults';
import { type MemberId, memberId } from '#record';
import { configurationAnchorFile, instancePassphraseFile, memberKeysFolder, passphraseOr, readSettings } from '#settings';
import { proofAt } from './caller.js';
import { CliError, EXIT } from './exit.js';
import { askJson, parse, readBytes, readInput, readJson, refuse } from './fetch.js';
import { findInstance, requireInstance, requireService, type Where } from './local.js';
import { formatOption, note } from './output.js';
import { witnessSettings } from './witness/settings.js';

/** The options that say which directory, and by which keys its configuration is believed. */
export interface DirectoryFlags extends Where {
  readonly directory?: string;
  readonly anchor?: string;
}

/** Gives a command the options of {@link DirectoryFlags} and the output format. */
export const withDirectory = (command: Command): Command =>
  command
    .option('--directory <URL>', 'the directory; without it that of the local instance')
    .option('--anchor <file>', 'the keys by which its configuration is believed; without it those of the local instance')
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption());

/** Where the directory answers: the option, or the local instance. */
export function directoryUrl(flags: DirectoryFlags): string {
  return (flags.directory ?? requireService(requireInstance(flags), 'directory').url).replace(/\/$/, '');
}

/** Asks the directory; ends the command with its fault where it says no. */
export async function askDirectory(flags: DirectoryFlags, path: string, body?: object, headers: object = {}): Promise<unknown> {
  const answer = await askJson(`${directoryUrl(flags)}${path}`, {
    headers: { ...headers },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  if (answer.status !== 200 && answer.status !== 201) refuse('The directory', answer.status, answer.body);
  return answer.body;
}

/** What proves an officer, with the secret of `--secret-file` or of the local instance. */
export async function officer(flags: DirectoryFlags & { readonly secretFile?: string }, name: string) {
  return { authorization: await proofAt('directory', { ...flags, as: name }) };
}

/** The configuration that is valid now, verified by the anchor. Ends the command where there is none. */
export async function readConfigurationOf(flags: DirectoryFlags): Promise<OpenConfiguration> {
  const anchor = flags.anchor ?? configurationAnchorFile(requireInstance(flags).secretsFolder);
  const anchors = readKeySet(await readJson(anchor));
  const bytes = await readBytes(`${directoryUrl(flags)}/configuration`);
  const opened = openConfiguration(bytes, anchors, new Date());
  if (!opened.ok) throw new CliError(EXIT.no, faultSentence(opened.code, opened.detail));
  return opened.value;
}

/** The member that an option or argument names. Ends the command where it names none. */
export function memberNamed(text: string): MemberId {
  const member = memberId(text);
  if (member === undefined) throw new CliError(EXIT.usage, `${JSON.stringify(text)} is not a member like GE/GOV/7001.`);
  return member;
}

/** An instant in milliseconds since 1970, of an option. Ends the command where it is none. */
export function instantNamed(text: string | undefined): number {
  const at = text === undefined ? Date.now() : Date.parse(text);
  if (Number.isNaN(at)) throw new CliError(EXIT.usage, `${JSON.stringify(text)} is not a time like 2026-05-03T00:00:00Z.`);
  return at;
}

/** The newest key of a member for agreements, in a folder of sealed files; with `make`, one is made where there is none. */
export async function memberKey(
  member: MemberId,
  flags: Where & { readonly keys?: string },
  make = false,
): Promise<{ readonly key: KeyDescription; readonly signer: Signer }> {
  const folder = flags.keys ?? memberKeysFolder(requireInstance(flags).secretsFolder, member);
  const custody = new FileCustody(folder, passphraseOf(flags));
  const key =
    (await custody.keys('agreement')).at(-1) ?? (make ? await custody.create('agreement', 'ES256', new Date()) : undefined);
  if (key === undefined) throw new CliError(EXIT.usage, `${folder} has no key for agreements: "khidi member join" makes one.`);
  return { key, signer: signerOf(custody, key.kid) };
}

/** Of the environment; otherwise the one of the local instance. */
export function passphraseOf(flags: Where) {
  const instance = findInstance(flags);
  const own = process.env.KHIDI_PASSPHRASE ?? process.env.KHIDI_PASSPHRASE_FILE;
  const env =
    own === undefined && instance !== undefined
      ? { KHIDI_PASSPHRASE_FILE: instancePassphraseFile(instance.secretsFolder) }
      : process.env;
  const { passphrase } = readSettings(witnessSettings, env);
  return passphraseOr(passphrase, () => note('development passphrase in use: not for real keys'));
}

/** A JSON object in a file. Ends the command where it is none. */
export async function readObject(file: string): Promise<Readonly<Record<string, unknown>>> {
  const value = parse((await readInput(file)).toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CliError(EXIT.usage, `${file} is no JSON object.`);
  return value as Readonly<Record<string, unknown>>;
}
