import type { Reference, StoredReference, StoredSchema } from '#schema';
import { RegistryError } from '../registry-error.js';
import type { Catalogue } from '../store/catalogue.js';
import { besides } from '../subject-name.js';
import type { SentReference } from './register-request.js';

/** What a schema refers to: named by version, with all texts that are needed, and the digests of the direct ones in order. */
export interface Resolved {
  readonly stored: readonly StoredReference[];
  readonly references: readonly Reference[];
  readonly digests: readonly string[];
}

/**
 * Finds what a schema of `subject` refers to, and what that refers to. Throws 42201 with the list of everything that must be
 * registered first: nothing is ever fetched from anywhere.
 */
export function resolveReferences(catalogue: Catalogue, subject: string, sent: readonly SentReference[]): Resolved {
  const stored = sent.map(({ name, subject: other, version }) => {
    const full = besides(subject, other);
    const latest = version < 1 ? catalogue.versions(full).at(-1)?.version : version;
    return { name, subject: full, version: latest ?? version };
  });
  const missing = stored.filter((one) => catalogue.version(one.subject, one.version) === undefined);
  if (missing.length > 0) throw missingReferences(missing);
  return { stored, ...textsOf(catalogue, stored) };
}

/** The texts behind references that were registered, also of versions that have been deleted since. */
export function textsOf(
  catalogue: Catalogue,
  references: readonly StoredReference[],
): { references: readonly Reference[]; digests: readonly string[] } {
  const found = new Map<string, Reference>();
  const gather = (refs: readonly StoredReference[]): string[] =>
    refs.map(({ name, subject, version }) => {
      const target = catalogue.version(subject, version, { deleted: true });
      if (target === undefined) throw missingReferences([{ name, subject, version }]);
      // Each schema is taken once, by whatever ways it is reached: the ways may be many more than the schemas.
      const key = JSON.stringify([name, subject, version]);
      if (!found.has(key)) {
        found.set(key, { name, text: target.schema });
        gather(target.references);
      }
      return target.digest;
    });
  const digests = gather(references);
  return { references: [...found.values()], digests };
}

/** A stored schema as libs take it: its text and everything that it refers to. */
export function sourceOf(
  catalogue: Catalogue,
  { schema, references }: Pick<StoredSchema, 'schema' | 'references'>,
): {
  readonly text: string;
  readonly references: readonly Reference[];
} {
  return { text: schema, references: textsOf(catalogue, references).references };
}

function missingReferences(missing: readonly StoredReference[]): RegistryError {
  const names = missing.map(({ subject, version }) => `${subject} version ${version < 1 ? 'latest' : version}`);
  return new RegistryError(42201, `SCHEMA_REFERENCE_MISSING: register first: ${names.join(', ')}`);
}
