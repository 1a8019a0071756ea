import { Command } from 'commander';
import { registryUserOf } from '../caller.js';
import { CliError, EXIT } from '../exit.js';
import { asJson, asTable, write } from '../output.js';
import { askRegistry, MEDIA_TYPE, type RegistryFlags, registryCommand } from '../registry.js';

interface StepFlags extends RegistryFlags {
  readonly as: string;
  readonly secretFile?: string;
  readonly reason?: string;
}

interface ReviewFlags extends StepFlags {
  readonly submit: boolean;
  readonly comment: boolean;
  readonly reject: boolean;
  readonly override: boolean;
}

/** A draft as the registry tells it. */
interface Draft {
  readonly subject: string;
  readonly number: number;
  readonly state: string;
  readonly author: string;
  readonly approvedBy: readonly string[];
  readonly missing?: readonly string[];
  readonly safety?: { readonly isCompatible: boolean; readonly messages: readonly string[] };
  readonly impact?: {
    readonly days: number;
    readonly publishers: readonly { readonly member: string; readonly records: number }[] | 'unknown';
    readonly consumers: readonly { readonly system: string; readonly until: string }[] | 'unknown';
    readonly reasons: readonly string[];
  };
  readonly steps: readonly { readonly action: string; readonly by: string; readonly at: number; readonly reason: string }[];
}

/** `khidi schema review`: shows a draft, or takes a step with it. */
export function reviewCommand(): Command {
  return step('review', 'developer')
    .description(
      'show a draft: whether it is safe, who publishes and consumes the subject, what is missing; or take a step with it',
    )
    .argument('<subject>', 'like address.locality')
    .argument('<draft>', 'its number')
    .option('--submit', 'its author asks for review', false)
    .option('--comment', 'say something about it', false)
    .option('--reject', 'refuse it, as an approver', false)
    .option('--override', 'let it pass although it is undecided whether it is safe, as an approver', false)
    .addHelpText('after', '\nExample:\n  $ khidi schema review address.locality 1 --submit --reason "Law 12 names postal codes"')
    .action(review);
}

/** `khidi schema approve`: the other pair of eyes. */
export function approveCommand(): Command {
  return step('approve', 'reviewer')
    .description('approve a draft that somebody else wrote')
    .argument('<subject>', 'like address.locality')
    .argument('<draft>', 'its number')
    .addHelpText('after', '\nExample:\n  $ khidi schema approve address.locality 1 --as reviewer --reason "Agrees with the law"')
    .action(async (subject: string, draft: string, flags: StepFlags) => {
      await tell(flags, (await take(flags, `${draftPath(subject, draft)}/approve`)) as Draft);
    });
}

/** `khidi schema promote`: publishes an approved draft. */
export function promoteCommand(): Command {
  return step('promote', 'reviewer')
    .description('publish an approved draft that somebody else wrote as the next version')
    .argument('<subject>', 'like address.locality')
    .argument('<draft>', 'its number')
    .addHelpText('after', '\nExample:\n  $ khidi schema promote address.locality 1 --reason "In force from 1 January"')
    .action(async (subject: string, draft: string, flags: StepFlags) => {
      const version = (await take(flags, `${draftPath(subject, draft)}/promote`)) as {
        subject: string;
        version: number;
        id: number;
      };
      const sentence = `${version.subject} version ${version.version} is published (id ${version.id}).\n`;
      await write(flags.output === 'json' ? asJson(version) : sentence);
    });
}

