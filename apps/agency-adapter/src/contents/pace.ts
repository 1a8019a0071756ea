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
  let fail: (error: Error) => void = () => undefined;
  const slow = new Promise<never>((_, reject) => {
    fail = reject;
  });
  slow.catch(() => undefined); // whoever reads hears of it, where anybody does
  const timer = setInterval(() => {
    if (moved < LEAST_BYTES) {
      fail(new ProblemException('DOOR_SLOW'));
      onSlow();
    }
    moved = 0;
  }, windowMs);
  const bytes = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    while (!ended) {
      const next = await Promise.race([bytes.next(), slow]);
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
