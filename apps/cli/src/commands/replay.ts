import { Command } from 'commander';
import { recordType, subsystemId } from '#record';
import { askDelivery, type DeliveryFlags, withDelivery } from '../delivery.js';
import { CliError, EXIT } from '../exit.js';
import { asJson, type Format, note, write } from '../output.js';

interface ReplayFlags extends DeliveryFlags {
  readonly consumer: string;
  readonly type: string;
  readonly since?: string;
  readonly offset?: readonly string[];
  readonly whole?: boolean;
  readonly agreement?: string;
  readonly why: string;
  readonly output: Format;
}
interface Begun {
  readonly replay: string;
  readonly from: Readonly<Record<string, string>>;
  readonly complete: boolean;
}

/** `khidi replay`: what a consumer has had once more, as far as it is kept and still agreed on. */
export function replayCommand(): Command {
  const command = new Command('replay').description(
    'deliver to a consumer once more what it has had, from a time or an offset on; each keeps its identity',
  );
  return withDelivery(command, 'an operator, or the consumer itself')
    .requiredOption('--consumer <subsystem>', 'who gets it, like GE/GOV/7002/pensions')
    .requiredOption('--type <type>', 'the record type')
    .requiredOption('--why <reason>', 'what is kept in the evidence log')
    .option('--since <time>', 'what was sealed since then (RFC 3339)')
    .option('--offset <partition:offset...>', 'from this offset of the sealed topic on, like 0:1200')
    .option('--whole', 'all that is kept, as an initial load: for a consumer that lost everything')
    .option('--agreement <id>', 'only what this agreement gives')
    .addHelpText(
      'after',
      '\nExample:\n  $ khidi replay --consumer GE/GOV/7002/base-registry --type population.person --since 2026-05-03T00:00:00Z --why "restored a backup"',
    )
    .action(replay);
}

async function replay(flags: ReplayFlags): Promise<void> {
  const { consumer, type, since, offset, whole, agreement, why, output } = flags;
  if (subsystemId(consumer) === undefined) throw new CliError(EXIT.usage, '--consumer is a subsystem like GE/GOV/7002/pensions.');
  if (recordType(type) === undefined) throw new CliError(EXIT.usage, '--type is a record type like population.person.');
  if ([since, offset, whole].filter((one) => one !== undefined).length !== 1)
    throw new CliError(EXIT.usage, 'Name one of --since, --offset and --whole.');
  const from = { since, whole, ...(offset === undefined ? {} : { offsets: Object.fromEntries(offset.map(partOf)) }) };
  const begun = (await askDelivery(flags, '/v1/replays', { consumer, type, ...from, agreement, why })) as Begun;
  if (output === 'json') return write(asJson(begun));
  const places = Object.entries(begun.from).map(([partition, first]) => `partition ${partition} from ${first}`);
  await write(`Replay ${begun.replay} has begun: ${places.join(', ')}.\n`);
  if (whole === true) note('khidi loads tells when it is complete.');
  if (!begun.complete) note('Older records are no longer kept: it begins with the oldest that are.');
}

function partOf(text: string): readonly [string, string] {
  const [, partition, offset] = /^(\d{1,4}):(\d{1,19})$/.exec(text) ?? [];
  if (partition === undefined || offset === undefined)
    throw new CliError(EXIT.usage, '--offset is a partition and an offset like 0:1200.');
  return [partition, offset];
}
