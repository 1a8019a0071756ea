import { RegistryError } from '../registry-error.js';
import { type Mode, modeOf } from '../steps/mode.js';
import type { ScopeKind, ScopeValue } from '../store/scopes.js';
import type { Store } from '../store/store.js';
import { contextOf, contextScope, DEFAULT_CONTEXT } from '../subject-name.js';

/** Changes a setting of a scope; undefined removes it. Members of a configuration that are not sent are kept. */
export async function putScope(store: Store, kind: ScopeKind, scope: string, value: ScopeValue, by: string): Promise<void> {
  await store.submit({
    decide: () => {
      const whole = { ...(kind === 'config' ? store.scopes.own(kind, scope) : {}), ...value };
      const audit = store.auditRecord({ by, action: `set ${kind}`, subject: scope, value });
      return { records: [store.scopeRecord(kind, scope, whole), audit], result: undefined };
    },
  });
}

/** Sets the mode. IMPORT needs a scope without schemas, else 42205, unless `force`. */
export async function putMode(store: Store, scope: string, mode: Mode, force: boolean, by: string): Promise<void> {
  await store.submit({
    decide: () => {
      if (mode === 'IMPORT' && !force && modeOf(store.scopes, scope) !== 'IMPORT' && hasSchemas(store, scope))
        throw new RegistryError(42205, 'Cannot import since found existing subjects; force=true imports beside them.');
      const audit = store.auditRecord({ by, action: 'set mode', subject: scope, value: { mode } });
      return { records: [store.scopeRecord('mode', scope, { mode }), audit], result: undefined };
    },
  });
}

/** Removes a setting and gives what it was; 40401 where there was none. `recursive`: those of all subjects of a context too. */
export async function deleteScope(
  store: Store,
  kind: 'config' | 'mode',
  scope: string,
  recursive: boolean,
  by: string,
): Promise<ScopeValue> {
  return store.submit({
    decide: () => {
      const { scopes } = store;
      const own = scopes.own(kind, scope);
      if (own === undefined && scope !== '' && !recursive) throw new RegistryError(40401, `Nothing is set for '${scope}'.`);
      const below = recursive ? scopes.scopes(kind, scope).filter((one) => one !== scope && isBelow(one, scope)) : [];
      const gone = [...(own === undefined ? [] : [scope]), ...below];
      const audit = store.auditRecord({ by, action: `remove ${kind}`, subject: scope, recursive });
      return { records: [...gone.map((one) => store.scopeRecord(kind, one, undefined)), audit], result: own ?? {} };
    },
  });
}

/** Removes a context with its settings; 42211 while any schema stands in it. */
export async function deleteContext(store: Store, context: string, by: string): Promise<void> {
  await store.submit({
    decide: () => {
      if (context === DEFAULT_CONTEXT || hasSchemas(store, contextScope(context)))
        throw new RegistryError(42211, `The context ${context} is not empty.`);
      const gone = (['config', 'mode', 'review'] as const).flatMap((kind) =>
        store.scopes.scopes(kind, contextScope(context)).map((one) => store.scopeRecord(kind, one, undefined)),
      );
      return {
        records: [...gone, store.auditRecord({ by, action: 'delete context', subject: contextScope(context) })],
        result: undefined,
      };
    },
  });
}

/** Whether any version stands in a scope: a subject, a context, or all for the empty text. */
function hasSchemas({ catalogue }: Store, scope: string): boolean {
  if (scope === '') return catalogue.size > 0;
  if (!scope.startsWith(':') || !scope.endsWith(':')) return catalogue.versions(scope, { deleted: true }).length > 0;
  return catalogue.contexts().some((context) => contextScope(context) === scope);
}

const isBelow = (one: string, scope: string): boolean =>
  scope === '' ? contextOf(one) === DEFAULT_CONTEXT : scope.endsWith(':') && one.startsWith(scope);
