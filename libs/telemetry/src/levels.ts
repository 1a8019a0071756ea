/** How much is logged, from most to least. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The level of a running logger, which may be changed for a while. */
export interface LevelControl {
  level(): LogLevel;
  /** Changes the level now; after `seconds` it goes back to the one that the service was started with. */
  change(level: LogLevel, seconds: number): void;
}

/** Changes by `set`. A later change replaces an earlier one and its end. */
export function levelControl(started: LogLevel, set: (level: LogLevel) => void): LevelControl {
  let current = started;
  let back: NodeJS.Timeout | undefined;
  const apply = (level: LogLevel): void => {
    current = level;
    set(level);
  };
  return {
    level: () => current,
    change(level, seconds) {
      clearTimeout(back);
      apply(level);
      if (level !== started) back = setTimeout(() => apply(started), seconds * 1000).unref();
    },
  };
}
