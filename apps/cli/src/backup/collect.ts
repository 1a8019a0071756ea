import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundlePath, readCheckpointText, readNote, readTilePath, TILE_WIDTH, tileWidth } from '#evidence';
import type { HeaderBytes } from '#record';
import type { PlannedTopic, StreamClient, TopicPlan } from '#stream';
import { CliError, EXIT } from '../exit.js';
import { readTopic } from '../read-topic.js';
import type { Entry } from './entry.js';

/** What is backed up. */
export interface Source {
  readonly client: StreamClient;
  readonly plan: TopicPlan;
  readonly keysFolder: string;
  readonly logFolder: string;
  /** By the name that each gets in the backup. */
  readonly config: Readonly<Record<string, string>>;
}

/**
 * Topics whose records cannot be made again: those that keep the latest of each key, and those that keep all for ever. Not the
 * ledger's own state: it says up to where this Kafka was read, which is no truth for another one.
 */
export function truths({ topics }: TopicPlan): readonly PlannedTopic[] {
  return topics.filter(({ role, config }) => {
    const isKept = config['cleanup.policy'] === 'compact' || config['retention.ms'] === '-1';
    // The newest record of each subject of a register is its agency's to send again, and an erased one must not come back from a backup.
    return isKept && role !== 'ledger' && role !== 'sealed';
  });
}

/** Everything, while the instance goes on: the log as far as its checkpoint says at the beginning. */
export async function* collect(source: Source): AsyncGenerator<Entry> {
  for (const [name, file] of Object.entries(source.config))
    yield { kind: 'file', path: `config/${name}`, content: await readFile(file) };
  yield* filesOf('keys', source.keysFolder, () => true);
  yield* logOf(source.logFolder);
  for (const { name } of truths(source.plan)) {
    for (const { topic, partition, key, value, headers } of await readTopic(source.client, name))
      yield { kind: 'record', topic, partition, key, value, headers: singles(headers) };
  }
}

/** The checkpoint first, then the entries in their order, so that its root can be computed in passing; then what follows from them. */
async function* logOf(folder: string): AsyncGenerator<Entry> {
  const note = await read(join(folder, 'checkpoint'));
  if (note === undefined) return; // a ledger that has never published
  yield { kind: 'file', path: 'log/checkpoint', content: note };
  const checkpoint = readCheckpointText(readNote(note.toString('utf8'))?.text ?? '');
  if (checkpoint === undefined) throw new CliError(EXIT.no, `${join(folder, 'checkpoint')} is no checkpoint.`);
  for (let index = 0; index * TILE_WIDTH < checkpoint.size; index += 1) {
    const width = tileWidth(0, index, checkpoint.size);
    // A partial bundle goes as soon as the full one is there.
    const paths = [...new Set([bundlePath(index, width), bundlePath(index, TILE_WIDTH)])];
    for (const path of paths) {
      const content = await read(join(folder, path));
      if (content === undefined) continue;
      yield { kind: 'file', path: `log/${path}`, content };
      break;
    }
  }
  yield* filesOf(
    'log',
    folder,
    (path) => path !== 'checkpoint' && readTilePath(path)?.level !== 'entries' && !path.endsWith('.tmp') && !path.startsWith('.'),
  );
}

async function* filesOf(name: string, folder: string, wanted: (path: string) => boolean): AsyncGenerator<Entry> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = all.filter((one) => one.isFile()).map((one) => relative(folder, join(one.parentPath, one.name)));
  for (const path of paths.filter(wanted).sort()) {
    const content = await read(join(folder, path));
    if (content !== undefined) yield { kind: 'file', path: `${name}/${path}`, content };
  }
}

/** Undefined where the file is gone meanwhile. */
async function read(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Our own topics have no header twice. */
function singles(headers: HeaderBytes): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]): [string, Buffer][] => (Buffer.isBuffer(value) ? [[name, value]] : [])),
  );
}
