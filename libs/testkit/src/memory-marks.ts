import { FaultError } from '#faults';
import { type Marks, markValue, type SeenVerdict, verdictOf } from '#seen';

/** Seen marks in memory, which judge as those in Redis do. `away` makes every question SEEN_UNAVAILABLE. */
export interface MemoryMarks extends Marks {
  away: boolean;
  /** The value of each mark by its `jti`. */
  readonly values: Map<string, string>;
}

export function memoryMarks(): MemoryMarks {
  const values = new Map<string, string>();
  const marks: MemoryMarks = {
    away: false,
    values,
    async mark(entries) {
      refuseWhileAway(marks);
      return entries.map((entry): SeenVerdict => {
        const found = values.get(entry.jti) ?? null;
        if (found === null) values.set(entry.jti, markValue(entry));
        const verdict = verdictOf(found, entry);
        if (verdict === undefined) throw new FaultError('SEEN_UNAVAILABLE', 'a mark was written by something else');
        return verdict;
      });
    },
    async release(entries) {
      refuseWhileAway(marks);
      for (const { jti, position } of entries) {
        const { topic, partition, offset } = position;
        if (values.get(jti)?.endsWith(`|${topic}|${partition}|${offset}`) === true) values.delete(jti);
      }
    },
    ready: async () => !marks.away,
  };
  return marks;
}

function refuseWhileAway({ away }: MemoryMarks): void {
  if (away) throw new FaultError('SEEN_UNAVAILABLE', 'the fake is away');
}
