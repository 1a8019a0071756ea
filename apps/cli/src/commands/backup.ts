import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { type Instance, readJsonFile, readMembers, Secret } from '#settings';
import type { Entry } from '../backup/entry.js';
import type { Facts } from '../backup/facts.js';
import { CliError, EXIT } from '../exit.js';
import { readInput } from '../fetch.js';
import { kafkaOfAdmin, readBrokers, withKafka } from '../kafka.js';
import { requireInstance, type Where } from '../local.js';
import { asJson, type Format, formatOption, write } from '../output.js';

interface BackupFlags extends Where {
  readonly output: Format;
  readonly passphraseFile: string;
}

interface PlaceFlags extends BackupFlags {
  readonly brokers?: string;
  readonly members?: string;
  readonly topics?: string;
  readonly keys?: string;
  readonly log?: string;
  readonly policy?: string;
}

const LEAST_PASSPHRASE = 16;

/** `khidi backup`: what of an instance cannot be made again, encrypted, and back into an empty place. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('back up what cannot be made again: schemas, keys, audit, the evidence log; always encrypted')
    .addCommand(
      place('create', 'write a backup, while the instance goes on')
        .argument('<folder>', 'a new folder for it')
        .addHelpText(
          'after',
          `
Not in it: records (their topics are replicated by Kafka), Redis (only a fast front), and the passphrase of the key files, which
must be kept apart: whoever has both could seal in your name.

Example:
  $ khidi backup create /backup/2099-01-01 --passphrase-file backup.passphrase`,
        )
        .action(create),
    )
    .addCommand(
      asked('verify', 'read a whole backup and say what it proves')
        .argument('<folder>', 'the backup')
        .addHelpText('after', '\nExample:\n  $ khidi backup verify /backup/2099-01-01 --passphrase-file backup.passphrase')
        .action(verify),
    )
    .addCommand(
      place('restore', 'bring a backup into an empty place, and prove that it is the same')
        .argument('<folder>', 'the backup')
        .requiredOption('--into <folder>', 'where keys, log and config go: <folder>/keys, <folder>/log, <folder>/config')
        .addHelpText(
          'after',
          `
The status is 0 only if the restored place has the same log head, schema count and key states. Start the ledger once with
KHIDI_NEW_EPOCH=yes: its log goes on with another Kafka (docs/runbooks/restore.md).

Example:
  $ khidi backup restore /backup/2099-01-01 --into /var/lib/khidi --brokers kafka:9092 --passphrase-file backup.passphrase`,
        )
        .action(restoreInto),
    );
}

const asked = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .requiredOption('--passphrase-file <file>', `what opens the backup; at least ${LEAST_PASSPHRASE} characters`)
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption());

const place = (name: string, description: string): Command =>
  asked(name, description)
    .option('--brokers <host:port,…>', 'Kafka, asked with KHIDI_KAFKA_CA, _CERT and _KEY; without it that of the local instance')
    .option('--members <file>', 'the members of the instance')
    .option('--topics <file>', 'the templates of its topics')
    .option('--keys <folder>', 'the key files (KHIDI_KEYS)')
    .option('--log <folder>', 'the tiles of the evidence log (KHIDI_LOG)')
    .option('--policy <file>', 'the policy of the witnesses, where there is one');

async function create(folder: string, flags: PlaceFlags): Promise<void> {
  const [{ collect }, { writeParts }, { planTopics }] = await Promise.all([
    import('../backup/collect.js'),
    import('../backup/parts.js'),
    import('#stream'),
  ]);
  const { brokers, membersFile, topicsFile, keysFolder, logFolder, policyFile } = placeOf(flags);
  const plan = planTopics(readJsonFile(topicsFile), readMembers(membersFile));
  const config = {
    'members.json': membersFile,
    'topics.json': topicsFile,
    ...(existsSync(policyFile) ? { 'witnesses.policy': policyFile } : {}),
  };
  const passphrase = await passphraseOf(flags);
  const facts = await withKafka(await kafkaOfAdmin(brokers, () => requireInstance(flags)), (client) =>
    writeParts(resolve(folder), collect({ client, plan, keysFolder, logFolder, config }), passphrase, new Date()),
  );
  await tell(flags, 'is made', facts);
}

async function verify(folder: string, flags: BackupFlags): Promise<void> {
  const { openParts, verifyParts } = await import('../backup/parts.js');
  const opened = openParts(resolve(folder), await passphraseOf(flags));
  await tell(flags, `holds, made ${opened.made}`, verifyParts(opened));
}

async function restoreInto(folder: string, flags: PlaceFlags & { readonly into: string }): Promise<void> {
  const [{ openParts, verifyParts }, { factsOfPlace, restore }, { collect }, { planTopics }] = await Promise.all([
    import('../backup/parts.js'),
    import('../backup/restore.js'),
    import('../backup/collect.js'),
    import('#stream'),
  ]);
  const opened = openParts(resolve(folder), await passphraseOf(flags));
  const facts = verifyParts(opened); // all of it is read before anything is written
  const folders = { keys: join(flags.into, 'keys'), log: join(flags.into, 'log'), config: join(flags.into, 'config') };
  const plan = planTopics(
    flags.topics === undefined ? configOf(opened.entries(), 'topics.json') : readJsonFile(flags.topics),
    await membershipOf(opened.entries(), flags.members),
  );
  const brokers = flags.brokers === undefined ? undefined : readBrokers(flags.brokers);
  await withKafka(await kafkaOfAdmin(brokers, () => requireInstance(flags)), async (client) => {
    await restore(opened.entries(), { client, plan, folders });
    const again = await factsOfPlace(collect({ client, plan, keysFolder: folders.keys, logFolder: folders.log, config: {} }));
    const differs = again.flaw ?? difference(facts, again.facts);
    if (differs !== undefined) throw new CliError(EXIT.no, `The restored place is not the same: ${differs}.`);
  });
  await tell(flags, 'is restored, and the place is the same', facts);
}

/** What a place must have in common with its backup. */
function difference(wanted: Facts, found: Facts): string | undefined {
  const head = ({ log }: Facts) => (log === undefined ? 'no log' : `${log.size} leaves, root ${log.root}`);
  if (head(wanted) !== head(found)) return `the log has ${head(found)}, not ${head(wanted)}`;
  if (wanted.schemas !== found.schemas) return `${found.schemas} schema versions, not ${wanted.schemas}`;
  if (JSON.stringify(wanted.keys) !== JSON.stringify(found.keys)) return 'the states of the keys are others';
  return wanted.records === found.records ? undefined : `${found.records} records, not ${wanted.records}`;
}

