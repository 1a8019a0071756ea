import {
  type Asked,
  act,
  firstKey,
  type KeyCommand,
  type KeyCustody,
  type KeyDescription,
  type KeyPurpose,
  type KeyRecord,
  type Kid,
  type LifeRules,
  pendingKey,
  readKeyRecord,
  type SignatureAlgorithm,
  writeKeyRecord,
} from '#envelope';
import { FaultError } from '#faults';
import type { MemberId } from '#record';
import type { FencedWriter, Table } from '#stream';
import { actRecord } from './act-record.js';

/** What the register works with. */
export interface RegisterParts {
  readonly table: Pick<Table, 'caughtUp' | 'entries' | 'onChange'>;
  readonly topic: string;
  /** Opens the only writer there may be. */
  readonly openWriter: () => Promise<FencedWriter>;
  readonly custody: KeyCustody;
  readonly iss: MemberId;
  readonly rules: LifeRules;
  readonly now: () => Date;
  /** Rejects where a key does not sign what its public part verifies; asked before a key may sign for us. */
  readonly prove: (key: KeyRecord) => Promise<void>;
  /** Told of every key that this service itself changed. */
  readonly onAct: (key: KeyRecord) => void;
}

/**
 * All keys of the instance and their states, as the compacted topic `keys` has them. Every change is written by one fenced writer that
 * has read everything before it, so that two services, or two persons, never decide on different states, together with its line in the
 * audit topic. What a method answers is durable.
 */
export class KeyRegister {
  #turn: Promise<unknown> = Promise.resolve();
  readonly #records = new Map<string, KeyRecord>();

  constructor(private readonly parts: RegisterParts) {
    parts.table.onChange((key, value) => this.#take(key, value));
    for (const [key, value] of parts.table.entries()) this.#take(key, value);
  }

  /** Every key there is, oldest first. */
  all(): readonly KeyRecord[] {
    return [...this.#records.values()].sort((a, b) => a.created.localeCompare(b.created));
  }

  /** The key of ours that signs for a purpose now. */
  active(purpose: KeyPurpose): KeyRecord | undefined {
    return this.all().find((key) => key.state === 'active' && key.purpose === purpose && key.iss === this.parts.iss);
  }

  /** A key by its id. Throws KEY_UNKNOWN. */
  get(kid: string): KeyRecord {
    const key = this.#records.get(kid);
    if (key === undefined) throw new FaultError('KEY_UNKNOWN', 'no key of the register has this id');
    return key;
  }

  /**
   * Sees to it that a key of ours signs for `purpose`: at the first start, one that the store has already or a new one, after
   * `adopt` agreed to it. `made` says whether it is new.
   */
  ensure(
    purpose: KeyPurpose,
    alg: SignatureAlgorithm,
    adopt: (key: KeyDescription) => Promise<void>,
  ): Promise<{ readonly key: KeyRecord; readonly made: boolean }> {
    return this.#decide(async () => {
      const known = this.active(purpose);
      const mine = this.all().filter((key) => key.purpose === purpose && key.iss === this.parts.iss);
      if (known !== undefined) return { write: [], answer: { key: known, made: false } };
      // Once there were keys, only persons say which one signs: the last one may have been revoked for a reason.
      if (mine.length > 0) throw new FaultError('KEY_NONE_ACTIVE', purpose);
      const { custody, iss, now } = this.parts;
      const found = (await custody.keys(purpose)).filter((key) => key.alg === alg).at(-1);
      const description = found ?? (await custody.create(purpose, alg, now()));
      await adopt(description);
      const key = firstKey(description, iss, custody.store, { by: 'signing', at: now(), why: 'first start' });
      return { write: [key], answer: { key, made: found === undefined } };
    });
  }

  /** Makes a key in our store; it is published at once and signs nothing yet. */
  create(purpose: KeyPurpose, alg: SignatureAlgorithm, asked: Omit<Asked, 'at'>): Promise<KeyRecord> {
    return this.#decide(async () => {
      const { custody, iss, now } = this.parts;
      const key = pendingKey(await custody.create(purpose, alg, now()), iss, custody.store, { ...asked, at: now() });
      return { write: [key], answer: key };
    });
  }

  /** Takes in the public key by which a member seals what it states. */
  admit(description: KeyDescription, member: MemberId, asked: Omit<Asked, 'at'>): Promise<KeyRecord> {
    return this.#decide(async () => {
      if (this.#records.has(description.kid)) throw new FaultError('KEY_STATE', 'the key is in the register already');
      const key = pendingKey(description, member, 'member', { ...asked, at: this.parts.now() });
      return { write: [key], answer: key };
    });
  }

  /** Carries out a command of a person; see {@link act}. A key of ours is proven before it may sign. */
  act(kid: Kid | string, command: KeyCommand, asked: Omit<Asked, 'at'>): Promise<KeyRecord> {
    return this.#decide(async () => {
      const key = this.get(kid);
      const changed = act(key, this.all(), command, { ...asked, at: this.parts.now() }, this.parts.rules);
      const [first = key] = changed;
      if (first.state === 'active' && key.state !== 'active' && key.store !== 'member') await this.parts.prove(first);
      return { write: changed, answer: first };
    });
  }

  /** One decision after another, each on everything that was written before it. */
  #decide<T>(decision: () => Promise<{ readonly write: readonly KeyRecord[]; readonly answer: T }>): Promise<T> {
    const decided = this.#turn.then(async () => {
      const writer = await this.parts.openWriter(); // first, so that nobody else writes between reading and writing
      try {
        await this.parts.table.caughtUp();
        const { write, answer } = await decision();
        if (write.length > 0) {
          const { topic } = this.parts;
          const records = write.map((key) => ({ topic, key: key.kid, partition: 0, value: writeKeyRecord(key), headers: {} }));
          const acts = write.flatMap((key) => actRecord(key, this.#records.get(key.kid)));
          await writer.write([...records, ...acts]);
          await this.parts.table.caughtUp();
          for (const key of write) this.parts.onAct(key);
        }
        return answer;
      } finally {
        await writer.close();
      }
    });
    this.#turn = decided.catch(() => undefined); // the caller hears of it; the next one begins afresh
    return decided;
  }

  #take(key: string, value: Buffer | undefined): void {
    const record = readKeyRecord(key, value);
    if (record !== undefined) this.#records.set(key, record);
    else if (value === undefined) this.#records.delete(key);
  }
}
