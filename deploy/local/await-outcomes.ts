import type { OutcomeKind } from '#record';
import { type Adapter, type ReadOutcome, readOutcomes } from './adapter.js';

/** How many records have which outcome. */
export type Tally = Record<OutcomeKind, number>;

/** A bound for all outcomes of the demonstration, in milliseconds. */
const PATIENCE_MS = 120_000;

/**
 * Waits until every sending has an outcome after `cursor`, and counts them; an id that was sent twice has two. `tell` hears of the
 * progress, `each` of every outcome. Throws when some have none within two minutes.
 */
export async function awaitOutcomes(
  adapter: Adapter,
  cursor: string,
  ids: readonly string[],
  tell: (tally: Tally) => void,
  each: (outcome: ReadOutcome) => void,
): Promise<Tally> {
  const open = new Map<string, number>();
  for (const id of ids) open.set(id, (open.get(id) ?? 0) + 1);
  const tally: Tally = { sealed: 0, rejected: 0, duplicate: 0, conflict: 0 };
  const end = Date.now() + PATIENCE_MS;
  let after = cursor;
  while (open.size > 0) {
    const page = await readOutcomes(adapter, after, { wait: 5 });
    for (const outcome of page.outcomes) {
      const { id, kind } = outcome;
      const left = id === undefined ? undefined : open.get(id);
      if (id === undefined || left === undefined) continue;
      tally[kind] += 1;
      each(outcome);
      if (left === 1) open.delete(id);
      else open.set(id, left - 1);
    }
    after = page.next;
    tell(tally);
    if (Date.now() > end)
      throw new Error(`${open.size} records of ${adapter.member} have no outcome after ${PATIENCE_MS / 1000} s`);
  }
  return tally;
}
