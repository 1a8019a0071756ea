import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OutgoingRecord } from '#record';
import type { StreamClient, TopicPlan } from '#stream';
import { CliError, EXIT } from '../exit.js';
import { readTopic } from '../read-topic.js';
import { truths } from './collect.js';
import type { Entry } from './entry.js';
import { type Facts, FactsOf } from './facts.js';

/** Where a backup goes. Folders are by the first part of an entry's path. */
export interface Target {
  readonly client: StreamClient;
  readonly plan: TopicPlan;
  readonly folders: Readonly<Record<'keys' | 'log' | 'config', string>>;
}

const AT_ONCE = 500;

/**
 * Brings a backup into an empty place: makes the topics, writes their records, then the files. Ends the command, before anything is
 * written, where a folder or a topic that it would fill has something in it: nothing that exists is ever mixed with a backup.
 */
export async function restore(entries: Iterable<Entry>, target: Target): Promise<void> {
  await refuseFull(target);
  await target.client.admin.ensureTopics(target.plan);
  const known = new Set(target.plan.topics.map(({ name }) => name));
  const publisher = target.client.publisher();
  let waiting: OutgoingRecord[] = [];
  const flush = async () => {
    await publisher.publish(waiting);
    waiting = [];
  };
  try {
    for (const entry of entries) {
      if (entry.kind === 'file') {
        await writeOne(target, entry);
        continue;
      }
      if (!known.has(entry.topic))
        throw new CliError(EXIT.no, `${entry.topic} is not in the plan: restore with the topics file of the backup.`);
      const { topic, partition, key, value, headers } = entry;
      waiting.push({ topic, partition, key: key ?? '', value, headers });
      if (waiting.length >= AT_ONCE) await flush();
    }
    if (waiting.length > 0) await flush();
  } finally {
    await publisher.close();
  }
}

/** The facts of a place, read from its files and topics as they are now. */
export async function factsOfPlace(
  entries: AsyncIterable<Entry>,
): Promise<{ readonly facts: Facts; readonly flaw: string | undefined }> {
  const found = new FactsOf();
  for await (const entry of entries) found.take(entry);
  return { facts: found.facts(), flaw: found.flaw() };
}

async function refuseFull({ client, plan, folders }: Target): Promise<void> {
  for (const folder of [folders.keys, folders.log]) {
    const all = await readdir(folder).catch(noneWhereMissing);
    const names = all.filter((name) => !name.startsWith('.')); // a ledger that did not get further leaves its lock
    if (names.length > 0) throw new CliError(EXIT.no, `${folder} is not empty: a backup is restored into an empty place only.`);
  }
  for (const { name } of truths(plan)) {
    const records = await readTopic(client, name).catch(noneWhereMissing);
    if (records.length > 0)
      throw new CliError(EXIT.no, `The topic ${name} is not empty: a backup is restored into an empty place only.`);
  }
}

/** A folder or topic that does not exist yet is empty; whatever else cannot be read is not known to be. */
function noneWhereMissing(error: unknown): [] {
  const { code } = error as { readonly code?: unknown };
  if (code === 'ENOENT' || code === 'STREAM_TOPIC_MISSING') return [];
  throw error;
}

async function writeOne({ folders }: Target, { path, content }: Extract<Entry, { kind: 'file' }>): Promise<void> {
  const [folder = '', ...rest] = path.split('/');
  const base = folders[folder as keyof Target['folders']];
  const file = join(base, ...rest);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, content, { mode: folder === 'log' ? 0o644 : 0o600, flag: 'wx' });
}
