import { once } from 'node:events';
import { Command } from 'commander';
import { type ReceivedRecord, type RecordType, recordType, sealedTopic } from '#record';
import type { StreamClient } from '#stream';
import { CliError, EXIT } from '../exit.js';
import { kafkaOfFlag, readBrokers, withKafka } from '../kafka.js';
import { requireInstance, type Where } from '../local.js';
import { note } from '../output.js';
import { wholeNumber } from '../whole-number.js';

interface ConsumeFlags extends Where {
  readonly type: string;
  readonly max: number;
  readonly timeout: number;
  readonly latest: boolean;
  readonly brokers?: readonly string[];
}

/** `khidi consume`: envelopes as they lie on the sealed topic, for an operator. */
export function consumeCommand(): Command {
  return new Command('consume')
    .description('write the envelopes of a record type, one a line')
    .requiredOption('--type <record type>', 'like address.locality')
    .option('--max <n>', 'stop after so many', wholeNumber(1), Number.POSITIVE_INFINITY)
    .option('--timeout <s>', 'stop when nothing new came for so many seconds', wholeNumber(1), 10)
    .option('--from-beginning', 'begin with the oldest envelope that is kept (the default)')
    .option('--latest', 'only envelopes that are sealed from now on', false)
    .option(
      '--brokers <list>',
      'Kafka, asked with KHIDI_KAFKA_CA, _CERT and _KEY; without it that of the local instance',
      readBrokers,
    )
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addHelpText(
      'after',
      `
Only committed envelopes are read, without a consumer group, so nobody else's reading is disturbed. The order is kept within a
subject. The status is 1 where there was none.

Example:
  $ khidi consume --type address.locality --max 5 | khidi verify -o table`,
    )
    .action(run);
}

async function run(flags: ConsumeFlags): Promise<void> {
  const type = recordType(flags.type);
  if (type === undefined) throw new CliError(EXIT.usage, '--type is a record type like address.locality.');
  const place = await kafkaOfFlag(flags.brokers, () => requireInstance(flags));
  const written = await withKafka(place, (client) => copy(client, type, flags));
  if (Number.isFinite(flags.max) && written < flags.max)
    note(`${written} of ${flags.max}; nothing more came for ${flags.timeout} s.`);
  if (written === 0) process.exitCode = EXIT.no;
}

/** Ends at `max`, or when nothing came for `timeout` seconds; the clock rests while a slow reader holds us up. */
async function copy(client: StreamClient, type: RecordType, { max, timeout, latest }: ConsumeFlags): Promise<number> {
  let written = 0;
  let alarm: NodeJS.Timeout | undefined;
  const over = new AbortController();
  const ended = once(over.signal, 'abort');
  const wait = () => {
    clearTimeout(alarm);
    alarm = setTimeout(() => over.abort(), timeout * 1000);
  };
  // Partitions are read side by side; their batches are written one after the other.
  let turn: Promise<void> = Promise.resolve();
  const onRecords = (records: readonly ReceivedRecord[]): Promise<void> => {
    turn = turn.then(async () => {
      clearTimeout(alarm);
      for (const { value } of records) {
        if (value === null || written >= max) continue;
        written += 1;
        await line(value);
      }
      if (written >= max) over.abort();
      else wait();
    });
    return turn;
  };
  wait();
  const tail = await client.tail(sealedTopic(type), { fromOffset: latest ? 'latest' : 'earliest' }, onRecords);
  try {
    await Promise.race([ended, tail.done]);
  } finally {
    clearTimeout(alarm);
    await tail.stop();
  }
  return written;
}

/** The bytes as they lie there, and a line feed; an envelope contains none. */
async function line(envelope: Buffer): Promise<void> {
  const more = process.stdout.write(Buffer.concat([envelope, LINE_FEED]));
  if (!more) await once(process.stdout, 'drain');
}

const LINE_FEED = Buffer.from('\n');
