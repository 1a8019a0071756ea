import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonValue, parseStrict } from '#canonical';
import type { FaultReport } from '#faults';
import { type RecordType, recordType } from '#record';
import { inProject } from './project-root.js';
import { schemaFolder } from './project-schema.js';

/** A record that a schema must refuse, and each fault that it must be told; a violation where no code is named. */
export interface InvalidExample {
  readonly record: JsonValue;
  readonly expect: readonly (Partial<FaultReport> & { readonly pointer: string; readonly rule: string })[];
}

/** One record type of the project: its versions in order, and its examples by the name of their file. */
export interface BaseRegistry {
  readonly type: RecordType;
  readonly versions: readonly string[];
  /** Accepted by every version. */
  readonly valid: ReadonlyMap<string, JsonValue>;
  /** Accepted from a version on, and refused by those before. */
  readonly since: ReadonlyMap<string, ReadonlyMap<string, JsonValue>>;
  /** Refused by every version; told exactly this by the latest. */
  readonly invalid: ReadonlyMap<string, InvalidExample>;
}

/** Every record type in `schemas/`, with its examples. */
export function baseRegistries(): readonly BaseRegistry[] {
  const root = inProject('schemas');
  return foldersIn(root).flatMap((registry) =>
    foldersIn(join(root, registry)).flatMap((record) => {
      const type = recordType(`${registry}.${record}`);
      return type === undefined ? [] : [baseRegistry(type)];
    }),
  );
}

function baseRegistry(type: RecordType): BaseRegistry {
  const folder = schemaFolder(type);
  const versions = readdirSync(folder)
    .flatMap((name) => /^(\d+\.\d+)\.json$/.exec(name)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const since = new Map(
    versions.flatMap((version) => {
      const found = examplesIn<JsonValue>(join(folder, 'examples', `valid-since-${version}`));
      return found.size === 0 ? [] : [[version, found] as const];
    }),
  );
  return {
    type,
    versions,
    valid: examplesIn(join(folder, 'examples', 'valid')),
    since,
    invalid: examplesIn(join(folder, 'examples', 'invalid')),
  };
}

function examplesIn<T>(folder: string): ReadonlyMap<string, T> {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return new Map(
    names.map((name) => {
      const read = parseStrict(readFileSync(join(folder, name)));
      if (!read.ok) throw new Error(`${folder}/${name}: ${read.code}`);
      return [name, read.value as T];
    }),
  );
}

const foldersIn = (folder: string) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
