import { userInfo } from 'node:os';
import { Command } from 'commander';
import { recordType } from '#record';
import { CliError, EXIT } from '../exit.js';
import { kafkaOfAdmin, readBrokers, withKafka } from '../kafka.js';
import { requireInstance, type Where } from '../local.js';
import { asJson, type Format, formatOption, note, write } from '../output.js';

interface EraseFlags extends Where {
  readonly type: string;
  readonly subject: string;
  readonly why: string;
  readonly brokers?: string;
  readonly dryRun?: boolean;
  readonly output: Format;
}

/** `khidi erase`: takes the bodies of one subject off every topic, and leaves the evidence. */
export function eraseCommand(): Command {
  return new Command('erase')
    .description('have Kafka forget every record of one subject; the evidence that they were exchanged stays')
    .requiredOption('--type <record type>', 'like population.person')
    .requiredOption('--subject <urn>', 'whose records: the "sub" of an envelope, like urn:khidi:population:…')
    .requiredOption('--why <text>', 'the reason, for the audit: a file number, never a name')
    .option('--dry-run', 'only say how many there are, and where')
    .option('--brokers <host:port,…>', 'Kafka, asked with KHIDI_KAFKA_CA, _CERT and _KEY; without it that of the local instance')
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Let the registry's agency send the signed withdrawal first: consumers follow it, and they erase what they hold themselves. Tombstones
are written at once; Kafka takes the bodies away when it compacts, fourteen days later at the latest. Needs the rights of the
administrator of Kafka. The adapters of the agencies that sent those records remove the contents that only they name, within seconds.

Example:
  $ khidi erase --type population.person --subject urn:khidi:population:xlB… --why "file 12/2099"`,
    )
    .action(erase);
}

const SUBJECT = /^urn:khidi:[a-z0-9-]+:([A-Za-z0-9_-]{43})$/;

async function erase(flags: EraseFlags): Promise<void> {
  const type = recordType(flags.type);
  const [, pseudonym] = SUBJECT.exec(flags.subject) ?? [];
  if (type === undefined) throw new CliError(EXIT.usage, '--type is a record type like population.person.');
  if (pseudonym === undefined) throw new CliError(EXIT.usage, '--subject is the "sub" of an envelope.');
  const place = await kafkaOfAdmin(flags.brokers === undefined ? undefined : readBrokers(flags.brokers), () =>
    requireInstance(flags),
  );
  const act = { by: userInfo().username, why: flags.why, at: new Date().toISOString() };
  const [{ findBodies }, { eraseSubject }] = await Promise.all([
    import('../erase/find-bodies.js'),
    import('../erase/erase-subject.js'),
  ]);
  const found = await withKafka(place, (client) =>
    flags.dryRun === true ? findBodies(client, type, pseudonym) : eraseSubject(client, type, pseudonym, act),
  );
  const { places, bodies } = found;
  const topics = [...new Set(places.map(({ topic }) => topic))].sort();
  if (flags.output === 'json') await write(asJson({ bodies, topics, ...('act' in found ? { act: found.act } : {}) }));
  else await write(`${bodies} records on ${topics.length} topics${flags.dryRun === true ? '' : ' are erased'}.\n`);
  for (const topic of topics) note(topic);
  if (bodies === 0) process.exitCode = EXIT.no;
}
