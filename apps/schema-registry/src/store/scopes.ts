import { contextOf, contextScope } from '../subject-name.js';

/** What may be set for all, for a context or for one subject. `counter` and `last` are ours: what no new schema may get again. */
export type ScopeKind = 'config' | 'mode' | 'review' | 'counter' | 'last';
const KINDS: readonly string[] = ['config', 'mode', 'review', 'counter', 'last'] satisfies ScopeKind[];

/** The key of a setting on the topic `schemas`. The scope of all is the empty text. */
export function scopeKey(kind: ScopeKind, scope: string): string {
  return JSON.stringify([kind, scope]);
}

/** A setting as it stands in the topic. */
export type ScopeValue = { readonly [name: string]: unknown };

/** Everything that stands in the topic besides schemas: settings by scope. */
export class Scopes {
  readonly #values = new Map<string, ScopeValue>();
  #revision = 0;

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  /** Takes one record of the topic; false where it is no setting. */
  take(key: string, value: Buffer | undefined): boolean {
    const kind = /^\["([a-z]+)",/.exec(key)?.[1] ?? '';
    if (!KINDS.includes(kind)) return false;
    if (value === undefined) {
      this.#values.delete(key);
    } else {
      const read = readObject(value);
      if (read === undefined) return false;
      this.#values.set(key, read);
    }
    if (kind !== 'counter' && kind !== 'last') this.#revision += 1;
    return true;
  }

  /** What was set for exactly this scope. */
  own(kind: ScopeKind, scope: string): ScopeValue | undefined {
    return this.#values.get(scopeKey(kind, scope));
  }

  /** What is in force for a scope: its own setting, else that of its context, else that for all. */
  inForce(kind: ScopeKind, scope: string): ScopeValue | undefined {
    return this.own(kind, scope) ?? this.own(kind, contextScope(contextOf(scope))) ?? this.own(kind, '');
  }

  /** Scopes of a kind that begin with a text. */
  scopes(kind: ScopeKind, prefix: string): string[] {
    const found = [...this.#values.keys()].filter((key) => key.startsWith(`["${kind}",`));
    return found.map((key) => String((JSON.parse(key) as unknown[])[1])).filter((scope) => scope.startsWith(prefix));
  }
}

function readObject(value: Buffer): ScopeValue | undefined {
  try {
    const json: unknown = JSON.parse(value.toString('utf8'));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as ScopeValue) : undefined;
  } catch {
    return undefined; // a foreign record, which the caller reports
  }
}
