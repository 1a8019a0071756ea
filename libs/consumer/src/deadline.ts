/** Aborted after so many milliseconds, unless it is let go before. */
export interface Deadline {
  readonly signal: AbortSignal;
  letGo(): void;
}

/**
 * What `AbortSignal.timeout` would be, but held by its timer: one that only `AbortSignal.any` knows of is collected as garbage on Node 20, and
 * then never comes.
 */
export function deadline(ms: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  return { signal: controller.signal, letGo: () => clearTimeout(timer) };
}
