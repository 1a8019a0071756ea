import { LocalQuotas, type QuotaRule } from './quotas.js';

const RULE: QuotaRule = { name: 'a', limit: 10, windowMs: 60_000 };
const at = (seconds: number) => new Date(Date.parse('2099-01-01T00:00:00Z') + seconds * 1000);

describe('when a quota is counted', () => {
  it('grants what is left, and all of it again in the next window', async () => {
    const quotas = new LocalQuotas();
    expect(await quotas.take(RULE, 6, at(10))).toEqual({ granted: 6, remaining: 4, resetMs: 50_000 });
    expect(await quotas.take(RULE, 6, at(20))).toEqual({ granted: 4, remaining: 0, resetMs: 40_000 });
    expect(await quotas.take(RULE, 1, at(59))).toEqual({ granted: 0, remaining: 0, resetMs: 1000 });
    expect(await quotas.take(RULE, 1, at(60))).toMatchObject({ granted: 1, remaining: 9 });
  });

  it('grants all or nothing where that is asked', async () => {
    const quotas = new LocalQuotas();
    await quotas.take(RULE, 6, at(0));
    expect(await quotas.take(RULE, 5, at(1), true)).toMatchObject({ granted: 0, remaining: 4 });
    expect(await quotas.take(RULE, 4, at(1), true)).toMatchObject({ granted: 4, remaining: 0 });
  });

  it('gives nothing twice when the clock goes back, and keeps names and windows apart', async () => {
    const quotas = new LocalQuotas();
    await quotas.take(RULE, 10, at(61));
    expect(await quotas.take(RULE, 1, at(59))).toMatchObject({ granted: 0 });
    expect(await quotas.take({ ...RULE, name: 'b' }, 1, at(59))).toMatchObject({ granted: 1 });
    expect(await quotas.take({ ...RULE, windowMs: 3_600_000 }, 1, at(59))).toMatchObject({ granted: 1 });
  });

  it('believes others who know of more, and never of less', async () => {
    const quotas = new LocalQuotas();
    quotas.learn(RULE, 9, at(0));
    quotas.learn(RULE, 3, at(0));
    expect(await quotas.take(RULE, 5, at(0))).toMatchObject({ granted: 1 });
  });
});
