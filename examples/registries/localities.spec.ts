import { DEMONSTRATION_COUNTRIES, LOCALITY, localities } from './localities.js';
import { projectSchema } from './project-schema.js';

describe('the places of the eight countries', () => {
  const some = [...localities(DEMONSTRATION_COUNTRIES)];

  it('are about 1,750, shared among the three agencies', () => {
    expect(some.length).toBeGreaterThan(1700);
    expect(some.length).toBeLessThan(1800);
    expect(new Set(some.map(({ member }) => member))).toEqual(new Set(['GE/GOV/7001', 'GE/GOV/7002', 'GE/GOV/7003']));
    expect(new Set(some.map(({ record }) => record?.country)).size).toBe(8);
  });

  it('have ids of their own and are accepted', () => {
    expect(new Set(some.map(({ id }) => id)).size).toBe(some.length);
    const schema = projectSchema(LOCALITY);
    for (const { record, expected } of some) {
      expect(schema.judge(record ?? null)).toEqual([]);
      expect(expected.verdict).toBe('accepted');
    }
  });
});
