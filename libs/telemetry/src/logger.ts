import { pino } from 'pino';
import { FaultError } from '#faults';
import { type LevelControl, LOG_LEVELS, levelControl } from './levels.js';

/** What may stand in a log line: ids, counts and codes. Objects are not accepted, so that no record can slip in. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Structured logs: an event name in words and fields. Payloads, keys, identifiers of persons and exception messages never. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A logger whose level may be changed while the service runs. */
export interface AdjustableLogger extends Logger {
  readonly control: LevelControl;
}

const MAX_TEXT = 300;

/** A logger that writes JSON lines to standard output (or `destination`) as `{level, time, service, event, …}`. */
export function createLogger(service: string, level = 'info', destination?: { write(line: string): void }): AdjustableLogger {
  const options = {
    level,
    base: { service, pid: process.pid },
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const sink = destination === undefined ? pino(options) : pino(options, destination);
  const write = (at: 'debug' | 'info' | 'warn' | 'error') => (event: string, fields?: LogFields) =>
    sink[at](bounded(fields), event);
  const control = levelControl(LOG_LEVELS.find((known) => known === level) ?? 'info', (next) => {
    sink.level = next;
  });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'), control };
}

/** Cuts long texts: a field that is long enough to be a record is a mistake of ours. */
function bounded(fields: LogFields = {}): LogFields {
  const kept: Record<string, string | number | boolean | null | undefined> = {};
  for (const [name, value] of Object.entries(fields)) {
    kept[name] = typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  }
  return kept;
}

/**
 * What may be logged of an exception: its class, its code and where it was thrown. Its message is left out, since messages of
 * parsers and clients quote their input; only a {@link FaultError}'s own detail is ours and is kept.
 */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const type = 'type' in error && typeof error.type === 'string' ? error.type : undefined;
  const at = error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 3)
    .map((line) => line.trim().replace(/file:\/\/|\(?\/[^ ]*\/(?=[^/ ]+\/[^/ ]+:\d+)/g, ''))
    .join(' < ');
  return {
    error: error.name,
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
    ...(error instanceof FaultError && error.detail !== '' ? { detail: error.detail } : {}),
    ...(at === undefined ? {} : { at }),
  };
}
