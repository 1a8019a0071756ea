import { ProblemException } from '#http';
import type { SubsystemId } from '#record';

/** How many answers each subsystem waits for: one that asks without end takes no place of another. */
export class Places {
  private readonly taken = new Map<SubsystemId, number>();

  constructor(
    private readonly most: number,
    private readonly observe: (waiting: number) => void = () => undefined,
  ) {}

  /** Takes a place until the function that it gives is called. Throws QUESTION_TOO_MANY where there is none left. */
  take(subsystem: SubsystemId): () => void {
    const now = this.taken.get(subsystem) ?? 0;
    if (now >= this.most) throw new ProblemException('QUESTION_TOO_MANY', { headers: { 'retry-after': '1' } });
    this.set(subsystem, now + 1);
    let free = false;
    return () => {
      if (free) return;
      free = true;
      this.set(subsystem, (this.taken.get(subsystem) ?? 1) - 1);
    };
  }

  private set(subsystem: SubsystemId, count: number): void {
    if (count === 0) this.taken.delete(subsystem);
    else this.taken.set(subsystem, count);
    this.observe([...this.taken.values()].reduce((sum, one) => sum + one, 0));
  }
}
