import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RecordType, recordType } from '#record';
import {
  compileDocumentSchema,
  compileSchema,
  type Judgement,
  judgeDocument,
  judgeRecord,
  type Reference,
  type SchemaRefusal,
} from '#schema';
import { CliError, EXIT } from './exit.js';
import { readInput } from './fetch.js';

/** Judges the bytes of one document; of a record type also those of a withdrawal. */
export type Judge = (bytes: Buffer, isWithdrawal?: boolean) => Judgement;

/** The options that say which schema is meant. */
export interface SchemaChoice {
  readonly type?: string;
  readonly schemaVersion?: string;
  readonly schema?: readonly string[];
  readonly withdrawn?: boolean;
}

/** A schema with what it refers to, and the judge that it makes. */
export interface ReadSchema {
  /** Its record type or the name of its file. */
  readonly name: string;
  readonly text: string;
  readonly references: readonly Reference[];
  readonly judge: Judge;
}

/**
 * Reads and compiles one schema. A schema with `x-khidi` judges records as the road does; another one judges documents. Ends the
 * command where the choice is not clear, a file cannot be read, or the schema cannot be compiled.
 */
export async function readSchema(choice: SchemaChoice): Promise<ReadSchema> {
  const [file, ...others] = schemaFilesOf(choice);
  const text = await textOf(file);
  const references = await Promise.all(others.map(async (one) => ({ name: basename(one), text: await textOf(one) })));
  const name = choice.type ?? basename(file, '.json');
  const judge = judgeOf(file, text, references);
  if (choice.withdrawn !== true) return { name, text, references, judge };
  if (!declares(text)) throw usage('--withdrawn is for schemas of record types, which carry x-khidi.');
  return { name, text, references, judge: (bytes) => judge(bytes, true) };
}

/** The judge that a schema makes. Ends the command where it cannot be compiled. */
export function judgeOf(file: string, text: string, references: readonly Reference[]): Judge {
  if (!declares(text)) {
    const { schema } = usable(file, compileDocumentSchema(text, references));
    return (bytes) => judgeDocument(bytes, schema);
  }
  const { schema } = usable(file, compileSchema(text, references));
  const record = {
    verdict: schema.verdict.bind(schema),
    identifierOf: schema.identifierOf.bind(schema),
    identifier: schema.annotations.identifier,
  };
  return (bytes, isWithdrawal = false) => judgeRecord(bytes, record, isWithdrawal);
}

/** The files that a choice names: the schema, then those that it refers to. */
function schemaFilesOf({ type, schemaVersion: version, schema = [] }: SchemaChoice): readonly [string, ...string[]] {
  const [first, ...more] = schema;
  if ((type === undefined) === (first === undefined)) throw usage('Name either --type or --schema.');
  if (first !== undefined && version !== undefined) throw usage('--schema-version goes with --type.');
  if (first !== undefined) return [first, ...more];
  const known = recordType(type ?? '');
  if (known === undefined) throw usage('--type is a record type like population.person.');
  return [fileOf(known, version)];
}

/** Of the schemas of the project, `schemas/<registry>/<record>/<major>.<minor>.json`, the latest or the one that is named. */
function fileOf(type: RecordType, version: string | undefined): string {
  const root = [...above(process.cwd()), ...above(dirname(fileURLToPath(import.meta.url)))].find((folder) =>
    existsSync(join(folder, 'schemas', ...type.split('.'))),
  );
  if (root === undefined) throw usage(`There is no folder schemas/${type.replace('.', '/')} here or in a folder above.`);
  const folder = join(root, 'schemas', ...type.split('.'));
  const versions = readdirSync(folder)
    .flatMap((name) => /^(\d+\.\d+)\.json$/.exec(name)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const chosen = version === undefined ? versions.at(-1) : versions.find((one) => one === version);
  if (chosen === undefined) throw usage(`${type} has the versions ${versions.join(', ')}, and no ${version ?? 'other'}.`);
  return join(folder, `${chosen}.json`);
}

function above(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

async function textOf(file: string): Promise<string> {
  return (await readInput(file)).toString('utf8');
}

/** Whether the root of a schema says that it describes a record type. What is no JSON is left for the compiler to refuse. */
export function declares(text: string): boolean {
  try {
    const root: unknown = JSON.parse(text);
    return typeof root === 'object' && root !== null && Object.hasOwn(root, 'x-khidi');
  } catch {
    return false;
  }
}

function usable<T extends { readonly ok: true }>(file: string, result: T | SchemaRefusal): T {
  if (result.ok) return result;
  throw usage(`${file} cannot be used (${result.faults[0]?.code ?? 'SCHEMA_INVALID'}): ${result.detail}`);
}

const usage = (sentence: string) => new CliError(EXIT.usage, sentence);
