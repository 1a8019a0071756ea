import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { recordType } from '#record';
import { callerSecretFile, type Instance } from '#settings';
import { Missing } from './missing.js';
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

/**
 * Registers them all, the record types side by side, the versions of one in their order; one that is registered already is only
 * looked up. By HTTP, since a `khidi schema register` for each would take a process each. Gives how many there are.
 */
export async function registerSchemas(instance: Instance, tell: (line: string) => void): Promise<number> {
  const files = schemaFiles();
  const registry = instance.services.find(({ kind }) => kind === 'schema-registry');
  if (registry === undefined) throw new Missing('The instance has no schema registry.');
  const secret = readFileSync(callerSecretFile(instance.secretsFolder, 'registry', 'operator'), 'utf8').trim();
  const authorization = `Basic ${Buffer.from(`operator:${secret}`).toString('base64')}`;
  const subjects = [...new Set(files.map(({ subject }) => subject))];
  await Promise.all(
    subjects.map(async (subject) => {
      for (const one of files.filter((other) => other.subject === subject))
        tell(`${subject} ${basename(one.file, '.json')} has id ${await registerSchema(registry.url, authorization, one)}`);
    }),
  );
  return files.length;
}

/** Registers one version and gives its id. Throws {@link Missing} where the registry refuses it. */
export async function registerSchema(registry: string, authorization: string, { subject, file }: SchemaFile): Promise<number> {
  const answer = await fetch(`${registry}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schemaType: 'JSON', schema: readFileSync(file, 'utf8') }),
  });
  const body = (await answer.json()) as { id?: number; message?: string };
  if (body.id === undefined) throw new Missing(`${file} was not registered (${answer.status}): ${body.message ?? ''}`);
  return body.id;
}
