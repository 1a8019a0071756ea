import { Command } from 'commander';
import { askDelivery, type DeliveryFlags, queryOf, withDelivery } from '../delivery.js';
import { asJson, asTable, type Format, write } from '../output.js';

interface LoadsFlags extends DeliveryFlags {
  readonly consumer?: string;
  readonly type?: string;
  readonly output: Format;
}

/** What delivery answers for each consumer and record type. */
export interface Load {
  readonly consumer: string;
  readonly type: string;
  readonly state: 'loading' | 'complete' | 'changes' | 'untold';
  /** The id of the load. */
  readonly load?: string;
  readonly begun?: string;
  readonly at?: string;
  readonly through?: number;
  readonly left?: number;
  readonly waits?: string;
}

/** `khidi loads`: whether consumers have the registries as they were when they joined. */
export function loadsCommand(): Command {
  const command = new Command('loads').description('see how far the initial loads of consumers are');
  return withDelivery(command, 'an operator, or a subsystem that sees its own')
    .option('--consumer <subsystem>', 'only those of this consumer')
    .option('--type <record type>', 'only those of this type')
    .addHelpText('after', '\nExample:\n  $ khidi loads --consumer GE/GOV/7003/base-registry')
    .action(loads);
}

async function loads(flags: LoadsFlags): Promise<void> {
  const query = queryOf({ consumer: flags.consumer, type: flags.type });
  const { loads: all } = (await askDelivery(flags, `/v1/loads${query}`)) as { readonly loads: readonly Load[] };
  if (flags.output === 'json') return write(asJson(all));
  const rows = all.map((load) => [load.consumer, load.type, load.state, load.begun ?? '', inWords(load)]);
  await write(asTable(['consumer', 'record type', 'state', 'begun', 'how far'], rows));
}

function inWords({ state, at, through, left, waits }: Load): string {
  switch (state) {
    case 'loading':
      return `${left} offsets before its end${waits === undefined ? '' : `, waits: ${waits}`}`;
    case 'complete':
      return `complete at ${at} with delivery ${through}`;
    case 'changes':
      return 'changes only, as agreed';
    case 'untold':
      return 'began before loads were told';
  }
}
