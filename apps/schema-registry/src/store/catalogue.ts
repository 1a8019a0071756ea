import { readStoredSchema, type StoredSchema, schemaGuid, schemaIdentity, schemaKey } from '#schema';
import { contextOf } from '../subject-name.js';

/** Which versions a question is about. */
export interface Which {
  /** Soft-deleted ones too. */
  readonly deleted?: boolean;
  readonly deletedOnly?: boolean;
}

/** The content of a schema and where it stands. */
interface Entry {
  readonly stored: StoredSchema;
  readonly identity: string;
}

/** Every schema version that stands in the topic, found by subject, id, GUID, content and reference. */
export class Catalogue {
  readonly #bySubject = new Map<string, Map<number, Entry>>();
  readonly #byId = new Map<string, Set<StoredSchema>>();
  readonly #ids = new Map<string, { id: number; of: number }>();
  readonly #byGuid = new Map<string, Set<StoredSchema>>();
  readonly #referring = new Map<string, Set<StoredSchema>>();
  readonly #lastId = new Map<string, number>();
  readonly #revisions = new Map<string, number>();
  #count = 0;

  /** How many versions there are, soft-deleted ones included. */
  get size(): number {
    return this.#count;
  }

  /** Takes one record of the topic; false where it is no schema version. */
  take(key: string, value: Buffer | undefined): boolean {
    const name = readKey(key);
    if (name === undefined) return false;
    const { subject, version } = name;
    const stored = value === undefined ? undefined : readStoredSchema(key, value);
    if (value !== undefined && stored === undefined) return false;
    const versions = this.#bySubject.get(subject) ?? new Map<number, Entry>();
    const before = versions.get(version);
    if (before !== undefined) this.#forget(before);
    versions.delete(version);
    if (stored !== undefined) {
      const entry = { stored, identity: schemaIdentity(stored) };
      versions.set(version, entry);
      this.#learn(entry);
    }
    if (versions.size === 0) this.#bySubject.delete(subject);
    else this.#bySubject.set(subject, versions);
    this.#count += (stored === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    this.#revisions.set(subject, this.revision(subject) + 1);
    return true;
  }

  /** Grows with every change of the subject. */
  revision(subject: string): number {
    return this.#revisions.get(subject) ?? 0;
  }

  /** The largest id of a context that a schema has or had, as far as schemas tell. */
  lastId(context: string): number {
    return this.#lastId.get(context) ?? 0;
  }

  contexts(): string[] {
    return [...new Set([...this.#bySubject.keys()].map(contextOf))].sort();
  }

  /** Subjects with such a version, in order. */
  subjects(which: Which = {}): string[] {
    return [...this.#bySubject.keys()].filter((subject) => this.versions(subject, which).length > 0).sort();
  }

  /** The versions of a subject, oldest first. */
  versions(subject: string, which: Which = {}): StoredSchema[] {
    const all = [...(this.#bySubject.get(subject)?.values() ?? [])].map(({ stored }) => stored);
    return all.filter((stored) => isMeant(stored, which)).sort((a, b) => a.version - b.version);
  }

  /** One version; soft-deleted ones only where `which` says so. */
  version(subject: string, version: number, which: Which = {}): StoredSchema | undefined {
    const stored = this.#bySubject.get(subject)?.get(version)?.stored;
    return stored !== undefined && isMeant(stored, which) ? stored : undefined;
  }

  /** All versions that carry an id in a context, soft-deleted ones last. */
  byId(context: string, id: number): StoredSchema[] {
    return inOrder(this.#byId.get(`${context} ${id}`));
  }

  /** All versions with a GUID, in every context. */
  byGuid(guid: string): StoredSchema[] {
    return inOrder(this.#byGuid.get(guid));
  }

  /** The id that this content has in a context. */
  idOf(context: string, identity: string): number | undefined {
    return this.#ids.get(`${context} ${identity}`)?.id;
  }

  /** The versions that refer to this one. */
  referring(subject: string, version: number): StoredSchema[] {
    return inOrder(this.#referring.get(schemaKey(subject, version)));
  }

  *all(): Generator<StoredSchema> {
    for (const versions of this.#bySubject.values()) for (const { stored } of versions.values()) yield stored;
  }

  #learn({ stored, identity }: Entry): void {
    const context = contextOf(stored.subject);
    add(this.#byId, `${context} ${stored.id}`, stored);
    add(this.#byGuid, schemaGuid(stored), stored);
    for (const { subject, version } of stored.references) add(this.#referring, schemaKey(subject, version), stored);
    const known = this.#ids.get(`${context} ${identity}`);
    this.#ids.set(`${context} ${identity}`, { id: known?.id ?? stored.id, of: (known?.of ?? 0) + 1 });
    this.#lastId.set(context, Math.max(this.lastId(context), stored.id));
  }

  #forget({ stored, identity }: Entry): void {
    const context = contextOf(stored.subject);
    remove(this.#byId, `${context} ${stored.id}`, stored);
    remove(this.#byGuid, schemaGuid(stored), stored);
    for (const { subject, version } of stored.references) remove(this.#referring, schemaKey(subject, version), stored);
    const known = this.#ids.get(`${context} ${identity}`);
    if (known === undefined || known.of <= 1) this.#ids.delete(`${context} ${identity}`);
    else this.#ids.set(`${context} ${identity}`, { id: known.id, of: known.of - 1 });
  }
}

function readKey(key: string): { subject: string; version: number } | undefined {
  if (!key.startsWith('["schema",')) return undefined;
  try {
    const [, subject, version] = JSON.parse(key) as unknown[];
    return typeof subject === 'string' && typeof version === 'number' ? { subject, version } : undefined;
  } catch {
    return undefined; // a foreign record, which the caller reports
  }
}

const isMeant = ({ deleted }: StoredSchema, which: Which): boolean =>
  which.deletedOnly === true ? deleted : !deleted || which.deleted === true;

function inOrder(found: ReadonlySet<StoredSchema> | undefined): StoredSchema[] {
  return [...(found ?? [])].sort(
    (a, b) =>
      Number(a.deleted) - Number(b.deleted) || (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : a.version - b.version),
  );
}

function add(map: Map<string, Set<StoredSchema>>, key: string, stored: StoredSchema): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([stored]));
  else known.add(stored);
}

function remove(map: Map<string, Set<StoredSchema>>, key: string, stored: StoredSchema): void {
  const known = map.get(key);
  known?.delete(stored);
  if (known?.size === 0) map.delete(key);
}
