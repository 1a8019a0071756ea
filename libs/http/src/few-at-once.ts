import { ProblemException } from './problem-exception.js';

/** How much work each caller may have under way, so that one that asks without end takes no place of another. */
export class FewAtOnce {
  private readonly open = new Map<string, number>();

  constructor(
    private readonly most: number,
    /** What is counted, for who is refused: `pages`. */
    private readonly what: string,
  ) {}

  /** Does one more work of a caller. Rejects with DOOR_UNAVAILABLE while as many as may be are under way. */
  async run<T>(caller: string, work: () => Promise<T>): Promise<T> {
    const before = this.open.get(caller) ?? 0;
    if (before >= this.most)
      throw new ProblemException('DOOR_UNAVAILABLE', { detail: `at most ${this.most} ${this.what} at once` });
    this.open.set(caller, before + 1);
    try {
      return await work();
    } finally {
      const left = (this.open.get(caller) ?? 1) - 1;
      if (left === 0) this.open.delete(caller);
      else this.open.set(caller, left);
    }
  }
}
