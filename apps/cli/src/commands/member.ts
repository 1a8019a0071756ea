import { Command, Option } from 'commander';
import { sha256Base64url } from '#canonical';
import { keyProofText, publicMemberKey, signStatement } from '#configuration';
import { MEMBER_LEVELS, type Participant } from '#policy';
import {
  askDirectory,
  type DirectoryFlags,
  memberKey,
  memberNamed,
  officer,
  readConfigurationOf,
  withDirectory,
} from '../directory.js';
import { readInput } from '../fetch.js';
import { asJson, asTable, type Format, note, write } from '../output.js';
import { addKeyCommand } from './member-key.js';
import { contactsOf, systemsOf, updateCommand } from './member-update.js';
import { decisionLine, type WaitingMember, waitingLines } from './member-waiting.js';

interface OfficerFlags extends DirectoryFlags {
  readonly as: string;
  readonly secretFile?: string;
  readonly output: Format;
}
interface WhyFlags extends OfficerFlags {
  readonly why: string;
}
interface ChangeFlags extends WhyFlags {
  readonly change?: string;
}
interface InviteFlags extends WhyFlags {
  readonly name: string;
  readonly level: string;
  readonly parent?: string;
  readonly registry: readonly string[];
  readonly contact: readonly string[];
}
interface JoinFlags extends DirectoryFlags {
  readonly invitationFile: string;
  readonly keys?: string;
  readonly operator: string | undefined;
  readonly system: readonly string[];
  readonly output: Format;
}

/** `khidi member`: how members begin, are let in by two persons, and are stopped by one. */
export function memberCommand(): Command {
  return new Command('member')
    .description('invite, join, approve, suspend, change and list the members of the instance, and add keys to them')
    .addCommand(
      byOfficer('list', 'list all members with their states')
        .addHelpText('after', '\nExample:\n  $ khidi member list')
        .action(list),
    )
    .addCommand(
      asked('invite', 'let a member join; prints the secret by which it does, once')
        .argument('<member>', 'like GE/GOV/7001')
        .requiredOption('--name <name>', 'what it is called')
        .addOption(new Option('--level <level>', 'where it stands').choices([...MEMBER_LEVELS]).default('national'))
        .option('--parent <member>', 'the member above it')
        .option('--registry <registry...>', 'the base registries that it keeps, like population', [])
        .option('--contact <role=address...>', 'how its offices are reached; never published', [])
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi member invite GE/GOV/7004 --name "Land registry" --registry property --why "decree 12" > invitation.txt',
        )
        .action(inviteMember),
    )
    .addCommand(
      directoryOptions('join', "join by an invitation; makes the member's key where it has none")
        .argument('<member>', 'like GE/GOV/7001')
        .requiredOption('--invitation-file <file>', 'what "khidi member invite" printed')
        .option('--keys <folder>', "where the member's keys lie; without it the local instance's")
        .option('--operator <member>', 'whose directory it is; without it as its configuration says')
        .option('--system <code=endpoint...>', 'a system and where it takes deliveries: kafka, pull or an https address', [])
        .addHelpText(
          'after',
          `
The key is opened with KHIDI_PASSPHRASE or KHIDI_PASSPHRASE_FILE.

Example:
  $ khidi member join GE/GOV/7004 --invitation-file invitation.txt --system cadastre=https://cadastre.example/in`,
        )
        .action(joinMember),
    )
    .addCommand(
      asked('approve', 'let a member take part, or take part again; by another officer than who invited or suspended it')
        .argument('<member>', 'like GE/GOV/7001')
        .option('--change <id>', 'put in force a change of the member that waits, or a key by its id')
        .addHelpText(
          'after',
          `
Examples:
  $ khidi member approve GE/GOV/7004 --as officer-2 --why "statute checked"
  $ khidi member approve GE/GOV/7004 --change 0b1f… --why "asked by telephone"`,
        )
        .action((id: string, flags: ChangeFlags) => decideOn(id, 'approve', flags)),
    )
    .addCommand(
      asked('decline', 'drop a change of a member that waits')
        .argument('<member>', 'like GE/GOV/7001')
        .requiredOption('--change <id>', 'which one, as "khidi member list" shows it')
        .addHelpText('after', '\nExample:\n  $ khidi member decline GE/GOV/7004 --change 0b1f… --why "nobody there knows of it"')
        .action((id: string, flags: ChangeFlags) => decideOn(id, 'decline', flags)),
    )
    .addCommand(
      asked('suspend', 'stop a member at once')
        .argument('<member>', 'like GE/GOV/7001')
        .addHelpText('after', '\nExample:\n  $ khidi member suspend GE/GOV/7004 --why "incident 2026-17"')
        .action((id: string, flags: WhyFlags) => decideOn(id, 'suspend', flags)),
    )
    .addCommand(updateCommand())
    .addCommand(addKeyCommand());
}

