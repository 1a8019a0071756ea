import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { recordType } from '#record';
import { khidi } from './khidi.js';
import { ROOT } from './root.js';

/** A schema file and the record type whose version it is. */
export interface SchemaFile {
  readonly subject: string;
  readonly file: string;
}

const NAME = /^(\d+)\.(\d+)\.json$/;

/** The schemas of the project, `schemas/<registry>/<record>/<major>.<minor>.json`, each record type's versions in order. */
export function schemaFiles(folder = join(ROOT, 'schemas')): readonly SchemaFile[] {
  return foldersIn(folder).flatMap((registry) =>
    foldersIn(join(folder, registry)).flatMap((record) => {
      const subject = recordType(`${registry}.${record}`);
      if (subject === undefined) return [];
      return readdirSync(join(folder, registry, record))
        .filter((name) => NAME.test(name))
        .sort(byVersion)
        .map((name) => ({ subject, file: join(folder, registry, record, name) }));
    }),
  );
}

function byVersion(a: string, b: string): number {
  const [, majorA = '', minorA = ''] = NAME.exec(a) ?? [];
  const [, majorB = '', minorB = ''] = NAME.exec(b) ?? [];
  return Number(majorA) - Number(majorB) || Number(minorA) - Number(minorB);
}

const foldersIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
    : [];

/** So many record types are registered at a time: each takes a process of its own. */
const AT_ONCE = 3;

/**
 * Registers them all, the versions of one record type one after the other; one that is registered already is only looked up. Gives
 * how many there are.
 */
export async function registerSchemas(folder: string, tell: (line: string) => void): Promise<number> {
  const files = schemaFiles();
  const waiting = [...new Set(files.map(({ subject }) => subject))];
  const work = async (): Promise<void> => {
    for (let subject = waiting.shift(); subject !== undefined; subject = waiting.shift())
      for (const { file } of files.filter((one) => one.subject === subject)) {
        const { stdout } = await khidi(folder, ['schema', 'register', file, '--subject', subject]);
        tell(stdout.trim());
      }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return files.length;
}
