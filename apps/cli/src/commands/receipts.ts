import { Command } from 'commander';
import { askDelivery, type DeliveryFlags, queryOf, withDelivery } from '../delivery.js';
import { asJson, asTable, type Format, write } from '../output.js';

interface ListFlags extends DeliveryFlags {
  readonly consumer?: string;
  readonly type?: string;
  readonly missing?: boolean;
  readonly output: Format;
}

/** What delivery answers: numbers for each consumer and record type, and what is overdue. */
interface Receipts {
  readonly lanes: readonly {
    readonly consumer: string;
    readonly type: string;
    readonly received: number;
    readonly awaited: number;
    readonly missing: number;
  }[];
  readonly missing?: readonly {
    readonly consumer: string;
    readonly type: string;
    readonly number: number;
    readonly jti: string;
    readonly agreement: string;
    readonly delivered: string;
    readonly due: string;
  }[];
}

/** `khidi receipts`: which deliveries the consumers have proved to have arrived. */
export function receiptsCommand(): Command {
  return new Command('receipts')
    .description('see which deliveries consumers gave a signed receipt for')
    .addCommand(
      withDelivery(
        new Command('list').description('count receipts for each consumer and record type, or list what is overdue'),
        'an operator, or a subsystem that sees what it gets and what is its own',
      )
        .option('--missing', 'list the deliveries whose receipt is overdue, the longest overdue first')
        .option('--consumer <subsystem>', 'only those of this consumer')
        .option('--type <record type>', 'only those of this type')
        .addHelpText('after', '\nExample:\n  $ khidi receipts list --missing --consumer GE/GOV/7003/base-registry')
        .action(list),
    );
}

async function list(flags: ListFlags): Promise<void> {
  const { lanes, missing = [] } = await ask(flags);
  if (flags.output === 'json') return write(asJson(flags.missing === true ? missing : lanes));
  if (flags.missing !== true) {
    const rows = lanes.map((lane) => [lane.consumer, lane.type, ...[lane.received, lane.awaited, lane.missing].map(String)]);
    return write(asTable(['consumer', 'record type', 'received', 'awaited', 'missing'], rows));
  }
  const rows = missing.map((one) => [one.consumer, one.type, String(one.number), one.jti, one.agreement, one.delivered, one.due]);
  await write(asTable(['consumer', 'record type', 'number', 'exchange', 'agreement', 'delivered', 'due'], rows));
}

async function ask(flags: ListFlags): Promise<Receipts> {
  const asked = { consumer: flags.consumer, type: flags.type, missing: flags.missing === true ? 'yes' : undefined };
  return (await askDelivery(flags, `/v1/receipts${queryOf(asked)}`)) as Receipts;
}
