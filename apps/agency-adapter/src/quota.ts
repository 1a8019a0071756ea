import { FaultError } from '#faults';
import { QuotaExceeded, rateLimitHeaders } from '#http';
import type { Budget, QuotaRule, Quotas } from '#seen';
import type { HandOver } from './hand-over.js';

/** How much one member may send: `<records>/<minute|hour|day>`. Throws SETTINGS_INVALID. */
export function readQuota(text: string, member: string): QuotaRule | undefined {
  if (text === '') return undefined;
  const [, records, per] = /^([1-9]\d{0,11})\/(minute|hour|day)$/.exec(text) ?? [];
  const windowMs = per === 'minute' ? 60_000 : per === 'hour' ? 3_600_000 : 86_400_000;
  if (records === undefined) throw new FaultError('SETTINGS_INVALID', 'KHIDI_QUOTA is like 10000/minute');
  return { name: `member:${member}`, limit: Number(records), windowMs };
}

/** What is said of a member's quota in every answer. */
export type RateLimit = () => Readonly<Record<string, string>>;

/**
 * Hands over only what the member's quota lets through: all of the events that come together or none. Throws DOOR_QUOTA with the headers that say
 * when more may come; nothing of them is on the road then.
 */
export function limited(
  handOver: HandOver,
  rule: QuotaRule,
  quotas: Quotas,
  now: () => Date,
): { readonly handOver: HandOver; readonly rateLimit: RateLimit } {
  let latest: Budget | undefined;
  const headersOf = ({ remaining, resetMs }: Budget) => rateLimitHeaders('member', rule.limit, rule.windowMs, remaining, resetMs);
  return {
    async handOver(events) {
      if (events.length > 0) {
        latest = await quotas.take(rule, events.length, now(), true);
        if (latest.granted < events.length) throw new QuotaExceeded('DOOR_QUOTA', headersOf(latest), latest.resetMs);
      }
      await handOver(events);
    },
    rateLimit: () => (latest === undefined ? {} : headersOf(latest)),
  };
}
