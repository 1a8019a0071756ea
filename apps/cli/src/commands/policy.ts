import { Command, Option } from 'commander';
import { type Decision, decide, explain, ORIGINS, type PolicyRequest } from '#policy';
import { recordType, subsystemId } from '#record';
import { type DirectoryFlags, instantNamed, memberNamed, readConfigurationOf, withDirectory } from '../directory.js';
import { CliError, EXIT } from '../exit.js';
import { asJson, type Format, write } from '../output.js';

interface PolicyFlags extends DirectoryFlags {
  readonly consumer: string;
  readonly provider: string;
  readonly type: string;
  readonly purpose: string;
  readonly origin: PolicyRequest['origin'];
  readonly field?: readonly string[];
  readonly actor?: string;
  readonly agreement?: string;
  readonly at?: string;
  readonly output: Format;
}

/** `khidi policy`: what the signed configuration permits, decided here exactly as the services decide it. */
export function policyCommand(): Command {
  const about = '\nThe status is 0 where it is permitted, 1 where it is refused. Nothing is delivered or asked for by this.\n';
  const example =
    '--consumer GE/GOV/7002/base-registry --provider GE/GOV/7001 --type population.person --purpose residence-check';
  return new Command('policy')
    .description('ask what a consumer may receive, and why')
    .addCommand(
      asking('test', 'say whether something is permitted')
        .addHelpText('after', `${about}\nExample:\n  $ khidi policy test ${example}`)
        .action((flags: PolicyFlags) => answer(flags, brief)),
    )
    .addCommand(
      asking('explain', 'say whether something is permitted, why, and what to do')
        .addHelpText('after', `${about}\nExample:\n  $ khidi policy explain ${example} --field /health`)
        .action((flags: PolicyFlags) => answer(flags, explain)),
    );
}

const asking = (name: string, description: string): Command =>
  withDirectory(
    new Command(name)
      .description(description)
      .requiredOption('--consumer <subsystem>', 'who would receive it, like GE/GOV/7002/pensions')
      .requiredOption('--provider <member>', 'who published it, like GE/GOV/7001')
      .requiredOption('--type <record type>', 'what, like population.person')
      .requiredOption('--purpose <id>', 'for what')
      .addOption(new Option('--origin <how>', 'how its origin was proved').choices([...ORIGINS]).default('topic'))
      .option('--field <pointer...>', 'only these fields, like /birth')
      .option('--actor <member>', 'who acts for the consumer')
      .option('--agreement <id>', 'under this agreement only')
      .option('--at <time>', 'as it is decided at that time, by what is published now; without it now'),
  );

async function answer(flags: PolicyFlags, words: (decision: Decision) => string): Promise<void> {
  const request = requestOf(flags);
  const { policy } = await readConfigurationOf(flags);
  const decision = decide(policy, request, instantNamed(flags.at));
  await write(flags.output === 'json' ? asJson(decision) : `${words(decision)}\n`);
  if (!decision.permitted) process.exitCode = EXIT.no;
}

function brief(decision: Decision): string {
  if (!decision.permitted) return `refused ${[...new Set(decision.faults.map(({ code }) => code))].join(' ')}`;
  return decision.grants.map(({ agreement, version, fields }) => `permitted ${agreement}/${version} ${fields}`).join('\n');
}

function requestOf({ consumer, provider, type, purpose, origin, field, actor, agreement }: PolicyFlags): PolicyRequest {
  const named = { consumer: subsystemId(consumer), type: recordType(type) };
  if (named.consumer === undefined) throw new CliError(EXIT.usage, '--consumer is a subsystem like GE/GOV/7002/pensions.');
  if (named.type === undefined) throw new CliError(EXIT.usage, '--type is a record type like population.person.');
  return {
    ...{ consumer: named.consumer, type: named.type, provider: memberNamed(provider), purpose, origin },
    ...(field === undefined ? {} : { fields: field }),
    ...(actor === undefined ? {} : { actor: memberNamed(actor) }),
    ...(agreement === undefined ? {} : { agreement }),
  };
}
