import { SEALED_AT } from './sealing.js';

/** A clock that stands until a test moves it; where nothing else is said, at the moment at which fixtures are sealed. */
export class TestClock {
  #at: Date;

  constructor(private readonly start = SEALED_AT) {
    this.#at = start;
  }

  /** What time it is; as a function of its own, for those who ask again and again. */
  readonly now = (): Date => this.#at;

  set(at: Date): void {
    this.#at = at;
  }

  /** It is so many seconds after its start. */
  setAfter(seconds: number): void {
    this.#at = new Date(this.start.getTime() + seconds * 1000);
  }

  /** So many seconds pass. */
  pass(seconds: number): void {
    this.#at = new Date(this.#at.getTime() + seconds * 1000);
  }
}
