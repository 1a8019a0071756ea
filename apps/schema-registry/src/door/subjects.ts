import { type RemoveOptions, removeSubject, removeVersion } from '../changes/remove.js';
import type { Registry } from '../registry.js';
import { RegistryError } from '../registry-error.js';
import { readTagRequest } from '../steps/register-request.js';
import { sourceOf } from '../steps/resolve-references.js';
import { schemaBody, versionBody } from './answers.js';
import { type Call, readVersion } from './call.js';
import { hasPrefix, subjectOf, versionOf, versionsOf } from './find.js';
import { asks, changes, ensures, type Route, reads, textReply } from './route.js';

const ALL = ':*:';

/** Register, look up, list and delete by subject. */
export const SUBJECT_ROUTES: readonly Route[] = [
  reads('/subjects', ({ store }, call) => {
    const prefix = call.text('subjectPrefix') ?? ALL;
    const which = { deleted: call.flag('deleted'), deletedOnly: call.flag('deletedOnly') };
    return {
      body: call.page(store.catalogue.subjects(which).filter((subject) => hasPrefix(subject, prefix === '' ? ALL : prefix))),
    };
  }),

  reads('/subjects/*/versions', (registry, call) => {
    const which = { deleted: call.flag('deleted'), deletedOnly: call.flag('deletedOnly') };
    return { body: call.page(versionsOf(registry, subjectOf(registry, call.path(1)), which).map(({ version }) => version)) };
  }),

  reads('/subjects/*/versions/*', (registry, call) => {
    refuseFormat(call.text('format'));
    return {
      body: versionBody(versionOf(registry, subjectOf(registry, call.path(1)), readVersion(call.path(3)), call.flag('deleted'))),
    };
  }),

  reads('/subjects/*/versions/*/schema', (registry, call) => {
    refuseFormat(call.text('format'));
    return textReply(
      versionOf(registry, subjectOf(registry, call.path(1)), readVersion(call.path(3)), call.flag('deleted')).schema,
    );
  }),

  reads('/subjects/*/versions/*/lint', async (registry, call) => {
    const version = versionOf(registry, subjectOf(registry, call.path(1)), readVersion(call.path(3)), call.flag('deleted'));
    return { body: await registry.lintReports.of(sourceOf(registry.store.catalogue, version)) };
  }),

  reads('/subjects/*/versions/*/referencedby', (registry, call) => {
    const { subject, version } = versionOf(registry, subjectOf(registry, call.path(1)), readVersion(call.path(3)), true);
    const others = registry.store.catalogue.referring(subject, version).filter((one) => !one.deleted || call.flag('deleted'));
    return { body: call.page([...new Set(others.map(({ id }) => id))].sort((a, b) => a - b)) };
  }),

  reads('/subjects/*/metadata', (registry, call) => {
    const names = call.all('key');
    const values = call.all('value');
    if (names.length !== values.length) throw new RegistryError(42201, 'Each key needs a value.');
    const versions = versionsOf(registry, subjectOf(registry, call.path(1)), { deleted: call.flag('deleted') });
    const found = versions.findLast(({ metadata }) => {
      const properties = (metadata?.properties ?? {}) as { [name: string]: unknown };
      return names.every((name, i) => Object.hasOwn(properties, name) && properties[name] === values[i]);
    });
    if (found === undefined) throw new RegistryError(40403, 'No version has this metadata.');
    return { body: versionBody(found) };
  }),

  ensures('/subjects/*/versions', ['developer'], async (registry, call) => {
    const subject = subjectOf(registry, call.path(1));
    refuseFormat(call.text('format'));
    const reason = call.text('reason');
    const normalize = call.flag('normalize');
    const by = call.caller.user;
    const request = call.registration();
    await registry.review.refuseDirect(subject, request, call.caller, reason ?? 'registered by a client', normalize);
    const stored = await registry.registration.register(subject, request, {
      normalize,
      by,
      ...(reason && { reason }),
    });
    const { id, version, digest } = stored;
    const lint = await registry.lintReports.of(sourceOf(registry.store.catalogue, stored));
    return { body: { id, version, digest, ...schemaBody(stored), lint } };
  }),

  asks('/subjects/*', async (registry, call) => {
    const request = call.registration();
    refuseFormat(call.text('format'));
    const subject = subjectOf(registry, call.path(1));
    const deleted = call.flag('deleted');
    versionsOf(registry, subject, { deleted });
    const found = registry.registration.find(subject, request, call.flag('normalize'), deleted);
    if (found === undefined) throw new RegistryError(40403, 'The subject has no version with this schema.');
    return { body: versionBody(found) };
  }),

  changes('POST', '/subjects/*/versions/*/tags', ['developer'], async (registry, call) => {
    const change = readTagRequest(call.json());
    await registry.store.fresh();
    const from = versionOf(registry, subjectOf(registry, call.path(1)), readVersion(call.path(3)));
    const { subject, schema, references, metadata, ruleSet } = from;
    const request = { schema, references, ...(metadata && { metadata }), ...(ruleSet && { ruleSet }), ...change };
    await registry.review.refuseDirect(subject, request, call.caller, 'tags changed by a client', false);
    const stored = await registry.registration.register(subject, request, { by: call.caller.user });
    return { body: { id: stored.id, version: stored.version, ...schemaBody(stored) } };
  }),

  changes('DELETE', '/subjects/*', ['developer'], async (registry, call) => {
    const [subject, options] = await removal(registry, call);
    return { body: await removeSubject(registry.store, subject, options) };
  }),

  changes('DELETE', '/subjects/*/versions/*', ['developer'], async (registry, call) => {
    const [subject, options] = await removal(registry, call);
    return { body: await removeVersion(registry.store, subject, readVersion(call.path(3)), options) };
  }),
];

/** What goes for good is the administrator's; what is under review ends in another way. */
async function removal(registry: Registry, call: Call): Promise<[string, RemoveOptions]> {
  await registry.store.fresh();
  const subject = subjectOf(registry, call.path(1));
  const permanent = call.flag('permanent');
  if (permanent && !call.caller.roles.has('administrator'))
    throw new RegistryError(40301, 'Deleting for good needs the role administrator.');
  if (!permanent) registry.review.refuseRemoval(subject);
  const reason = call.text('reason');
  return [subject, { permanent, by: call.caller.user, ...(reason && { reason }) }];
}

/** JSON Schemas have one format, as registered; a wrong answer would be worse than none. Throws 42201. */
export function refuseFormat(format: string | undefined): void {
  if (format !== undefined && format !== '')
    throw new RegistryError(42201, `There is no format ${format.slice(0, 30)} of a JSON Schema here.`);
}
