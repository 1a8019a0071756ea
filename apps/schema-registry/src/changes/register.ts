import type { OutgoingRecord } from '#record';
import { type SchemaExtra, type StoredSchema, schemaDigest, schemaIdentity } from '#schema';
import { RegistryError } from '../registry-error.js';
import { modeOf, refuseIdByMode } from '../steps/mode.js';
import { normalized, normalizedText } from '../steps/normalize.js';
import type { RegisterRequest } from '../steps/register-request.js';
import { resolveReferences } from '../steps/resolve-references.js';
import { retagged } from '../steps/tags.js';
import type { Store } from '../store/store.js';
import { contextOf, isRecordType } from '../subject-name.js';
import type { Candidate } from './candidate.js';
import { Compiled } from './compiled.js';
import type { Safety } from './safety.js';

/** What a caller may ask beside the schema itself. */
export interface RegisterOptions {
  readonly normalize?: boolean;
  readonly by: string;
  readonly reason?: string;
  /** Why an approver lets a change pass that is not proved to be safe; compatibility is then not asked. */
  readonly override?: string;
  /** What is written in the same transaction. */
  readonly withVersion?: (stored: StoredSchema) => readonly OutgoingRecord[];
}

const MOST_ATTEMPTS = 20;

/**
 * Registers schemas. What it answers is durable, and readable by the next request to any instance. The same content gets the same
 * id in its context; a new version of a subject gets the next number.
 */
export class Registration {
  private readonly compiled = new Compiled();

  constructor(
    private readonly store: Store,
    private readonly safety: Safety,
    /** Whether there is a road: then the schema of a record type must carry its annotations. */
    private readonly hasRoad: boolean,
  ) {}

  /** Throws 42201 for a schema that cannot be used, 40901 for one that is not safe, 42205, 42207 and 50301. */
  async register(subject: string, request: RegisterRequest, options: RegisterOptions): Promise<StoredSchema> {
    for (let attempt = 1; ; attempt += 1) {
      if (attempt > 1) await this.store.fresh(); // the first time the door has seen to it
      const known = this.find(subject, request, options.normalize);
      if (known !== undefined && (request.id === undefined || request.id === known.id)) return known;
      const basis = this.basis(subject);
      const candidate = this.prepare(subject, request, options.normalize);
      // What is imported was accepted elsewhere, and may come in any order.
      const isTrusted = options.override !== undefined || modeOf(this.store.scopes, subject) === 'IMPORT';
      if (!isTrusted) await this.safety.refuseUnsafe(candidate);
      const stored = await this.write(candidate, basis, options);
      if (stored !== undefined) return stored;
      if (attempt === MOST_ATTEMPTS)
        throw new RegistryError(50002, 'The subject changes faster than this could be judged. Try again.');
    }
  }

  /** The version in force of `subject` (the newest one) that has this content; what the request leaves out is not compared. */
  find(subject: string, request: RegisterRequest, normalize = false, deleted = false): StoredSchema | undefined {
    const { catalogue } = this.store;
    const wanted = this.asSent(subject, request, normalize);
    const references = resolveReferences(catalogue, subject, wanted.references).stored;
    const isSame = (stored: StoredSchema): boolean =>
      (stored.schema === wanted.schema || (normalize && normalizedText(stored.schema) === wanted.schema)) &&
      sameJson(stored.references, references) &&
      (wanted.metadata === undefined || sameJson(stored.metadata, wanted.metadata)) &&
      (wanted.ruleSet === undefined || sameJson(stored.ruleSet, wanted.ruleSet)) &&
      (wanted.version === undefined || stored.version === wanted.version);
    return catalogue.versions(subject, { deleted }).findLast(isSame);
  }

  /** Works out what would be registered. Throws 42201 where it cannot be used, 42205 by mode. Changes nothing. */
  prepare(subject: string, request: RegisterRequest, normalize = false, purpose: 'register' | 'compare' = 'register'): Candidate {
    const { catalogue, scopes } = this.store;
    if (purpose === 'register') refuseIdByMode(scopes, subject, request.id);
    const sent = this.asSent(subject, request, normalize);
    const resolved = resolveReferences(catalogue, subject, sent.references);
    this.compiled.refuse(this.hasRoad && isRecordType(subject), sent.schema, resolved);
    const latest = catalogue.versions(subject).at(-1);
    const config = scopes.inForce('config', subject);
    const metadata = merged(config?.defaultMetadata, sent.metadata ?? latest?.metadata, config?.overrideMetadata);
    const ruleSet = merged(config?.defaultRuleSet, sent.ruleSet ?? latest?.ruleSet, config?.overrideRuleSet);
    return {
      subject,
      schema: sent.schema,
      references: resolved.stored,
      resolved,
      ...(metadata === undefined ? {} : { metadata }),
      ...(ruleSet === undefined ? {} : { ruleSet }),
      ...(sent.version === undefined ? {} : { version: sent.version }),
      ...(sent.id === undefined ? {} : { id: sent.id }),
    };
  }

