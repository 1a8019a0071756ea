import { ProblemException } from '#http';

/** The least that must move in a window: every line carries that, over which anybody would send a content. */
export const LEAST_BYTES = 256 * 1024;
const WINDOW_MS = 30_000;

/**
 * Passes bytes on as long as they move. In the first window in which fewer than {@link LEAST_BYTES} did it ends with DOOR_SLOW, so that nobody holds
 * a place by dripping; `onSlow` is told at once, for the case that it is the reader who does not read.
 */
export async function* atPace(
  source: AsyncIterable<Buffer>,
  { windowMs = WINDOW_MS, onSlow = () => undefined }: { readonly windowMs?: number; readonly onSlow?: () => void } = {},
): AsyncGenerator<Buffer> {
  let moved = 0;
  let tooSlow: Error | undefined;
  let fail: (error: Error) => void = () => undefined;
  const timer = setInterval(() => {
    if (moved < LEAST_BYTES) {
      tooSlow = new ProblemException('DOOR_SLOW');
      fail(tooSlow);
      onSlow();
    }
    moved = 0;
  }, windowMs);
  const bytes = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    while (!ended) {
      if (tooSlow !== undefined) throw tooSlow;
      // A promise for each turn: `Promise.race` with one that outlives them all would keep every chunk until the end.
      const next = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
        fail = reject;
        bytes.next().then(resolve, reject);
      });
      ended = next.done === true;
      if (next.done !== true) {
        moved += next.value.length;
        yield next.value;
      }
    }
  } finally {
    clearInterval(timer);
    if (!ended) void bytes.return?.(undefined)?.catch(() => undefined); // it may never answer
  }
}
