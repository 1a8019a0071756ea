import { type QuotaRule, RedisQuotas } from '#seen';
import { RedisServer } from './support/redis-server.js';

const RULE: QuotaRule = { name: 'GE/GOV/7001', limit: 10, windowMs: 3_600_000 };
const now = new Date('2099-01-01T00:20:00Z');

describe('quotas in a real Redis', () => {
  let redis: RedisServer;
  let open: RedisQuotas[];
  /** Another process that counts the same quotas. */
  const process = async () => {
    const states: string[] = [];
    const quotas = new RedisQuotas({
      redisUrl: redis.url,
      clusterId: 'c1',
      patience: { answer: 300, connect: 200 },
      onChange: (state) => states.push(state),
    });
    open.push(quotas);
    const until = async (state: string) => {
      while (states.at(-1) !== state) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await until('ready');
    return { quotas, states, until, take: async (wanted: number) => (await quotas.take(RULE, wanted, now)).granted };
  };

  beforeEach(async () => {
    redis = await RedisServer.start();
    open = [];
  });
  afterEach(async () => {
    for (const quotas of open) quotas.close();
    await redis.remove();
  });

  it('are shared by all processes, and end with their window', async () => {
    const [one, two] = [await process(), await process()];
    expect([await one.take(6), await two.take(6), await one.take(1)]).toEqual([6, 4, 0]);
    expect(await two.quotas.take(RULE, 1, now)).toEqual({ granted: 0, remaining: 0, resetMs: 2_400_000 });
    const next = new Date(now.getTime() + RULE.windowMs);
    expect(await two.quotas.take(RULE, 1, next)).toMatchObject({ granted: 1, remaining: 9 });
    expect(await redis.command('PTTL', `khidi:c1:quota:GE/GOV/7001:3600000:${Math.floor(now.getTime() / 3_600_000)}`)).toMatch(
      /^:7[12]\d{5}\r\n/,
    );
  });

  it('are counted by what is known while Redis is away, and never unlimited', async () => {
    const one = await process();
    expect(await one.take(7)).toBe(7);
    await redis.kill();
    expect([await one.take(2), await one.take(5), await one.take(1)]).toEqual([2, 1, 0]);
    const next = new Date(now.getTime() + RULE.windowMs);
    expect(await one.quotas.take(RULE, 20, next)).toMatchObject({ granted: 10, remaining: 0 });
  });

  it('say so where Redis answers and does not count, and when it does again', async () => {
    const one = await process();
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(await one.take(7)).toBe(7);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await one.take(7)).toBe(3);
    expect(one.states).toEqual(['ready', 'away', 'ready']);
  });

  it('are told to a Redis that comes back with nothing', async () => {
    const one = await process();
    await one.take(7);
    await redis.command('FLUSHALL');
    const two = await process();
    expect(await one.take(1)).toBe(1);
    expect(await two.take(5)).toBe(2);
  });
});
