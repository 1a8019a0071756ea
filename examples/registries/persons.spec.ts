import { type JsonObject, parseStrict } from '#canonical';
import type { FaultReport } from '#faults';
import { bearer, PERSON_COUNTRIES, withEstonianCheck, withKazakhCheck, withUzbekCheck } from './persons/national-number.js';
import { SPOILS } from './persons/spoil.js';
import { PERSON, persons } from './persons.js';
import { projectSchema } from './project-schema.js';

const schema = projectSchema(PERSON);
const asText = (faults: readonly FaultReport[]) => faults.map(({ code, pointer, rule }) => `${code} ${pointer} ${rule}`).sort();

function verdictOf(bytes: Buffer): string[] {
  const read = parseStrict(bytes);
  return asText(read.ok ? schema.judge(read.value) : [{ code: read.code }]);
}

describe('synthetic persons', () => {
  const some = [...persons({ count: 2000, faults: 0.3 })];
  const accepted = some.filter(({ expected }) => expected.verdict === 'accepted').map(({ record }) => record as JsonObject);

  it('are judged as they expect, every kind of fault among them', () => {
    for (const { bytes, expected } of some) {
      expect(verdictOf(bytes)).toEqual(expected.verdict === 'accepted' ? [] : asText(expected.faults));
    }
    const told = new Set(some.map(({ expected }) => (expected.verdict === 'accepted' ? '' : asText(expected.faults).join())));
    expect(told.size - 1).toBe(Object.keys(SPOILS).length);
  });

  it('are wrong about as often as asked', () => {
    expect(accepted.length / some.length).toBeCloseTo(0.7, 1);
    expect([...persons({ count: 500 })].every(({ expected }) => expected.verdict === 'accepted')).toBe(true);
  });

  it('are the same each time, wherever one begins', () => {
    const [tenth] = persons({ count: 1, from: 10, faults: 0.3 });
    expect(tenth).toEqual(some[10]);
    const [other] = persons({ count: 1, from: 10, seed: 2 });
    expect(other?.id).not.toBe(some[10]?.id);
  });

  it('have an event id and a personal number of their own', () => {
    expect(new Set(some.map(({ id }) => id)).size).toBe(some.length);
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(accepted.length);
    const many = PERSON_COUNTRIES.flatMap((country) =>
      Array.from({ length: 3000 }, (_, n) => `${country}${bearer(country, n).number}`),
    );
    expect(new Set(many).size).toBe(many.length);
  });

  it('are born in 2099 or later, in about a kilobyte with about thirty fields', () => {
    for (const { birth } of accepted as unknown as { birth: { date: string } }[]) expect(birth.date >= '2099-01-01').toBe(true);
    const bytes = some.reduce((sum, record) => sum + record.bytes.length, 0) / some.length;
    expect(bytes).toBeGreaterThan(900);
    expect(bytes).toBeLessThan(1100);
    expect(leaves(accepted[0])).toBeGreaterThan(29);
  });

  it('have names in eight languages and four scripts', () => {
    const names = accepted.map(({ names: found }) => found as unknown as { language: string; full: string });
    expect(new Set(names.map(({ language }) => language)).size).toBe(8);
    const scripts = ['Latin', 'Georgian', 'Armenian', 'Cyrillic'];
    expect(scripts.filter((script) => names.some(({ full }) => new RegExp(`^\\p{Script=${script}}`, 'u').test(full)))).toEqual(
      scripts,
    );
  });
});

function leaves(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.values(value).reduce((sum, below) => sum + leaves(below), 0) : 1;
}

describe('check digits of synthetic numbers', () => {
  it.each(['79912310014', '89912310026', '79912310070', '79912310440'])('Estonia: %s', (number) => {
    expect(withEstonianCheck(number.slice(0, -1))).toBe(number);
  });

  it.each(['991231500016', '991231600022', '991231500707', '991231500719'])('Kazakhstan: %s', (number) => {
    expect(withKazakhCheck(number.slice(0, 7), Number(number.slice(7, 11)))).toBe(number);
  });

  it('Kazakhstan: a number that would find no digit is not issued', () => {
    expect(withKazakhCheck('9912315', 77)).toMatch(/^99123151077\d$/);
  });

  it.each(['53112990010014', '63112999999995'])('Uzbekistan: %s', (number) => {
    expect(withUzbekCheck(number.slice(0, -1))).toBe(number);
  });
});
