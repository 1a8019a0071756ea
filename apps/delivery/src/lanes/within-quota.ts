import type { Budget, QuotaRule, Quotas } from '#seen';
import type { Ruled } from '../steps/write-handover.js';
import { quotaOf } from './used-quotas.js';

/** How many records may leave now, from the first on; and where that is not all of them, how long until more may, in milliseconds. */
export interface Permitted {
  readonly count: number;
  readonly restMs: number;
  /** By agreement: what is left of it. */
  readonly remaining: ReadonlyMap<string, number>;
}

/**
 * Takes what records want of their agreements' quotas. Order is kept: nothing behind a record that has to wait leaves before it. What was
 * granted to records behind it is not given back, so that the count is never too low; neither is what a crash keeps from being written.
 */
export async function withinQuota(ruled: readonly Ruled[], quotas: Quotas, now: Date): Promise<Permitted> {
  const wanted = new Map<string, { readonly rule: QuotaRule; count: number }>();
  for (const one of ruled) {
    const rule = quotaOf(one);
    if (rule === undefined) continue;
    const known = wanted.get(rule.name) ?? { rule, count: 0 };
    known.count += 1;
    wanted.set(rule.name, known);
  }
  const budgets = new Map<string, Budget & { left: number }>();
  for (const [name, { rule, count }] of wanted) {
    const budget = await quotas.take(rule, count, now);
    budgets.set(name, { ...budget, left: budget.granted });
  }
  const remaining = new Map([...budgets].map(([name, budget]) => [name, budget.remaining]));
  for (const [count, one] of ruled.entries()) {
    const budget = budgets.get(quotaOf(one)?.name ?? '');
    if (budget === undefined) continue;
    if (budget.left === 0) return { count, restMs: budget.resetMs, remaining };
    budget.left -= 1;
  }
  return { count: ruled.length, restMs: 0, remaining };
}
