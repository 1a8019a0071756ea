import type { RecordType } from '#record';
import { readStoredSchema, type StoredSchema, schemaGuid } from '#schema';
import type { SchemaName } from '../steps/ingress-topics.js';
import { guidName, idName } from '../steps/schema-id.js';
import type { SchemaId } from '../steps/sent-event.js';

interface Known {
  readonly subject: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly names: readonly SchemaId[];
}

/** Which versions have which id and GUID, followed record by record. Ids of contexts other than the default one mean nothing here. */
export class SchemaIds {
  readonly #versions = new Map<string, Known>();
  readonly #byName = new Map<SchemaId, Set<string>>();

  /** Takes one record of the topic. */
  take(key: string, value: Buffer | undefined): void {
    const before = this.#versions.get(key);
    if (before !== undefined) for (const name of before.names) this.#byName.get(name)?.delete(key);
    this.#versions.delete(key);
    const stored = value === undefined ? undefined : readStoredSchema(key, value);
    if (stored === undefined || stored.subject.startsWith(':')) return;
    const names = namesOf(stored);
    this.#versions.set(key, { subject: stored.subject, version: stored.version, deleted: stored.deleted, names });
    for (const name of names) this.#byName.set(name, (this.#byName.get(name) ?? new Set()).add(key));
  }

  /** See {@link Schemas.named}: a version in force goes before a retired one, a newer before an older. */
  named(schemaId: SchemaId, type: RecordType, preferred?: number): SchemaName | 'foreign' | 'unknown' {
    const keys = [...(this.#byName.get(schemaId) ?? [])];
    if (keys.length === 0) return 'unknown';
    const versions = keys.map((key) => this.#versions.get(key)).filter((stored) => stored?.subject === type);
    const [best] = versions
      .filter((stored) => stored !== undefined)
      .sort(
        (a, b) =>
          Number(b.version === preferred) - Number(a.version === preferred) ||
          Number(a.deleted) - Number(b.deleted) ||
          b.version - a.version,
      );
    return best === undefined ? 'foreign' : { subject: type, version: best.version };
  }
}

const namesOf = (stored: StoredSchema): SchemaId[] => [idName(stored.id), guidName(schemaGuid(stored))];
