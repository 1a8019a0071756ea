import type { StoredSchema } from '#schema';
import type { Registry } from '../registry.js';
import { RegistryError } from '../registry-error.js';
import type { Which } from '../store/catalogue.js';
import { contextOf, contextScope, DEFAULT_CONTEXT, scopeName, subjectName } from '../subject-name.js';

/** The subject that a path names; where its configuration has an alias, that. Throws 42208. */
export function subjectOf({ store }: Registry, raw: string): string {
  const subject = subjectName(raw);
  const alias = store.scopes.own('config', subject)?.alias;
  return typeof alias === 'string' && alias !== '' ? subjectName(alias) : subject;
}

/** The versions of a subject, oldest first. Throws 40401 where there is none. */
export function versionsOf({ store }: Registry, subject: string, which: Which = {}): StoredSchema[] {
  const versions = store.catalogue.versions(subject, which);
  if (versions.length === 0) throw new RegistryError(40401, `Subject '${subject}' not found.`);
  return versions;
}

/** One version. Throws 40401 and 40402. */
export function versionOf(registry: Registry, subject: string, which: number | 'latest', deleted = false): StoredSchema {
  const versions = versionsOf(registry, subject, { deleted });
  const found = which === 'latest' ? versions.at(-1) : versions.find(({ version }) => version === which);
  if (found === undefined) throw new RegistryError(40402, `Version ${which} not found.`);
  return found;
}

/**
 * All versions with an id: in the context of `subject` where that is given, in the default one otherwise. A plain subject that does not
 * know the id in the default context is looked for in the others, as Confluent's clients expect. Throws 40403.
 */
export function byId({ store }: Registry, id: string, subject: string | undefined): StoredSchema[] {
  const number = /^[1-9][0-9]{0,9}$/.test(id) ? Number(id) : 0;
  const scope = subject === undefined || subject === '' ? '' : scopeName(subject);
  const found = store.catalogue.byId(contextOf(scope), number);
  if (found.length > 0 || scope === '' || scope.startsWith(':')) return orUnknown(found, id);
  for (const context of store.catalogue.contexts()) {
    const there = store.catalogue.byId(context, number).filter((stored) => stored.subject === `${contextScope(context)}${scope}`);
    if (there.length > 0) return there;
  }
  return orUnknown([], id);
}

/** All versions with a GUID. Throws 40403. */
export function byGuid({ store }: Registry, guid: string): StoredSchema[] {
  return orUnknown(store.catalogue.byGuid(guid.toLowerCase()), guid);
}

/** Subjects whose full name begins with a prefix; `:*:` and what follows it looks into all contexts. */
export function hasPrefix(subject: string, prefix: string): boolean {
  if (prefix.startsWith(':*:')) return subject.replace(/^:[^:]*:/, '').startsWith(prefix.slice(3));
  const context = /^:([^:]*):(.*)$/s.exec(prefix);
  if (context === null) return contextOf(subject) === DEFAULT_CONTEXT && subject.startsWith(prefix);
  const [, name = '', rest = ''] = context;
  return subject.startsWith(`${contextScope(name === '' ? DEFAULT_CONTEXT : name)}${rest}`);
}

function orUnknown(found: StoredSchema[], name: string): StoredSchema[] {
  if (found.length === 0) throw new RegistryError(40403, `Schema ${name.slice(0, 60)} not found.`);
  return found;
}