function directoryOptions(name: string, description: string): Command {
  return withDirectory(new Command(name).description(description));
}

const byOfficer = (name: string, description: string): Command =>
  directoryOptions(name, description)
    .option('--as <officer>', 'who decides', 'officer-1')
    .option('--secret-file <file>', "the officer's secret; without it that of the local instance");

const asked = (name: string, description: string): Command =>
  byOfficer(name, description).requiredOption('--why <reason>', 'what is kept with the decision for ever');

async function list(flags: OfficerFlags): Promise<void> {
  const { members } = (await askDirectory(flags, '/v1/members', undefined, await officer(flags, flags.as))) as {
    members: readonly WaitingMember[];
  };
  const rows = members.map(({ id, name, level, state, since, registries, systems, keys, waiting = [] }) => [
    ...[id, name, level, state, since, registries.join(' '), systems.map((one) => one.id.slice(id.length + 1)).join(' ')],
    String(keys.filter(({ revoked }) => revoked === undefined).length),
    waiting.map((change) => change.id).join(' '),
  ]);
  const head = ['member', 'name', 'level', 'state', 'since', 'registries', 'systems', 'keys', 'waiting'];
  if (flags.output === 'json') return write(asJson(members));
  await write([asTable(head, rows), ...waitingLines(members).map((line) => `${line}\n`)].join(''));
}

async function inviteMember(id: string, flags: InviteFlags): Promise<void> {
  const { name, level, parent, registry: registries, why } = flags;
  const contacts = contactsOf(flags.contact);
  const body = { id: memberNamed(id), name, level, registries, contacts, why, ...(parent === undefined ? {} : { parent }) };
  const answer = (await askDirectory(flags, '/v1/members', body, await officer(flags, flags.as))) as {
    invitation: string;
    member: Participant & { readonly invitedUntil: string };
  };
  await write(flags.output === 'json' ? asJson(answer) : `${answer.invitation}\n`);
  note(`${id} is invited until ${answer.member.invitedUntil}. The secret above is shown once: hand it over by a safe way.`);
}

async function joinMember(text: string, flags: JoinFlags): Promise<void> {
  const id = memberNamed(text);
  const invitation = (await readInput(flags.invitationFile)).toString('utf8').trim();
  const operator = flags.operator === undefined ? (await readConfigurationOf(flags)).iss : memberNamed(flags.operator);
  const { key, signer } = await memberKey(id, flags, true);
  const at = new Date();
  const own = publicMemberKey(key.jwk, id, 'agreement', at);
  const proved = keyProofText(operator, id, own, sha256Base64url(Buffer.from(invitation)));
  const proof = await signStatement('proof', proved, signer, at);
  const body = { invitation, keys: [{ jwk: key.jwk, purpose: 'agreement', proof }], systems: systemsOf(id, flags.system) };
  const member = (await askDirectory(flags, `/v1/members/${id}/join`, body)) as Participant;
  await write(flags.output === 'json' ? asJson(member) : `${id} is ${member.state} with key ${key.kid}.\n`);
  note('An officer must approve it: another one than who invited it.');
}

async function decideOn(text: string, act: 'approve' | 'decline' | 'suspend', flags: ChangeFlags): Promise<void> {
  const id = memberNamed(text);
  const place = flags.change === undefined ? '' : `/changes/${encodeURIComponent(flags.change)}`;
  const path = `/v1/members/${id}${place}/${act}`;
  const member = (await askDirectory(flags, path, { why: flags.why }, await officer(flags, flags.as))) as Participant;
  await write(flags.output === 'json' ? asJson(member) : `${decisionLine(member, act, flags.change)}\n`);
}
