import type { QuotaRule, Quotas } from '#seen';
import type { Ruled } from '../steps/write-handover.js';

/** What left under one quota in the newest window that something left in. It stands in the lane's state. */
export interface UsedQuota {
  readonly name: string;
  readonly windowMs: number;
  /** When the window begins, in milliseconds since 1970. */
  readonly from: number;
  readonly used: number;
}

const WINDOWS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** The quota that a record counts against: what is not delivered counts nowhere. */
export function quotaOf({ ruling }: Ruled): QuotaRule | undefined {
  if (ruling?.kind !== 'deliver') return undefined;
  const { agreement, quota } = ruling;
  const [name = agreement] = agreement.split('/');
  return { name: `agreement:${name}`, limit: quota.records, windowMs: WINDOWS[quota.per] };
}

/**
 * What was used once these leave too, counted in the window that they were permitted in. It is written in the transaction that lets them out,
 * so it holds also where delivery and Redis have both forgotten. Windows that are over are left out.
 */
export function usedAfter(before: readonly UsedQuota[] | undefined, leaving: readonly Ruled[], now: Date): readonly UsedQuota[] {
  const used = new Map((before ?? []).map((one) => [keyOf(one), one]));
  for (const ruled of leaving) {
    const rule = quotaOf(ruled);
    if (rule === undefined) continue;
    const { name, windowMs } = rule;
    const from = now.getTime() - (now.getTime() % windowMs);
    const known = used.get(keyOf(rule));
    // A clock that went back begins no window anew, as in the count that permitted it.
    const last = known === undefined || known.from < from ? { name, windowMs, from, used: 0 } : known;
    used.set(keyOf(rule), { ...last, used: last.used + 1 });
  }
  return [...used.values()].filter(({ from, windowMs }) => from + windowMs > now.getTime());
}

/** Tells those who permit what left before: they never count less. */
export function remind(quotas: Quotas, used: readonly UsedQuota[] | undefined): void {
  for (const { name, windowMs, from, used: count } of used ?? []) quotas.learn({ name, windowMs }, count, new Date(from));
}

const keyOf = ({ name, windowMs }: Pick<QuotaRule, 'name' | 'windowMs'>): string => `${name}|${windowMs}`;
