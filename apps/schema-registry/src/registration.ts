import { FaultError } from '#faults';
import { recordType } from '#record';
import {
  checkSchema,
  compileSchema,
  type Reference,
  type StoredReference,
  type StoredSchema,
  schemaDigest,
  schemaKey,
} from '#schema';
import type { FencedWriter, Table } from '#stream';
import type { Catalogue } from './catalogue.js';
import type { RegisterRequest } from './register-request.js';
import { RegistryError } from './registry-error.js';

/** What registration works with. */
export interface RegistrationParts {
  readonly catalogue: Catalogue;
  readonly table: Pick<Table, 'caughtUp'>;
  /** Opens the only writer there may be. */
  readonly openWriter: () => Promise<FencedWriter>;
  /** Called once another instance has taken the writing over: this one must end. */
  readonly onFenced: () => void;
  readonly topic: string;
  readonly now: () => Date;
}

/**
 * Registers schemas one after another. What it answers is durable, and readable by the next request. The same text with the same
 * references gets the same id; a new version of a subject gets the next number.
 */
export class Registration {
  #writer: FencedWriter | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: RegistrationParts) {}

  /** Throws RegistryError 42201 for a schema that cannot be compiled, and FaultError STREAM_UNAVAILABLE. */
  register(subject: string, request: RegisterRequest): Promise<StoredSchema> {
    const registered = this.#turn.then(() => this.#register(subject, request));
    this.#turn = registered.catch(() => undefined); // the caller hears of it; the next one begins afresh
    return registered;
  }

  /** The version of `subject` that has this content, or undefined. */
  find(subject: string, request: RegisterRequest): StoredSchema | undefined {
    const digest = schemaDigest(request.schema, this.#resolve(request.references).digests);
    return this.parts.catalogue.versions(subject).find((stored) => stored.digest === digest && stored.schema === request.schema);
  }

  async #register(subject: string, request: RegisterRequest): Promise<StoredSchema> {
    const { catalogue, table, topic, now } = this.parts;
    const writer = await this.#openWriter(); // first, so that nobody else writes between reading and writing
    await table.caughtUp();
    const known = this.find(subject, request);
    if (known !== undefined) return known;
    const { references, digests } = this.#resolve(request.references);
    refuseUncompilable(subject, request.schema, references);
    const digest = schemaDigest(request.schema, digests);
    const stored: StoredSchema = {
      id: catalogue.idOf(digest, request.schema) ?? catalogue.nextId,
      subject,
      version: catalogue.nextVersion(subject),
      schemaType: 'JSON',
      schema: request.schema,
      references: request.references,
      digest,
      deleted: false,
      ts: now().getTime(),
    };
    await this.#write(writer, { topic, stored });
    await table.caughtUp();
    return stored;
  }

  async #write(writer: FencedWriter, { topic, stored }: { topic: string; stored: StoredSchema }): Promise<void> {
    const key = schemaKey(stored.subject, stored.version);
    try {
      await writer.write([{ topic, key, partition: 0, value: Buffer.from(JSON.stringify(stored)), headers: {} }]);
    } catch (error) {
      this.#writer = undefined; // whether it was written shows when the table has caught up with a new writer
      if (error instanceof FaultError && error.code === 'STREAM_FENCED') this.parts.onFenced();
      throw error;
    }
  }

  async #openWriter(): Promise<FencedWriter> {
    this.#writer ??= await this.parts.openWriter();
    return this.#writer;
  }

  /** The texts and digests of what a schema refers to, and of what those refer to. Throws 42201 that lists what is missing. */
  #resolve(references: readonly StoredReference[]): { references: Reference[]; digests: string[] } {
    const missing = references.filter(({ subject, version }) => this.parts.catalogue.version(subject, version) === undefined);
    const names = missing.map(({ subject, version }) => `${subject} version ${version}`);
    if (missing.length > 0) throw new RegistryError(42201, `SCHEMA_REFERENCE_MISSING: register first: ${names.join(', ')}`);
    const found = new Map<string, Reference>();
    const digests = this.#gather(references, found);
    return { references: [...found.values()], digests };
  }

  /** Takes each schema once, by whatever ways it is reached: the ways may be many more than the schemas. */
  #gather(references: readonly StoredReference[], found: Map<string, Reference>): string[] {
    return references.map(({ name, subject, version }) => {
      const stored = this.parts.catalogue.version(subject, version);
      const key = JSON.stringify([name, subject, version]);
      if (stored === undefined)
        throw new RegistryError(42201, `SCHEMA_REFERENCE_MISSING: register first: ${subject} version ${version}`);
      if (!found.has(key)) {
        found.set(key, { name, text: stored.schema });
        this.#gather(stored.references, found);
      }
      return stored.digest;
    });
  }
}

/** A record type's schema must also carry its annotations; others only need to compile. */
function refuseUncompilable(subject: string, text: string, references: readonly Reference[]): void {
  const result = recordType(subject) === undefined ? checkSchema(text, references) : compileSchema(text, references);
  if (!result.ok) throw new RegistryError(42201, `${result.faults[0]?.code ?? 'SCHEMA_INVALID'}: ${result.detail}`);
}
