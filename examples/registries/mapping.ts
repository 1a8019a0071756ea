import { readFileSync } from 'node:fs';
import jsonata from 'jsonata';
import type { JsonObject, JsonValue } from '#canonical';
import type { Op, RecordType } from '#record';
import { inProject } from './project-root.js';

/** One row of a CSV file: the cells by the names of their columns. */
export type Row = Readonly<Record<string, string>>;

/** A mapping file as the agency adapter reads it, ready to be applied. */
export interface RowMapping {
  readonly recordType: RecordType;
  readonly op: Op;
  /** The record that a row means; a field whose expression gives nothing is left out. */
  apply(row: Row): Promise<JsonObject>;
}

interface MappingFile {
  readonly recordType: RecordType;
  readonly op: Op;
  readonly record: Readonly<Record<string, string>>;
}

/** Reads `examples/registries/mappings/<name>.json`. */
export function readMapping(name: string): RowMapping {
  const file = inProject('examples', 'registries', 'mappings', `${name}.json`);
  const { recordType, op, record } = JSON.parse(readFileSync(file, 'utf8')) as MappingFile;
  const fields = Object.entries(record).map(([field, expression]) => [field, jsonata(expression)] as const);
  return {
    recordType,
    op,
    async apply(row) {
      const found: [string, JsonValue][] = [];
      for (const [field, expression] of fields) {
        const value: unknown = await expression.evaluate(row);
        // Lists of JSONata carry marks of their own; as text they are plain.
        if (value !== undefined) found.push([field, JSON.parse(JSON.stringify(value)) as JsonValue]);
      }
      return Object.fromEntries(found);
    },
  };
}