/** `khidi schema deprecate`: nobody should begin to use a version; with `--retire` nobody may use it any more. */
export function deprecateCommand(): Command {
  return step('deprecate', 'developer')
    .description('say that nobody should begin to use a version; it stays in force')
    .argument('<subject>', 'like address.locality')
    .argument('<version>', 'a number')
    .option('--retire', 'end it, as an approver: records that name it are refused from then on', false)
    .addHelpText('after', '\nExample:\n  $ khidi schema deprecate address.locality 1 --reason "Version 2 has postal codes"')
    .action(async (subject: string, version: string, flags: StepFlags & { readonly retire: boolean }) => {
      const what = flags.retire ? 'retire' : 'deprecate';
      await take(flags, `/subjects/${encodeURIComponent(subject)}/versions/${encodeURIComponent(version)}/${what}`);
      const answer = { subject, version: Number(version), state: flags.retire ? 'retired' : 'deprecated' };
      await write(flags.output === 'json' ? asJson(answer) : `${subject} version ${version} is ${answer.state}.\n`);
    });
}

/** All drafts, the open ones first to be seen. The status is 1 where there is none. */
export async function listDrafts(flags: RegistryFlags): Promise<void> {
  const drafts = (await askRegistry(flags, '/drafts')) as Draft[];
  const rows = drafts.map((one) => [one.subject, String(one.number), one.state, one.author, one.approvedBy.join(' ')]);
  await write(flags.output === 'json' ? asJson(drafts) : asTable(['subject', 'draft', 'state', 'author', 'approved by'], rows));
  if (drafts.length === 0) process.exitCode = EXIT.no;
}

async function review(subject: string, number: string, flags: ReviewFlags): Promise<void> {
  const steps = (['submit', 'comment', 'reject', 'override'] as const).filter((name) => flags[name]);
  const [only] = steps;
  if (steps.length > 1) throw new CliError(EXIT.usage, 'One step at a time.');
  if (only !== undefined) await take(flags, `${draftPath(subject, number)}/${only}`);
  await tell(flags, (await askRegistry(flags, draftPath(subject, number))) as Draft);
}

async function take(flags: StepFlags, path: string): Promise<unknown> {
  if (flags.reason === undefined) throw new CliError(EXIT.usage, 'Every step needs --reason.');
  const headers = { authorization: await registryUserOf(flags, flags.as), 'content-type': MEDIA_TYPE };
  return askRegistry(flags, path, { method: 'POST', headers, body: JSON.stringify({ reason: flags.reason }) });
}

async function tell(flags: RegistryFlags, draft: Draft): Promise<void> {
  if (flags.output === 'json') return write(asJson(draft));
  const { subject, number, state, author, missing = [], safety } = draft;
  const lines = [
    `${subject} draft ${number}: ${state}, written by ${author}`,
    ...(safety === undefined ? [] : [safety.isCompatible ? 'safe to publish' : 'not proved to be safe:']),
    ...(safety?.messages ?? []).map((message) => `  ${message}`),
    ...impactLines(draft.impact),
    ...draft.steps.map(({ action, by, at, reason }) => `${new Date(at).toISOString()} ${action} by ${by}: ${reason}`),
    ...missing.map((one) => `missing: ${one}`),
  ];
  await write(`${lines.join('\n')}\n`);
}

/** Who feels it: next to the verdict, since both are needed to decide. */
function impactLines(impact: Draft['impact']): string[] {
  if (impact === undefined) return [];
  const { days, publishers, consumers, reasons } = impact;
  const told = (list: readonly string[] | 'unknown') => (list === 'unknown' ? list : list.join(', ') || 'nobody');
  const sent = publishers === 'unknown' ? publishers : publishers.map(({ member, records }) => `${member} (${records} records)`);
  const taken = consumers === 'unknown' ? consumers : consumers.map(({ system, until }) => `${system} (until ${until})`);
  return [
    `published in the last ${days} days by: ${told(sent)}`,
    `consumed under agreements by: ${told(taken)}`,
    ...reasons.map((why) => `  ${why}`),
  ];
}

function step(name: string, user: string): Command {
  return registryCommand(name)
    .option('--as <user>', 'who takes the step', user)
    .option('--secret-file <file>', "that user's secret; without it that of the local instance")
    .option('--reason <text>', 'why; it stands in the audit topic');
}

function draftPath(subject: string, number: string): string {
  return `/subjects/${encodeURIComponent(subject)}/drafts/${encodeURIComponent(number)}`;
}
