/** Which quota: whose it is, and over which window. The same name with another window is another quota. */
export interface QuotaName {
  readonly name: string;
  readonly windowMs: number;
}

/** At most `limit` in each window of `windowMs`; windows begin at multiples of it since 1970. */
export interface QuotaRule extends QuotaName {
  readonly limit: number;
}

/** What was granted of what was wanted, what is left in this window, and how long until the next one, in milliseconds. */
export interface Budget {
  readonly granted: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** Counts what was used of quotas. It always answers: without its store from what it knows itself. */
export interface Quotas {
  /** Takes up to `wanted`; or with `whole` all of it or nothing. */
  take(rule: QuotaRule, wanted: number, now: Date, whole?: boolean): Promise<Budget>;
  /** Somebody knows that so much was used in the window that `now` lies in; less is never believed. */
  learn(rule: QuotaName, used: number, now: Date): void;
  close(): void;
}

/** One window of one quota: its name in a store, when it ends, and what was used. */
interface Window {
  readonly index: number;
  used: number;
}

/** What part of `wanted` is granted where `used` of `limit` are gone. */
export function grantOf(limit: number, used: number, wanted: number, whole: boolean): number {
  const left = Math.max(0, limit - used);
  return whole && wanted > left ? 0 : Math.min(wanted, left);
}

/** The number of the window that an instant lies in. */
export const windowAt = ({ windowMs }: QuotaName, now: Date): number => Math.floor(now.getTime() / windowMs);

/** How long until the next window begins, in milliseconds. */
export const resetOf = (rule: QuotaRule, now: Date): number => (windowAt(rule, now) + 1) * rule.windowMs - now.getTime();

/** Quotas counted in this process alone. */
export class LocalQuotas implements Quotas {
  private readonly windows = new Map<string, Window>();

  take(rule: QuotaRule, wanted: number, now: Date, whole = false): Promise<Budget> {
    const window = this.windowOf(rule, now);
    const granted = grantOf(rule.limit, window.used, wanted, whole);
    window.used += granted;
    return Promise.resolve({ granted, remaining: rule.limit - window.used, resetMs: resetOf(rule, now) });
  }

  /** What was used in the window that `now` lies in, as far as this process knows. */
  used(rule: QuotaRule, now: Date): number {
    return this.windowOf(rule, now).used;
  }

  learn(rule: QuotaName, used: number, now: Date): void {
    const window = this.windowOf(rule, now);
    window.used = Math.max(window.used, used);
  }

  close(): void {
    this.windows.clear();
  }

  private windowOf(rule: QuotaName, now: Date): Window {
    const name = `${rule.name}|${rule.windowMs}`;
    const index = windowAt(rule, now);
    const known = this.windows.get(name);
    // A clock that goes back begins no new window: it would give the quota twice.
    if (known !== undefined && known.index >= index) return known;
    const begun = { index, used: 0 };
    this.windows.set(name, begun);
    return begun;
  }
}
