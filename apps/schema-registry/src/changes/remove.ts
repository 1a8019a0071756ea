import type { OutgoingRecord } from '#record';
import type { StoredSchema } from '#schema';
import { RegistryError } from '../registry-error.js';
import { refuseByMode } from '../steps/mode.js';
import type { Store } from '../store/store.js';
import { contextOf, isRecordType } from '../subject-name.js';

/** Who removes, and whether for good. */
export interface RemoveOptions {
  readonly permanent: boolean;
  readonly by: string;
  readonly reason?: string;
}

/**
 * Deletes a subject's versions: softly (hidden, readable by id, retired on the road) or, after that, for good. Gives their numbers.
 * Throws 40401, 40404, 40405, 42205 and 42206.
 */
export async function removeSubject(store: Store, subject: string, options: RemoveOptions): Promise<number[]> {
  return store.submit({
    decide: () => {
      const { catalogue } = store;
      refuseByMode(store.scopes, subject);
      const all = catalogue.versions(subject, { deleted: true });
      const live = catalogue.versions(subject);
      if (all.length === 0) throw new RegistryError(40401, `Subject '${subject}' not found.`);
      if (!options.permanent && live.length === 0)
        throw new RegistryError(40404, `Subject '${subject}' was soft deleted. Set permanent=true to delete it permanently.`);
      if (options.permanent && live.length > 0)
        throw new RegistryError(40405, `Subject '${subject}' was not deleted first before being permanently deleted.`);
      const gone = options.permanent ? all : live;
      return { records: recordsOf(store, subject, gone, options), result: gone.map(({ version }) => version) };
    },
  });
}

/** The same for one version. Throws 40401, 40402, 40406, 40407, 42205 and 42206. */
export async function removeVersion(
  store: Store,
  subject: string,
  which: number | 'latest',
  options: RemoveOptions,
): Promise<number> {
  return store.submit({
    decide: () => {
      const { catalogue } = store;
      refuseByMode(store.scopes, subject);
      const all = catalogue.versions(subject, { deleted: true });
      if (all.length === 0) throw new RegistryError(40401, `Subject '${subject}' not found.`);
      const stored = which === 'latest' ? catalogue.versions(subject).at(-1) : all.find(({ version }) => version === which);
      if (stored === undefined) throw new RegistryError(40402, `Version ${which} not found.`);
      const { version } = stored;
      if (!options.permanent && stored.deleted)
        throw new RegistryError(
          40406,
          `Subject '${subject}' version ${version} was soft deleted. Set permanent=true to delete it permanently.`,
        );
      if (options.permanent && !stored.deleted)
        throw new RegistryError(
          40407,
          `Subject '${subject}' version ${version} was not deleted first before being permanently deleted.`,
        );
      return { records: recordsOf(store, subject, [stored], options), result: version };
    },
  });
}

function recordsOf(store: Store, subject: string, gone: readonly StoredSchema[], options: RemoveOptions): OutgoingRecord[] {
  const { permanent, by, reason } = options;
  for (const stored of gone) refuseReferenced(store, stored, gone, permanent);
  const records = gone.map((stored) => (permanent ? store.goneRecord(stored) : store.schemaRecord({ ...stored, deleted: true })));
  if (permanent) records.push(...keptNumbers(store, subject, gone));
  const action = permanent ? 'delete for good' : 'delete';
  const because = reason === undefined ? {} : { reason };
  return [
    ...records,
    ...gone.map(({ version, id, digest }) => store.auditRecord({ by, action, subject, version, id, digest, ...because })),
  ];
}

function refuseReferenced(
  store: Store,
  { subject, version }: StoredSchema,
  gone: readonly StoredSchema[],
  permanent: boolean,
): void {
  const others = store.catalogue
    .referring(subject, version)
    .filter((other) => !gone.includes(other) && (permanent || !other.deleted));
  if (others.length === 0) return;
  const names = others.slice(0, 5).map((other) => `${other.subject} version ${other.version}`);
  throw new RegistryError(42206, `${subject} version ${version} is referenced by ${names.join(', ')}.`);
}

/** An id is never given twice, and the number of a record type's version neither: what goes for good leaves its number here. */
function keptNumbers(store: Store, subject: string, gone: readonly StoredSchema[]): OutgoingRecord[] {
  const context = contextOf(subject);
  const records = [store.scopeRecord('counter', context, { id: store.lastId(context) })];
  if (!isRecordType(subject)) return records;
  const version = Math.max(Number(store.scopes.own('last', subject)?.version ?? 0), ...gone.map((stored) => stored.version));
  return [...records, store.scopeRecord('last', subject, { version })];
}
