import { join } from 'node:path';
import { Command } from 'commander';
import { ed25519Signer, type NoteKey, type NoteSigner, newEd25519Key, readVkey } from '#evidence';
import { openOrCreateSealedFile, passphraseOr, readSettings } from '#settings';
import { CliError, EXIT } from '../exit.js';
import { note, write } from '../output.js';
import { wholeNumber } from '../whole-number.js';
import { witnessSettings } from '../witness/settings.js';

interface KeyFlags {
  readonly name: string;
  readonly folder: string;
}

interface ServeFlags extends KeyFlags {
  readonly log: readonly string[];
  readonly host: string;
  readonly port: number;
}

/** `khidi witness`: the small server by which a member sees to it that the log's history is never rewritten. */
export function witnessCommand(): Command {
  return new Command('witness')
    .description("cosign an evidence log as one of its members, by C2SP's tlog-witness protocol")
    .addCommand(
      witness('key')
        .description("make the witness's key at the first call, and print its verifier key for the policy")
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi witness key --name witness.example/GE-GOV-7001 --folder /var/lib/khidi-witness',
        )
        .action(key),
    )
    .addCommand(
      witness('serve')
        .description('answer add-checkpoint requests until the end')
        .requiredOption('--log <vkey...>', 'the verifier keys of the logs, as "khidi status" names them')
        .option('--host <address>', 'where to listen', '127.0.0.1')
        .option('--port <n>', 'where to listen', wholeNumber(0), 0)
        .addHelpText(
          'after',
          `
It remembers one checkpoint for each log and refuses whatever does not continue it: 409 for a rollback, 422 for a fork. The key
is opened with KHIDI_PASSPHRASE or KHIDI_PASSPHRASE_FILE. Lose the folder and the witness has forgotten what it saw: then make a
new one with a new name.

Example:
  $ khidi witness serve --name witness.example/GE-GOV-7001 --folder /var/lib/khidi-witness --log "$LOG_VKEY" --port 18094`,
        )
        .action(serve),
    );
}

const witness = (name: string): Command =>
  new Command(name)
    .requiredOption('--name <name>', 'the name of the witness for ever, best an address without scheme')
    .requiredOption('--folder <folder>', 'where its key and its memory lie');

async function key(flags: KeyFlags): Promise<void> {
  await write(`${signerOf(flags).key.vkey}\n`);
}

async function serve(flags: ServeFlags): Promise<void> {
  const { serveWitness } = await import('../witness/serve.js');
  const { folder, host, port } = flags;
  await serveWitness({ signer: signerOf(flags), logs: flags.log.map(logKey), folder, host, port });
}

function signerOf({ name, folder }: KeyFlags): NoteSigner {
  const { passphrase } = readSettings(witnessSettings);
  const opened = passphraseOr(passphrase, () => note('development passphrase in use: not for real keys'));
  const { content } = openOrCreateSealedFile(join(folder, 'witness-key.json'), opened, newEd25519Key);
  return ed25519Signer(name, 'cosignature', content);
}

function logKey(vkey: string): NoteKey {
  const read = readVkey(vkey);
  if (read?.type !== 'note')
    throw new CliError(EXIT.usage, '--log is a verifier key like example.com/log+530d903a+AekyeRrm56hA…');
  return read;
}
