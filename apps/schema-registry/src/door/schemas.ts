import type { StoredSchema } from '#schema';
import { RegistryError } from '../registry-error.js';
import { findTags } from '../steps/tags.js';
import { contextOf, subjectName } from '../subject-name.js';
import { schemaBody, versionBody } from './answers.js';
import type { Call } from './call.js';
import { byGuid, byId, hasPrefix } from './find.js';
import { type Route, reads, textReply } from './route.js';
import { refuseFormat } from './subjects.js';

const ALL = ':*:';

/** Look up by id and GUID, and list. */
export const SCHEMA_ROUTES: readonly Route[] = [
  reads('/schemas', ({ store }, call) => {
    const sent = call.text('subjectPrefix');
    const prefix = sent === undefined || sent === '' ? ALL : sent;
    const which = { deleted: call.flag('deleted') };
    const aliases = call.flag('aliases');
    const ruleType = call.text('ruleType');
    const subjects = store.catalogue.subjects(which).filter((subject) => hasPrefix(subject, prefix));
    const found = subjects.flatMap((subject) => {
      const versions = store.catalogue.versions(subject, which);
      return call.flag('latestOnly') ? versions.slice(-1) : versions;
    });
    const named = aliases
      ? [...found, ...aliased(store.scopes.scopes('config', ''), found, (one) => store.scopes.own('config', one)?.alias)]
      : found;
    return { body: call.page(named.filter((one) => ruleType === undefined || hasRule(one, ruleType))).map(versionBody) };
  }),

  reads('/schemas/types', () => ({ body: ['JSON'] }), 'own'),

  reads(
    '/schemas/ids/*',
    (registry, call) => {
      refuseFormat(call.text('format'));
      const [first] = byId(registry, call.path(2), call.text('subject'));
      if (first === undefined) throw new RegistryError(40403, 'Schema not found.');
      const tags = call.all('findTags');
      const maxId = call.flag('fetchMaxId') ? { maxId: registry.store.lastId(contextOf(first.subject)) } : {};
      return {
        body: { ...schemaBody(first), ...maxId, ...(tags.length === 0 ? {} : { schemaTags: findTags(first.schema, tags) }) },
      };
    },
    'lasting',
  ),

  reads(
    '/schemas/ids/*/schema',
    (registry, call) => {
      refuseFormat(call.text('format'));
      return textReply(byId(registry, call.path(2), call.text('subject'))[0]?.schema ?? '');
    },
    'lasting',
  ),

  reads('/schemas/ids/*/subjects', (registry, call) => {
    const found = byId(registry, call.path(2), call.text('subject')).filter(inView(call));
    return { body: call.page([...new Set(found.map(({ subject }) => subject))]) };
  }),

  reads('/schemas/ids/*/versions', (registry, call) => {
    const found = byId(registry, call.path(2), call.text('subject')).filter(inView(call));
    return { body: call.page(found.map(({ subject, version }) => ({ subject, version }))) };
  }),

  reads(
    '/schemas/guids/*',
    (registry, call) => {
      refuseFormat(call.text('format'));
      const [first] = byGuid(registry, call.path(2));
      if (first === undefined) throw new RegistryError(40403, 'Schema not found.');
      return { body: schemaBody(first) };
    },
    'lasting',
  ),

  reads('/schemas/guids/*/ids', (registry, call) => {
    const found = new Map(byGuid(registry, call.path(2)).map(({ subject, id }) => [contextOf(subject), id]));
    return { body: [...found].map(([context, id]) => ({ context, id })) };
  }),
];

const inView =
  (call: Call) =>
  ({ deleted, subject }: StoredSchema): boolean => {
    const wanted = call.text('subject');
    const isNamed = wanted === undefined || wanted === '' || wanted.endsWith(':') || subjectName(wanted) === subject;
    return isNamed && (!deleted || call.flag('deleted'));
  };

/** The versions of a subject under each name that is an alias of it. */
function aliased(
  subjects: readonly string[],
  found: readonly StoredSchema[],
  aliasOf: (subject: string) => unknown,
): StoredSchema[] {
  return subjects.flatMap((subject) => {
    const alias = aliasOf(subject);
    return found.filter((one) => one.subject === alias).map((one) => ({ ...one, subject }));
  });
}

function hasRule({ ruleSet }: StoredSchema, type: string): boolean {
  const rules = Object.values(ruleSet ?? {}).flatMap((list) => (Array.isArray(list) ? (list as { type?: unknown }[]) : []));
  return rules.some((rule) => rule.type === type);
}
