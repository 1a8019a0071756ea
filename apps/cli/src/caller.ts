import { type MemberId, memberId, memberOf, type SubsystemId, subsystemId } from '#record';
import { callerSecretFile, consumerSecretFile, type Instance, readMembers } from '#settings';
import { CliError, EXIT } from './exit.js';
import { readInput } from './fetch.js';
import { requireInstance, requireService, type Where } from './local.js';

/** The options that say at which adapter and as whom. */
export interface CallerFlags extends Where {
  readonly as?: string;
  readonly adapter?: string;
  readonly secretFile?: string;
}

/** A subsystem at its adapter. */
export interface Caller {
  readonly subsystem: SubsystemId;
  readonly url: string;
  readonly authorization: string;
}

/**
 * Who calls which adapter: from the options alone, or what they leave out from the local instance, where a member may stand
 * for its only subsystem.
 */
export async function callerOf(flags: CallerFlags): Promise<Caller> {
  const subsystem = subsystemOf(flags);
  const member = memberOf(subsystem);
  const code = subsystem.slice(member.length + 1);
  const url = flags.adapter ?? requireService(requireInstance(flags), 'agency-adapter', member).url;
  const file = flags.secretFile ?? callerSecretFile(requireInstance(flags).secretsFolder, member, code);
  return { subsystem, url, authorization: basic(code, await readSecret(file)) };
}

/** A user of the schema registry, with the secret of `--secret-file` or of the local instance. */
export async function registryUserOf(flags: Where & { readonly secretFile?: string }, user: string): Promise<string> {
  return proofAt('registry', { ...flags, as: user });
}

/** What proves `as` to the services whose callers are those of `owner`, with the secret of `--secret-file` or of the local instance. */
export async function proofAt(
  owner: string,
  flags: Where & { readonly as: string; readonly secretFile?: string },
): Promise<string> {
  return basic(flags.as, await readSecret(flags.secretFile ?? secretFileOf(owner, flags)));
}

function secretFileOf(owner: string, flags: Where & { readonly as: string }): string {
  const { secretsFolder } = requireInstance(flags);
  return owner === 'delivery' && flags.as.includes('/')
    ? consumerSecretFile(secretsFolder, flags.as)
    : callerSecretFile(secretsFolder, owner, flags.as);
}

async function readSecret(file: string): Promise<string> {
  return (await readInput(file)).toString('utf8').trim();
}

/** What proves a caller by HTTP Basic authentication. */
export const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

function subsystemOf(flags: CallerFlags): SubsystemId {
  const named = subsystemId(flags.as ?? '');
  if (named !== undefined) return named;
  const member = memberId(flags.as ?? '');
  if (member === undefined) throw new CliError(EXIT.usage, '--as is a member or subsystem like GE/GOV/7001/base-registry.');
  return onlySubsystem(requireInstance(flags), member);
}

function onlySubsystem({ membersFile }: Instance, member: MemberId): SubsystemId {
  const subsystems = readMembers(membersFile).members.find(({ id }) => id === member)?.subsystems ?? [];
  const [only] = subsystems;
  if (only !== undefined && subsystems.length === 1) return only;
  throw new CliError(
    EXIT.usage,
    only === undefined
      ? `${member} is no member of this instance.`
      : `${member} has several subsystems: name one of ${subsystems.join(', ')}.`,
  );
}
