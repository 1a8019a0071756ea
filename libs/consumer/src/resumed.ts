import { setTimeout as pause } from 'node:timers/promises';
import { FAULTS, FaultError } from '#faults';

/** How often a download that broke off goes on, and how often in a row without a byte that is new. */
const MOST_RESUMED = 20;
const MOST_IN_VAIN = 3;

/** How a download goes on. */
export interface Resuming {
  /** Asks for the bytes from one on. */
  readonly from: (start: number) => Promise<AsyncIterable<Uint8Array>>;
  /** The first pause; it doubles as long as nothing new comes. In milliseconds. */
  readonly pauseMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The bytes of a download in their order, each once, through connections that break: it is asked again for what has not come. Ends with the
 * last fault where that is of no use: it is not worth another try, nothing new came three times in a row, or it broke off too often.
 */
export async function* resumed(
  first: AsyncIterable<Uint8Array>,
  { from, pauseMs, signal }: Resuming,
): AsyncGenerator<Uint8Array> {
  let bytes: AsyncIterable<Uint8Array> | undefined = first;
  let start = 0;
  let inVain = 0;
  for (let tries = 0; ; tries += 1) {
    const before = start;
    try {
      bytes ??= await from(start);
      for await (const chunk of bytes) {
        start += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      inVain = start > before ? 0 : inVain + 1;
      const isOver = signal?.aborted === true || tries === MOST_RESUMED || inVain === MOST_IN_VAIN;
      if (isOver || !(error instanceof FaultError) || !FAULTS[error.code].retry || error.code === 'CONTENT_DIFFERS') throw error;
      bytes = undefined;
      await pause(pauseMs * 2 ** inVain, undefined, signal === undefined ? {} : { signal }).catch(() => undefined); // the next request ends it
    }
  }
}