  /** What a decision about this subject rests on: while it is the same, so is the decision. */
  basis(subject: string): string {
    return `${this.store.catalogue.revision(subject)} ${this.store.scopes.revision}`;
  }

  /** The version that is written for a candidate; undefined where the subject changed since `basis`. */
  async write(
    candidate: Candidate,
    basis: string,
    { by, reason, override, withVersion }: RegisterOptions,
  ): Promise<StoredSchema | undefined> {
    const { store } = this;
    return store.submit<StoredSchema | undefined>({
      subject: candidate.subject,
      decide: () => {
        if (this.basis(candidate.subject) !== basis) return { records: [], result: undefined };
        const stored = this.numbered(candidate);
        const audit = store.auditRecord({
          by,
          action: 'register',
          subject: stored.subject,
          version: stored.version,
          id: stored.id,
          digest: stored.digest,
          ...(reason === undefined ? {} : { reason }),
          ...(override === undefined ? {} : { override }),
        });
        return { records: [store.schemaRecord(stored), audit, ...(withVersion?.(stored) ?? [])], result: stored };
      },
    });
  }

  /** Gives the candidate its number and id. Called while nobody else can write. */
  private numbered(candidate: Candidate): StoredSchema {
    const { catalogue, scopes } = this.store;
    const { subject, schema, references, resolved, metadata, ruleSet } = candidate;
    // A version that is gone for good may still be named by envelopes, so a record type never gets its number again.
    const gone = Number(scopes.own('last', subject)?.version ?? 0);
    const next = Math.max(gone, catalogue.versions(subject, { deleted: true }).at(-1)?.version ?? 0) + 1;
    const content = { schema, references, ...(metadata && { metadata }), ...(ruleSet && { ruleSet }) };
    return {
      id:
        candidate.id === undefined
          ? this.store.idFor(contextOf(subject), schemaIdentity(content))
          : this.imported(candidate, content),
      subject,
      version: this.versionFor(candidate, next),
      schemaType: 'JSON',
      ...content,
      digest: schemaDigest(schema, resolved.digests),
      deleted: false,
      ts: this.store.now(),
    };
  }

  private versionFor({ subject, version, id }: Candidate, next: number): number {
    if (version === undefined || version === next) return next;
    if (id !== undefined && this.store.catalogue.version(subject, version, { deleted: true }) === undefined) return version;
    throw new RegistryError(42201, `The version must be ${next}, one more than the one before.`);
  }

  private imported({ subject, id = 0 }: Candidate, content: Parameters<typeof schemaIdentity>[0]): number {
    const others = this.store.catalogue.byId(contextOf(subject), id);
    const identity = schemaIdentity(content);
    if (others.some((other) => schemaIdentity(other) !== identity))
      throw new RegistryError(42207, `The id ${id} belongs to another schema.`);
    return id;
  }

  private asSent(subject: string, request: RegisterRequest, normalize: boolean): RegisterRequest {
    const tagged = { ...request, schema: retagged(request.schema, request.tagsToAdd, request.tagsToRemove) };
    const always = this.store.scopes.inForce('config', subject)?.normalize === true;
    return normalize || always ? normalized(tagged) : tagged;
  }
}

/** Members of later ones go before those of earlier ones; objects within are merged as well, lists are not. */
function merged(...parts: readonly unknown[]): SchemaExtra | undefined {
  const objects = parts.filter(isObject);
  if (objects.length === 0) return undefined;
  const result = new Map<string, unknown>();
  for (const [name, value] of objects.flatMap((object) => Object.entries(object))) {
    const before = result.get(name);
    result.set(name, isObject(before) && isObject(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(result);
}

const isObject = (value: unknown): value is SchemaExtra => typeof value === 'object' && value !== null && !Array.isArray(value);

const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
