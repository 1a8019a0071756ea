import { ProblemException } from './problem-exception.js';

/** How much work each caller may have under way, so that one that asks without end takes no place of another. */
export class FewAtOnce {
  private readonly open = new Map<string, number>();

  constructor(
    private readonly most: number,
    /** What is counted, for who is refused with DOOR_UNAVAILABLE: `pages`. Or what refuses in another way. */
    private readonly what: string | (() => ProblemException),
    /** Told how much is under way, of all callers, whenever that changes. */
    private readonly observe: (open: number) => void = () => undefined,
  ) {}

  /** Takes a place until the function that it gives is called. Throws the refusal where there is none left. */
  take(caller: string): () => void {
    const before = this.open.get(caller) ?? 0;
    if (before >= this.most) throw this.refusal();
    this.set(caller, before + 1);
    let free = false;
    return () => {
      if (free) return;
      free = true;
      this.set(caller, (this.open.get(caller) ?? 1) - 1);
    };
  }

  /** Does one more work of a caller. Rejects with the refusal while as many as may be are under way. */
  async run<T>(caller: string, work: () => Promise<T>): Promise<T> {
    const free = this.take(caller);
    try {
      return await work();
    } finally {
      free();
    }
  }

  private set(caller: string, count: number): void {
    if (count === 0) this.open.delete(caller);
    else this.open.set(caller, count);
    this.observe([...this.open.values()].reduce((sum, one) => sum + one, 0));
  }

  private refusal(): ProblemException {
    const { what } = this;
    return typeof what === 'string'
      ? new ProblemException('DOOR_UNAVAILABLE', { detail: `at most ${this.most} ${what} at once` })
      : what();
  }
}
