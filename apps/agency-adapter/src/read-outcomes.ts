import { joinSignals } from '#concurrency';
import type { Outcome, OutcomeKind } from '#record';
import { MAX_SCAN } from './limits.js';
import { after, BEGINNING, type Place } from './store/cursor.js';
import type { OutcomeStore, PlacedOutcome } from './store/outcome-store.js';

/** Which outcomes a caller asks for. */
export interface OutcomeQuery {
  readonly from: Place;
  readonly kinds: ReadonlySet<OutcomeKind>;
  /** Whether the caller may see an outcome. */
  readonly mayRead: (outcome: Outcome) => boolean;
  readonly limit: number;
}

/** A part of the outcomes and the place to go on from. `more` says that there is more to be read right now. */
export interface OutcomePage {
  readonly outcomes: readonly PlacedOutcome[];
  readonly next: Place;
  readonly more: boolean;
}

/**
 * One page, oldest first. A page may be empty and still lead on: after a bounded number of outcomes that the caller did not
 * ask for, it ends early.
 */
export async function readPage(store: OutcomeStore, { from, kinds, mayRead, limit }: OutcomeQuery): Promise<OutcomePage> {
  const outcomes: PlacedOutcome[] = [];
  let next = from;
  let scanned = 0;
  for await (const found of store.outcomes(from)) {
    if (outcomes.length === limit || scanned === MAX_SCAN) return { outcomes, next, more: true };
    scanned++;
    next = after(found.place);
    if (kinds.has(found.outcome.kind) && mayRead(found.outcome)) outcomes.push(found);
  }
  return { outcomes, next, more: false };
}

/** Pages until nothing more is stored and, for up to `waitSeconds` each, nothing more arrives. */
export async function* followPages(
  store: OutcomeStore,
  query: OutcomeQuery,
  waitSeconds: number,
  stopping: AbortSignal,
): AsyncGenerator<OutcomePage> {
  let from = query.from;
  for (;;) {
    const { signal: given, end } = joinSignals([stopping], waitSeconds * 1000);
    try {
      let arrived = store.next(given); // asked for before reading, so that nothing falls between the two
      let page = await readPage(store, { ...query, from });
      while (page.outcomes.length === 0 && (page.more || (waitSeconds > 0 && !given.aborted))) {
        if (!page.more) await arrived;
        arrived = store.next(given);
        page = await readPage(store, { ...query, from: page.next });
      }
      yield page;
      if (page.outcomes.length === 0) return;
      from = page.next;
    } finally {
      end();
    }
  }
}

/** Where reading begins without a cursor. */
export const OLDEST = BEGINNING;
