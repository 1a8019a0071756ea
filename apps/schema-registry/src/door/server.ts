import { deleteContext, deleteScope, putMode, putScope } from '../changes/settings-of-scopes.js';
import type { Registry } from '../registry.js';
import { RegistryError } from '../registry-error.js';
import { configEcho, DEFAULT_LEVEL, readConfig } from '../steps/config.js';
import { modeOf, readMode } from '../steps/mode.js';
import { contextName, DEFAULT_CONTEXT, scopeName } from '../subject-name.js';
import type { Reply } from './answers.js';
import type { Call } from './call.js';
import { readVersion } from './call.js';
import { subjectOf, versionOf } from './find.js';
import { asks, changes, type Route, reads } from './route.js';

/** Comparison, settings, contexts, and what the registry says of itself. */
export const SERVER_ROUTES: readonly Route[] = [
  reads('/', () => ({ body: {} }), 'own'),
  asks('/', () => ({ body: {} })),

  asks('/compatibility/subjects/*/versions', (registry, call) => compare(registry, call, undefined)),
  asks('/compatibility/subjects/*/versions/*', (registry, call) => compare(registry, call, readVersion(call.path(4)))),

  reads('/config', ({ store }) => ({ body: { compatibilityLevel: DEFAULT_LEVEL, ...store.scopes.own('config', '') } })),
  reads('/config/*', ({ store }, call) => {
    const scope = scopeName(call.path(1));
    const found = call.flag('defaultToGlobal')
      ? { compatibilityLevel: DEFAULT_LEVEL, ...store.scopes.inForce('config', scope) }
      : store.scopes.own('config', scope);
    if (found === undefined)
      throw new RegistryError(40408, `Subject '${scope}' does not have subject-level compatibility configured`);
    return { body: found };
  }),
  changes('PUT', '/config', [], (registry, call) => putConfig(registry, call, '')),
  changes('PUT', '/config/*', [], (registry, call) => putConfig(registry, call, scopeName(call.path(1)))),
  changes('DELETE', '/config', [], async ({ store }, call) => {
    await deleteScope(store, 'config', '', false, call.caller.user);
    return { body: { compatibilityLevel: DEFAULT_LEVEL } };
  }),
  changes('DELETE', '/config/*', [], async ({ store }, call) => ({
    body: await deleteScope(store, 'config', scopeName(call.path(1)), false, call.caller.user),
  })),

  reads('/mode', ({ store }) => ({ body: { mode: modeOf(store.scopes, '') } })),
  reads('/mode/*', ({ store }, call) => {
    const scope = scopeName(call.path(1));
    const own = store.scopes.own('mode', scope)?.mode;
    if (own === undefined && !call.flag('defaultToGlobal'))
      throw new RegistryError(40409, `Subject '${scope}' does not have subject-level mode configured`);
    return { body: { mode: own ?? modeOf(store.scopes, scope) } };
  }),
  changes('PUT', '/mode', [], (registry, call) => setMode(registry, call, '')),
  changes('PUT', '/mode/*', [], (registry, call) => setMode(registry, call, scopeName(call.path(1)))),
  changes('DELETE', '/mode', [], async ({ store }, call) => {
    const { mode = 'READWRITE' } = await deleteScope(store, 'mode', '', call.flag('recursive'), call.caller.user);
    return { body: { mode } };
  }),
  changes('DELETE', '/mode/*', [], async ({ store }, call) => {
    const { mode = 'READWRITE' } = await deleteScope(
      store,
      'mode',
      scopeName(call.path(1)),
      call.flag('recursive'),
      call.caller.user,
    );
    return { body: { mode } };
  }),

  reads('/contexts', ({ store }, call) => ({ body: call.page([...new Set([DEFAULT_CONTEXT, ...store.catalogue.contexts()])]) })),
  changes('DELETE', '/contexts/*', [], async ({ store }, call) => {
    await deleteContext(store, contextName(call.path(1)), call.caller.user);
    return { status: 204 };
  }),

  reads(
    '/v1/metadata/id',
    ({ about }) => ({
      body: { scope: { path: [], clusters: { 'kafka-cluster': about.clusterId, 'schema-registry-cluster': 'khidi' } }, id: '' },
    }),
    'own',
  ),
  reads('/v1/metadata/version', ({ about }) => ({ body: { version: about.version, commitId: '' } }), 'own'),
  reads('/v1/metadata/deployment', () => ({ body: { attributes: ['khidi', 'json-schema'] } }), 'own'),
];

/** Compares with one version, or (undefined) with those that the subject's level asks for. */
async function compare(registry: Registry, call: Call, which: number | 'latest' | undefined): Promise<Reply> {
  const request = call.registration();
  const { store, registration, safety } = registry;
  const subject = subjectOf(registry, call.path(2));
  const candidate = registration.prepare(subject, request, call.flag('normalize'), 'compare');
  const isNew = which === 'latest' && store.catalogue.versions(subject).length === 0;
  const versions = which === undefined || isNew ? store.catalogue.versions(subject) : [versionOf(registry, subject, which)];
  const { isCompatible, messages, verdict } = await safety.against(candidate, versions);
  return { body: { is_compatible: isCompatible, ...(call.flag('verbose') ? { messages, verdict } : {}) } };
}

async function putConfig({ store }: Registry, call: Call, scope: string): Promise<Reply> {
  const config = readConfig(call.json());
  await putScope(store, 'config', scope, config, call.caller.user);
  return { body: configEcho(config) };
}

async function setMode({ store }: Registry, call: Call, scope: string): Promise<Reply> {
  const mode = readMode(call.json().mode);
  await putMode(store, scope, mode, call.flag('force'), call.caller.user);
  return { body: { mode } };
}
