import type { OutgoingRecord } from '#record';
import { type StoredSchema, schemaKey } from '#schema';
import type { Table } from '#stream';
import { describeError } from '#telemetry';
import { RegistryError } from '../registry-error.js';
import { Catalogue } from './catalogue.js';
import { type Draft, Drafts, draftKey } from './drafts.js';
import { type ScopeKind, Scopes, type ScopeValue, scopeKey } from './scopes.js';
import { type Change, Writer, type WriterParts } from './writer.js';

/** What the store stands on. */
export interface StoreParts extends Pick<WriterParts, 'open' | 'log'> {
  readonly table: Pick<Table, 'entries' | 'onChange' | 'caughtUp'>;
  /** The compacted topic of schemas and settings, and the topic that remembers who did what. */
  readonly topic: string;
  readonly auditTopic: string;
  readonly now: () => Date;
}

/** Who did what and why, as it stands in the audit topic. */
export interface AuditEntry {
  readonly by: string;
  readonly action: string;
  readonly subject: string;
  readonly version?: number;
  readonly reason?: string;
  readonly [more: string]: unknown;
}

const STALL_MS = 3000;
const PATIENCE_MS = 7000;

/** Schemas and settings as they stand in Kafka: read by any number of instances, changed by one at a time. */
export class Store {
  readonly catalogue = new Catalogue();
  readonly scopes = new Scopes();
  readonly drafts = new Drafts();
  readonly writer: Writer;
  readonly #listeners = new Set<() => void>();
  #revision = 0;
  /** Ids given in the transaction at hand, by context and content. */
  #given = new Map<string, number>();
  #rescue: Promise<void> | undefined;

  constructor(private readonly parts: StoreParts) {
    const { table, log, open } = parts;
    this.writer = new Writer({
      open,
      log,
      caughtUp: () => table.caughtUp(),
      onBatch: () => {
        this.#given = new Map();
      },
    });
    table.onChange((key, value) => this.#take(key, value));
    for (const [key, value] of table.entries()) this.#take(key, value);
  }

  /** Grows with every change: while it is the same, the same question has the same answer. */
  get revision(): number {
    return this.#revision;
  }

  /** Is told after every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Resolves once everything is known here that anybody was told to be written before this call. A writer that died in the middle of
   * a transaction would keep us waiting until Kafka ends it: after three seconds we end it ourselves, by becoming the writer. Throws 50301.
   */
  async fresh(): Promise<void> {
    const caughtUp = this.parts.table.caughtUp();
    const how = await settledWithin(caughtUp, STALL_MS);
    if (how === 'yes') return;
    if (how === 'late') {
      this.#rescue ??= this.writer.takeOver().finally(() => {
        this.#rescue = undefined;
      });
      this.#rescue.catch((error: unknown) => this.parts.log.warn('cannot become the writer', describeError(error)));
      if ((await settledWithin(caughtUp, PATIENCE_MS)) === 'yes') return;
    }
    throw new RegistryError(50301, 'Kafka does not answer, so what is here may be out of date. Wait and ask again.');
  }

  submit<T>(change: Change<T>): Promise<T> {
    return this.writer.submit(change);
  }

  /** The id for a content, inside `decide`: the one that it has in its context, or a new one that no schema has or had. */
  idFor(context: string, identity: string): number {
    const known = this.catalogue.idOf(context, identity) ?? this.#given.get(`${context} ${identity}`);
    if (known !== undefined) return known;
    const last = Math.max(
      this.lastId(context),
      ...[...this.#given].filter(([key]) => key.startsWith(`${context} `)).map(([, id]) => id),
    );
    this.#given.set(`${context} ${identity}`, last + 1);
    return last + 1;
  }

  /** The largest id that was ever given in a context. */
  lastId(context: string): number {
    return Math.max(this.catalogue.lastId(context), Number(this.scopes.own('counter', context)?.id ?? 0));
  }

  now(): number {
    return this.parts.now().getTime();
  }

  /** The record of a schema version. */
  schemaRecord(stored: StoredSchema): OutgoingRecord {
    return this.#record(schemaKey(stored.subject, stored.version), stored);
  }

  /** The tombstone of a schema version. */
  goneRecord({ subject, version }: StoredSchema): OutgoingRecord {
    return this.#record(schemaKey(subject, version), undefined);
  }

  /** The record of a setting; undefined removes it. */
  scopeRecord(kind: ScopeKind, scope: string, value: ScopeValue | undefined): OutgoingRecord {
    return this.#record(scopeKey(kind, scope), value);
  }

  /** The record of a draft. */
  draftRecord(draft: Draft): OutgoingRecord {
    return this.#record(draftKey(draft.subject, draft.number), draft);
  }

  auditRecord(entry: AuditEntry): OutgoingRecord {
    const value = Buffer.from(JSON.stringify({ at: this.parts.now().toISOString(), ...entry }));
    return { topic: this.parts.auditTopic, key: entry.subject, partition: 0, value, headers: JSON_HEADERS };
  }

  #record(key: string, value: object | undefined): OutgoingRecord {
    const bytes = value === undefined ? null : Buffer.from(JSON.stringify(value));
    if (bytes !== null && bytes.length > MOST_BYTES) throw new RegistryError(42209, 'The schema is larger than Kafka accepts.');
    return { topic: this.parts.topic, key, partition: 0, value: bytes, headers: {} };
  }

  #take(key: string, value: Buffer | undefined): void {
    if (![this.catalogue, this.scopes, this.drafts].some((part) => part.take(key, value))) {
      this.parts.log.error('foreign record on the schemas topic', { bytes: value?.length ?? 0 });
    }
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }
}

/** Below the broker's 2 MiB for a batch, with room for what stands around it. */
const MOST_BYTES = 2_000_000;
const JSON_HEADERS = { 'content-type': 'application/json' };

function settledWithin(promise: Promise<void>, ms: number): Promise<'yes' | 'no' | 'late'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), ms);
    const end = (how: 'yes' | 'no') => () => {
      clearTimeout(timer);
      resolve(how);
    };
    promise.then(end('yes'), end('no'));
  });
}