function configOf(entries: Iterable<Entry>, name: string): unknown {
  for (const entry of entries)
    if (entry.kind === 'file' && entry.path === `config/${name}`) return JSON.parse(entry.content.toString('utf8'));
  throw new CliError(EXIT.usage, `The backup has no ${name}: name one by an option.`);
}

async function membershipOf(entries: Iterable<Entry>, file: string | undefined) {
  if (file !== undefined) return readMembers(file);
  const { readMembership } = await import('#record');
  const read = readMembership(configOf(entries, 'members.json'));
  if ('mistakes' in read) throw new CliError(EXIT.no, `members.json of the backup: ${read.mistakes.join('; ')}`);
  return read.membership;
}

/** What the options name, then the local instance. */
function placeOf(flags: PlaceFlags) {
  let known: Instance | undefined;
  const local = (): Instance => {
    known ??= requireInstance(flags);
    return known;
  };
  const folder = () => dirname(local().secretsFolder);
  return {
    brokers: flags.brokers === undefined ? undefined : readBrokers(flags.brokers),
    membersFile: flags.members ?? local().membersFile,
    topicsFile: flags.topics ?? local().topicsFile,
    keysFolder: flags.keys ?? join(folder(), 'keys'),
    logFolder: flags.log ?? join(folder(), 'log'),
    policyFile: flags.policy ?? (flags.log === undefined ? join(folder(), 'witnesses.policy') : ''),
  };
}

async function passphraseOf({ passphraseFile }: BackupFlags): Promise<Secret> {
  const text = (await readInput(passphraseFile)).toString('utf8').trim();
  if (text.length < LEAST_PASSPHRASE)
    throw new CliError(EXIT.usage, `The passphrase in ${passphraseFile} is shorter than ${LEAST_PASSPHRASE} characters.`);
  return new Secret(text);
}

async function tell({ output }: BackupFlags, what: string, facts: Facts): Promise<void> {
  if (output === 'json') return write(asJson(facts));
  const states = Object.values(facts.keys);
  const keys = [...new Set(states)].map((state) => `${states.filter((one) => one === state).length} ${state}`).join(', ');
  const log = facts.log === undefined ? 'no log' : `${facts.log.size} leaves, root ${facts.log.root}`;
  await write(
    [
      `The backup ${what}.`,
      `Log      ${log}`,
      `Schemas  ${facts.schemas} versions`,
      `Keys     ${keys}`,
      `Files    ${facts.files}`,
      `Records  ${facts.records}`,
      '',
    ].join('\n'),
  );
}
