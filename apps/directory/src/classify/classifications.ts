import type { Configuration } from '#policy';
import { recordType } from '#record';
import { readStoredSchema } from '#schema';
import type { Table } from '#stream';
import { classify, type SchemaClasses, strictest } from './classify.js';

/**
 * How each record type is classed by the versions of its schema that are in force, as the registry's topic has them. A type without
 * a version that says so is not in it, and then nothing of it leaves.
 */
export class Classifications {
  /** By record type, then by key. */
  readonly #known = new Map<string, Map<string, SchemaClasses>>();

  /** To be made before the table is started, so that nothing is missed. */
  constructor(table: Pick<Table, 'entries' | 'onChange'>) {
    table.onChange((key, value) => this.#take(key, value));
    for (const [key, value] of table.entries()) this.#take(key, value);
  }

  /** In order of their names. */
  current(): Configuration['classifications'] {
    const types = [...this.#known].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(types.flatMap(([type, versions]) => entry(type, strictest([...versions.values()]))));
  }

  #take(key: string, value: Buffer | undefined): void {
    for (const versions of this.#known.values()) versions.delete(key);
    const stored = value === undefined ? undefined : readStoredSchema(key, value);
    if (stored === undefined || stored.deleted || recordType(stored.subject) === undefined) return;
    const classes = classify(parsed(stored.schema));
    if (classes === undefined) return;
    const versions = this.#known.get(stored.subject) ?? new Map<string, SchemaClasses>();
    this.#known.set(stored.subject, versions.set(key, classes));
  }
}

const entry = (type: string, classes: SchemaClasses | undefined): [string, SchemaClasses][] =>
  classes === undefined ? [] : [[type, classes]];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the registry stores JSON only; what is none classes nothing
  }
}
