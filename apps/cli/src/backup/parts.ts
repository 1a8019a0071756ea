import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { sha256Base64url } from '#canonical';
import { createSealedFile, openSealedFile, type Secret } from '#settings';
import { CliError, EXIT } from '../exit.js';
import { type Entry, readEntry, writeEntry } from './entry.js';
import { type Facts, FactsOf } from './facts.js';

const PART_BYTES = 16 * 1024 * 1024;
const MANIFEST = 'manifest';

const manifest = z.strictObject({
  khidi: z.literal('backup'),
  version: z.literal(1),
  made: z.iso.datetime(),
  parts: z.array(z.strictObject({ name: z.string().regex(/^part-\d{6}$/), sha256: z.string() })),
  facts: z.strictObject({
    schemas: z.int().min(0),
    keys: z.record(z.string(), z.string()),
    log: z.strictObject({ origin: z.string(), size: z.int().min(0), root: z.string() }).optional(),
    files: z.int().min(0),
    records: z.int().min(0),
  }),
});

/**
 * Writes entries to a new folder as sealed files of about 16 MiB (scrypt, AES-256-GCM, see `createSealedFile`) and, last, the
 * manifest that names each part by its digest: a backup without its manifest is none. Ends the command where the folder is there.
 */
export async function writeParts(folder: string, entries: AsyncIterable<Entry>, passphrase: Secret, now: Date): Promise<Facts> {
  if (existsSync(folder)) throw new CliError(EXIT.usage, `${folder} is there already.`);
  const parts: { name: string; sha256: string }[] = [];
  const facts = new FactsOf();
  let lines: string[] = [];
  let size = 0;
  const close = () => {
    const content = Buffer.from(lines.join('\n'));
    const name = `part-${String(parts.length).padStart(6, '0')}`;
    createSealedFile(join(folder, name), content, passphrase);
    parts.push({ name, sha256: sha256Base64url(content) });
    lines = [];
    size = 0;
  };
  for await (const entry of entries) {
    const line = writeEntry(entry);
    if (size > 0 && size + line.length > PART_BYTES) close();
    lines.push(line);
    size += line.length;
    facts.take(entry);
  }
  if (lines.length > 0) close();
  const flaw = facts.flaw();
  if (flaw !== undefined) throw new CliError(EXIT.no, `The log cannot be backed up: ${flaw}.`);
  const text = JSON.stringify({ khidi: 'backup', version: 1, made: now.toISOString(), parts, facts: facts.facts() });
  createSealedFile(join(folder, MANIFEST), Buffer.from(text), passphrase);
  return facts.facts();
}

/** What a backup holds, entry by entry, and when it was made. */
export interface OpenedBackup {
  readonly made: string;
  readonly facts: Facts;
  entries(): Generator<Entry>;
}

/**
 * Opens a backup. Throws KEY_FILE_UNREADABLE for a wrong passphrase or a changed file; ends the command where a part is missing or
 * another than the manifest names.
 */
export function openParts(folder: string, passphrase: Secret): OpenedBackup {
  const read = manifest.safeParse(JSON.parse(openSealedFile(join(folder, MANIFEST), passphrase).toString('utf8')));
  if (!read.success) throw new CliError(EXIT.no, `${folder} is no backup of version 1.`);
  const { made, parts, facts } = read.data;
  function* entries(): Generator<Entry> {
    for (const { name, sha256 } of parts) {
      const content = openSealedFile(join(folder, name), passphrase);
      if (sha256Base64url(content) !== sha256) throw new CliError(EXIT.no, `${name} belongs to another backup.`);
      for (const line of content.toString('utf8').split('\n')) {
        const entry = readEntry(line);
        if (entry === undefined) throw new CliError(EXIT.no, `${name} holds something that is no entry.`);
        yield entry;
      }
    }
  }
  const { log, ...others } = facts;
  return { made, facts: log === undefined ? others : { ...others, log }, entries };
}

/** Reads all of a backup and compares what it holds with what its manifest says. Ends the command where they differ. */
export function verifyParts({ facts, entries }: OpenedBackup): Facts {
  const found = new FactsOf();
  for (const entry of entries()) found.take(entry);
  const flaw = found.flaw();
  if (flaw !== undefined) throw new CliError(EXIT.no, `The log of this backup does not hold: ${flaw}.`);
  if (!isDeepStrictEqual(found.facts(), facts)) throw new CliError(EXIT.no, 'The backup does not hold what its manifest says.');
  return facts;
}
