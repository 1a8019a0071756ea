/** A signal made of others, for as long as some work lasts. */
export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Aborts the signal and lets its sources go. To be called when the work has ended, in every case. */
  end(): void;
}

/**
 * A signal that is aborted with the first of its sources, and after `ms` where that is given. `AbortSignal.any` keeps whatever listens to it
 * for as long as its longest-lived source lives (nodejs/node#64476): beside a signal of the whole process, that is for ever.
 */
export function joinSignals(sources: readonly AbortSignal[], ms?: number): JoinedSignal {
  const controller = new AbortController();
  const timer = ms === undefined ? undefined : setTimeout(() => end(), ms);
  const end = (): void => {
    clearTimeout(timer);
    for (const source of sources) source.removeEventListener('abort', end);
    controller.abort();
  };
  for (const source of sources) source.addEventListener('abort', end);
  if (sources.some(({ aborted }) => aborted)) end();
  return { signal: controller.signal, end };
}
