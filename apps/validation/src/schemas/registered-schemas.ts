import { canonicalize } from '#canonical';
import { FaultError } from '#faults';
import type { RecordType } from '#record';
import {
  type CompiledSchema,
  type Reference,
  readStoredSchema,
  type SchemaCache,
  type StoredSchema,
  schemaDigest,
  schemaKey,
  type XKhidi,
} from '#schema';
import type { Table } from '#stream';
import type { Logger } from '#telemetry';
import type { SchemaName } from '../steps/ingress-topics.js';
import type { SchemaId } from '../steps/sent-event.js';
import { SchemaIds } from './schema-ids.js';
import type { Found, SchemaInForce, Schemas } from './schemas.js';

/** A stored schema together with all that it refers to, which was found to be what its digest says. */
interface Whole {
  readonly stored: StoredSchema;
  readonly references: readonly Reference[];
}

type Known = { readonly state: 'in force'; readonly whole: Whole } | { readonly state: 'retired' | 'unusable' };

/**
 * The schemas of the topic that the registry writes. A version whose digest does not hold, or that cannot be compiled here, is
 * unusable: that is reported, and its records are refused rather than let through or waited for.
 */
export class RegisteredSchemas implements Schemas {
  readonly #known = new Map<string, Known>();
  readonly #ids = new SchemaIds();
  /** The digest of each version that was ever in force here: what a version says never changes. */
  readonly #pinned = new Map<string, string>();

  /** To be made before the table is started, so that nothing is missed. */
  constructor(
    private readonly table: Pick<Table, 'get' | 'caughtUp' | 'onChange'>,
    private readonly cache: SchemaCache,
    private readonly log: Logger,
  ) {
    table.onChange((key, value) => {
      this.#ids.take(key, value);
      this.#known.clear(); // seldom, and what changed may be referred to by others
    });
  }

  named(schemaId: SchemaId, type: RecordType, preferred?: number): SchemaName | 'foreign' | 'unknown' {
    return this.#ids.named(schemaId, type, preferred);
  }

  find({ subject, version }: SchemaName): Found {
    const key = schemaKey(subject, version);
    const known = this.#known.get(key) ?? this.read(key);
    if (known?.state !== 'in force') return known ?? UNKNOWN;
    const { stored, references } = known.whole;
    // Names are not part of the digest, but what a reference is called decides whether it is found.
    const digest = [stored.digest, ...references.map(({ name }) => name)].join('\0');
    const compiled = this.cache.obtain(digest, () => ({ text: stored.schema, references }));
    if (compiled.ok) return { state: 'in force', schema: inForce(stored, compiled.schema) };
    return this.unusable(key, compiled.faults[0]?.code ?? 'SCHEMA_INVALID');
  }

  async caughtUp(): Promise<void> {
    try {
      await this.table.caughtUp();
    } catch {
      // Whatever ended the reading: until it goes on, what is unknown here is undecided.
      throw new FaultError('STREAM_UNAVAILABLE', 'the schemas cannot be read');
    }
  }

  private read(key: string): Known | undefined {
    const value = this.table.get(key);
    if (value === undefined) return undefined;
    const known = this.judge(key, value);
    this.#known.set(key, known);
    return known;
  }

  private judge(key: string, value: Buffer): Known {
    const stored = readStoredSchema(key, value);
    if (stored === undefined) return this.unusable(key, 'not what the registry writes');
    if (stored.deleted) return { state: 'retired' };
    const references = new Map<string, Reference>();
    const digest = this.digestOf(stored, references, new Set(), new Map());
    if (digest !== stored.digest) return this.unusable(key, digest === undefined ? 'a reference is missing' : 'digest');
    const pinned = this.#pinned.get(key) ?? digest;
    if (pinned !== digest) return this.unusable(key, 'the content of a version changed');
    this.#pinned.set(key, digest);
    return { state: 'in force', whole: { stored, references: [...references.values()] } };
  }

  /** Gathers what `stored` refers to, directly and through others, by name and origin; undefined where something is missing. */
  private digestOf(
    stored: StoredSchema,
    found: Map<string, Reference>,
    above: Set<string>,
    digested: Map<string, string>,
  ): string | undefined {
    const digests: string[] = [];
    for (const { name, subject, version } of stored.references) {
      const key = schemaKey(subject, version);
      const other = above.has(key) ? undefined : readStoredSchema(key, this.table.get(key) ?? NOTHING);
      if (other === undefined) return undefined;
      found.set(`${name} ${key}`, { name, text: other.schema });
      // A schema that several others refer to is gone through once: else the work would double with every level.
      const digest = digested.get(key) ?? this.digestOf(other, found, new Set([...above, key]), digested);
      if (digest === undefined) return undefined;
      digested.set(key, digest);
      digests.push(digest);
    }
    return schemaDigest(stored.schema, digests);
  }

  private unusable(key: string, reason: string): Known & Found {
    this.log.error('schema cannot be applied', { schema: key, reason });
    const unusable = { state: 'unusable' } as const;
    this.#known.set(key, unusable); // so that it is reported once, not for every record
    return unusable;
  }
}

const UNKNOWN: Found = { state: 'unknown' };
const NOTHING = Buffer.alloc(0);

function inForce(stored: StoredSchema, compiled: CompiledSchema): SchemaInForce {
  const { annotations } = compiled;
  return {
    verdict: (value) => compiled.verdict(value),
    identifierOf: (value) => compiled.identifierOf(value),
    identifier: annotations.identifier,
    sequence: annotations.sequence,
    header: terms(stored, annotations),
  };
}

/** What all records of this version have in common, as it stands in their header `khidi_schema`. */
function terms({ subject, version, digest }: StoredSchema, annotations: XKhidi): Buffer {
  const { legalBasis: basis, classification, retention, sequence } = annotations;
  return canonicalize({ law: { basis, classification, retention }, schema: { digest, subject, version }, sequence });
}
