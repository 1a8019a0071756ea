import { Command } from 'commander';
import { proofAt } from '../caller.js';
import { CliError, EXIT } from '../exit.js';
import { askJson, refuse } from '../fetch.js';
import { requireInstance, type Where } from '../local.js';
import { asJson, type Format, formatOption, write } from '../output.js';
import { wholeNumber } from '../whole-number.js';

interface LevelFlags extends Where {
  readonly output: Format;
  readonly minutes: number;
  readonly as: string;
  readonly secretFile?: string;
}

/** `khidi log`: how much running services log. */
export function logCommand(): Command {
  return new Command('log')
    .description('how much a running service logs')
    .addCommand(
      new Command('level')
        .description('show the level of a service, or change it for a while')
        .argument('<service>', 'its name in khidi status, or its address')
        .argument('[level]', 'debug, info, warn or error; without it the level is shown')
        .option('--minutes <n>', 'after so long the level of the start comes back by itself', wholeNumber(1), 15)
        .option('--as <operator>', 'who asks', 'operator')
        .option('--secret-file <file>', "the operator's secret; without it that of the local instance")
        .option('--state <path>', 'the local instance (KHIDI_STATE)')
        .addOption(formatOption())
        .addHelpText('after', '\nExample:\n  $ khidi log level signing debug --minutes 5')
        .action(level),
    );
}

async function level(service: string, wanted: string | undefined, flags: LevelFlags): Promise<void> {
  const url = /^https?:\/\//.test(service) ? service.replace(/\/$/, '') : urlOf(service, flags);
  const { status, body } = await askJson(`${url}/operations/log-level`, {
    headers: { authorization: await proofAt('operations', flags) },
    ...(wanted === undefined ? {} : { method: 'PUT', body: JSON.stringify({ level: wanted, minutes: flags.minutes }) }),
  });
  if (status !== 200) refuse(service, status, body);
  const answer = body as { readonly level: string };
  const until = wanted === undefined ? '' : ` for ${flags.minutes} minutes`;
  await write(flags.output === 'json' ? asJson(answer) : `${service} logs at ${answer.level}${until}.\n`);
}

function urlOf(name: string, flags: Where): string {
  const { services } = requireInstance(flags);
  const found = services.find((service) => service.name === name);
  if (found !== undefined) return found.url;
  throw new CliError(EXIT.usage, `There is no service ${name}: name one of ${services.map((one) => one.name).join(', ')}.`);
}
