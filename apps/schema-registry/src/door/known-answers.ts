import type { Store } from '../store/store.js';

/** An answer as it goes to the wire. */
export interface KnownAnswer {
  readonly payload: Buffer;
  readonly label: string;
}

const MOST_BYTES = 32 * 1024 * 1024;
const LONGEST = 64 * 1024;

/** Encoded answers by request, for as long as nothing changes in the store. */
export class KnownAnswers {
  #answers = new Map<string, KnownAnswer>();
  #bytes = 0;
  #revision = -1;

  constructor(private readonly store: Store) {}

  get(key: string): KnownAnswer | undefined {
    return this.#revision === this.store.revision ? this.#answers.get(key) : undefined;
  }

  /** Keeps an answer that was worked out while the store stood at `revision`. */
  keep(key: string, answer: KnownAnswer, revision: number): void {
    if (revision !== this.store.revision || key.length + answer.payload.length > LONGEST) return;
    if (this.#revision !== revision || this.#bytes > MOST_BYTES) {
      this.#answers = new Map();
      this.#bytes = 0;
      this.#revision = revision;
    }
    this.#bytes += key.length + answer.payload.length;
    this.#answers.set(key, answer);
  }
}
