import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { memberChangeText, signStatement } from '#configuration';
import type { Endpoint, MemberSystem, Participant } from '#policy';
import { type MemberId, type SubsystemId, subsystemId } from '#record';
import { askDirectory, type DirectoryFlags, memberKey, memberNamed, readConfigurationOf, withDirectory } from '../directory.js';
import { CliError, EXIT } from '../exit.js';
import { asJson, type Format, note, write } from '../output.js';

interface UpdateFlags extends DirectoryFlags {
  readonly name?: string;
  readonly contact?: readonly string[];
  readonly system?: readonly string[];
  readonly removeSystem?: readonly string[];
  readonly revokeKey?: readonly string[];
  readonly keys?: string;
  readonly output: Format;
}

/** `khidi member update`: a member changes what the directory has of it, signed by its own key. */
export function updateCommand(): Command {
  return withDirectory(
    new Command('update').description('change what the directory has of a member, signed by its key for agreements'),
  )
    .argument('<member>', 'like GE/GOV/7001')
    .option('--name <name>', 'what it is called')
    .option('--contact <role=address...>', 'how its offices are reached, all of them; never published')
    .option('--system <code=endpoint...>', 'a system and all places where it takes deliveries: kafka, pull or an https address')
    .option('--remove-system <code...>', 'systems that take part no more')
    .option('--revoke-key <key...>', 'keys of its own that it trusts no more')
    .option('--keys <folder>', "where the member's keys for agreements lie; without it the local instance's")
    .addHelpText(
      'after',
      `
Name, contacts and whatever takes away are in force at once. An endpoint that begins to receive waits until an officer agrees
("khidi member approve --change"); until then data goes where it went. Further keys: "khidi member add-key".

Example:
  $ khidi member update GE/GOV/7004 --contact security=desk@agency.example --system cadastre=https://cadastre.example/in`,
    )
    .action(updateMember);
}

async function updateMember(text: string, flags: UpdateFlags): Promise<void> {
  const member = memberNamed(text);
  const { name, contact, system = [], removeSystem = [], revokeKey: revokeKeys } = flags;
  const { iss: operator, members } = await readConfigurationOf(flags);
  const systems =
    system.length + removeSystem.length > 0 ? systemsAfter(member, members.get(member), system, removeSystem) : undefined;
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(contact === undefined ? {} : { contacts: contactsOf(contact) }),
    ...(systems === undefined ? {} : { systems }),
    ...(revokeKeys === undefined ? {} : { revokeKeys }),
  };
  if (Object.keys(change).length === 0) throw new CliError(EXIT.usage, 'Nothing is to be changed: see --help for what can be.');
  const id = randomUUID();
  const { signer } = await memberKey(member, flags);
  const jws = await signStatement('change', memberChangeText(operator, member, id, change), signer, new Date());
  const answer = (await askDirectory(flags, `/v1/members/${member}/changes`, { id, change, jws })) as Participant & {
    readonly waiting?: readonly { readonly id: string }[];
  };
  const waits = answer.waiting?.some((one) => one.id === id) === true;
  const said = waits ? `Change ${id} of ${member} waits for an officer.` : `${member} is changed.`;
  await write(flags.output === 'json' ? asJson(answer) : `${said}\n`);
  if (waits) note('What it leaves as it is, or takes away, is in force already.');
}

/** The systems as they are published, with those named anew in their place or behind them. */
function systemsAfter(
  member: MemberId,
  known: Participant | undefined,
  named: readonly string[],
  removed: readonly string[],
): readonly MemberSystem[] {
  const systems = new Map((known?.systems ?? []).map((system) => [system.id, system]));
  for (const system of systemsOf(member, named)) {
    systems.set(system.id, { ...system, name: systems.get(system.id)?.name ?? system.name });
  }
  for (const code of removed) {
    const id = subsystemId(`${member}/${code}`);
    if (id === undefined || !systems.delete(id))
      throw new CliError(EXIT.usage, `${member} has no system ${JSON.stringify(code)}.`);
  }
  return [...systems.values()];
}

/** `cadastre=https://…`, `cadastre=kafka`, `cadastre=pull`. A system may be named several times. */
export function systemsOf(id: MemberId, texts: readonly string[]): readonly MemberSystem[] {
  const systems = new Map<string, Endpoint[]>();
  for (const text of texts) {
    const [code, way] = pair(
      text,
      '--system is like "cadastre=https://cadastre.example/in", "cadastre=kafka" or "cadastre=pull".',
    );
    const endpoint: Endpoint = way === 'kafka' || way === 'pull' ? { kind: way } : { kind: 'webhook', url: way };
    systems.set(code, [...(systems.get(code) ?? []), endpoint]);
  }
  return [...systems].map(([code, endpoints]) => ({ id: `${id}/${code}` as SubsystemId, name: code, endpoints }));
}

/** `security=desk@agency.example`. */
export const contactsOf = (texts: readonly string[]) =>
  texts.map((text) => {
    const [role, address] = pair(text, '--contact is like "security=desk@agency.example".');
    return { role, address };
  });

function pair(text: string, like: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at <= 0 || at === text.length - 1) throw new CliError(EXIT.usage, like);
  return [text.slice(0, at), text.slice(at + 1)];
}
