import { readFileSync } from 'node:fs';
import type { RecordType } from '#record';
import { type CompiledSchema, compileSchema } from '#schema';
import { inProject } from './project-root.js';

/** The folder of a record type's schema and its examples. */
export function schemaFolder(type: RecordType): string {
  return inProject('schemas', ...type.split('.'));
}

/** The schema of a record type as it stands in the project, by its file version. Throws where it cannot be compiled. */
export function projectSchema(type: RecordType, version = '1.0'): CompiledSchema {
  const result = compileSchema(readFileSync(`${schemaFolder(type)}/${version}.json`, 'utf8'));
  if (!result.ok) throw new Error(`${type} ${version}: ${result.detail}`);
  return result.schema;
}
