import { connectTelling, type Patience, type RedisPlace, type RedisState, timedOut } from './connection.js';
import { type Budget, LocalQuotas, type QuotaName, type QuotaRule, type Quotas, resetOf, windowAt } from './quotas.js';

/** Where quotas are counted for all processes. */
export interface RedisQuotasOptions extends RedisPlace {
  /** Part of each key, so that clusters that share a Redis do not share quotas. */
  readonly clusterId: string;
  /** Called once whenever Redis goes away or comes back; one that refuses to count is away, too. */
  readonly onChange?: (state: RedisState) => void;
  readonly patience?: Patience;
}

const PATIENCE: Patience = { answer: 500, connect: 2000 };

/**
 * Quotas that all processes share, by a counter in Redis for each window. Fail static: what this process knows to be used it goes on
 * counting by itself while Redis is away (from nothing in a window that begins meanwhile), and tells Redis when that is back, also one that
 * was emptied. So nobody ever has more than the quota through one process, and never is anything unlimited. A process that was killed knows
 * what it is told by `learn`.
 */
export class RedisQuotas implements Quotas {
  readonly #redis;
  readonly #tell;
  readonly #prefix;
  readonly #local = new LocalQuotas();

  constructor({ redisUrl, redisPassword, clusterId, onChange, patience }: RedisQuotasOptions) {
    this.#prefix = `khidi:${clusterId}:quota:`;
    const { redis, tell } = connectTelling({ redisUrl, redisPassword }, patience ?? PATIENCE, onChange);
    this.#redis = redis;
    this.#tell = tell;
  }

  async take(rule: QuotaRule, wanted: number, now: Date, whole = false): Promise<Budget> {
    const { name, limit, windowMs } = rule;
    const key = `${this.#prefix}${name}:${windowMs}:${windowAt(rule, now)}`;
    const known = this.#local.used(rule, now);
    try {
      const answer: unknown = await this.#redis.khidiTake(1, key, limit, wanted, known, windowMs * 2, whole ? 1 : 0);
      const [granted, used] = Array.isArray(answer) ? answer.map(Number) : [];
      if (Number.isSafeInteger(granted) && Number.isSafeInteger(used)) {
        this.#tell('ready');
        this.#local.learn(rule, Number(used), now);
        return { granted: Number(granted), remaining: Math.max(0, limit - Number(used)), resetMs: resetOf(rule, now) };
      }
    } catch (error) {
      // Answers are matched to commands by their order alone: begin anew rather than wait for one that may be lost.
      if (timedOut(error)) this.#redis.disconnect(true);
    }
    this.#tell('away'); // also where it answers and refuses: somebody must hear that processes count by themselves
    return this.#local.take(rule, wanted, now, whole);
  }

  learn(rule: QuotaName, used: number, now: Date): void {
    this.#local.learn(rule, used, now);
  }

  close(): void {
    this.#redis.disconnect();
    this.#local.close();
  }
}
