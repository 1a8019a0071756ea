import { readStoredSchema, type StoredSchema } from '#schema';
import type { Table } from '#stream';
import type { Logger } from '#telemetry';

/** Every schema version that stands in the topic, found by subject, by id and by content. Follows the topic by itself. */
export class Catalogue {
  readonly #bySubject = new Map<string, Map<number, StoredSchema>>();
  #lastId = 0;
  #count = 0;

  constructor(
    table: Pick<Table, 'entries' | 'onChange'>,
    private readonly log: Logger,
  ) {
    table.onChange((key, value) => this.#take(key, value));
    for (const [key, value] of table.entries()) this.#take(key, value);
  }

  /** How many versions there are. */
  get size(): number {
    return this.#count;
  }

  /** The id that a new schema gets. */
  get nextId(): number {
    return this.#lastId + 1;
  }

  /** Subjects that have a version, in order. */
  subjects(): string[] {
    return [...this.#bySubject.keys()].filter((subject) => this.versions(subject).length > 0).sort();
  }

  /** The versions of a subject that are in force, oldest first. */
  versions(subject: string): StoredSchema[] {
    return [...(this.#bySubject.get(subject)?.values() ?? [])].filter(inForce).sort((a, b) => a.version - b.version);
  }

  /** One version in force; undefined where there is none. */
  version(subject: string, version: number): StoredSchema | undefined {
    const found = this.#bySubject.get(subject)?.get(version);
    return found !== undefined && inForce(found) ? found : undefined;
  }

  /** The number that the subject's next version gets; numbers of retired versions are not given again. */
  nextVersion(subject: string): number {
    return Math.max(0, ...(this.#bySubject.get(subject)?.keys() ?? [])) + 1;
  }

  /** All versions that carry an id, by subject. A retired one can still be read by its id. */
  byId(id: number): StoredSchema[] {
    return [...this.#all()].filter((stored) => stored.id === id).sort((a, b) => (a.subject < b.subject ? -1 : 1));
  }

  /** The id that this content already has under any subject. */
  idOf(digest: string, text: string): number | undefined {
    for (const stored of this.#all()) if (stored.digest === digest && stored.schema === text) return stored.id;
    return undefined;
  }

  *#all(): Generator<StoredSchema> {
    for (const versions of this.#bySubject.values()) yield* versions.values();
  }

  #take(key: string, value: Buffer | undefined): void {
    if (value === undefined) return; // versions are retired, never removed
    const stored = readStoredSchema(key, value);
    if (stored === undefined) {
      this.log.error('foreign record on the schemas topic', { bytes: value.length });
      return;
    }
    const versions = this.#bySubject.get(stored.subject) ?? new Map<number, StoredSchema>();
    if (!versions.has(stored.version)) this.#count += 1;
    versions.set(stored.version, stored);
    this.#bySubject.set(stored.subject, versions);
    this.#lastId = Math.max(this.#lastId, stored.id);
  }
}

const inForce = (stored: StoredSchema): boolean => !stored.deleted;
