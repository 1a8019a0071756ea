import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#telemetry';

/**
 * Nest's own words in our logs. Only the context is kept of warnings and errors: Nest prints messages of whatever was thrown,
 * and those may quote a record.
 */
export function nestLogger(log: Logger): LoggerService {
  const contextOf = (rest: unknown[]): string => {
    const last = rest.at(-1);
    return typeof last === 'string' ? last.slice(0, 60) : 'nest';
  };
  return {
    log: (_message: unknown, ...rest: unknown[]) => log.debug('nest', { context: contextOf(rest) }),
    warn: (_message: unknown, ...rest: unknown[]) => log.warn('nest warning', { context: contextOf(rest) }),
    error: (_message: unknown, ...rest: unknown[]) => log.error('nest error', { context: contextOf(rest) }),
  };
}
