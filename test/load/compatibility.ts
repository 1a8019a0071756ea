import { Comparer, compare, type Question } from '#compatibility';
import { quantile, type Row, row } from './measure.js';

const FIELDS = 40;
const COUNT = 300;

/** A closed schema of 40 fields and about 4 kB; `variant` makes each one another. */
function schemaOf(variant: number, more: object = {}): string {
  const kinds = [
    (i: number) => ({ type: 'string', description: `field ${i}`, minLength: 1, maxLength: 50 + variant + i }),
    (i: number) => ({ type: 'string', description: `field ${i}`, pattern: `^[A-Z]{2}[0-9]{${4 + (i % 5)}}$` }),
    (i: number) => ({ type: 'integer', description: `field ${i}`, minimum: 0, maximum: 1_000_000 + variant }),
    (i: number) => ({ type: 'array', description: `field ${i}`, items: { enum: ['a', 'b', `c${i}`] }, maxItems: 20 }),
    (i: number) => ({ type: 'string', description: `field ${i}`, format: 'date' }),
  ];
  const properties = Object.fromEntries(Array.from({ length: FIELDS }, (_, i) => [`field${i}`, kinds[i % kinds.length]?.(i)]));
  const required = Object.keys(properties).slice(0, FIELDS / 2);
  return JSON.stringify({ type: 'object', properties: { ...properties, ...more }, required, additionalProperties: false });
}

/** Comparing two versions of a 40-field schema in this process: what the thread behind the registry's door does, each pair for the first time. */
export async function benchCompatibility(tell: (text: string) => void): Promise<Row[]> {
  const question = (candidate: string, i: number): Question => ({
    candidate: { text: candidate },
    earlier: [{ text: schemaOf(i) }],
    level: 'BACKWARD',
  });
  const safe = (i: number): Question => question(schemaOf(i + 1, { added: { type: 'string' } }), i);
  const breaking = (i: number): Question => question(schemaOf(i - 1), i);
  const rows: Row[] = [];
  for (const [name, of, expected] of [
    ['compatible', safe, 'compatible'],
    ['incompatible, with its witness', breaking, 'incompatible'],
  ] as const) {
    tell(`compatibility: ${name}`);
    for (let i = 1; i <= COUNT / 10; i++) compare(of(10_000 + i * 2));
    const before = process.cpuUsage();
    for (let i = 1; i <= COUNT; i++) {
      const { verdict } = compare(of(i * 2));
      if (verdict !== expected) throw new Error(`a pair that is ${expected} was said to be ${verdict}`);
    }
    const { user, system } = process.cpuUsage(before);
    rows.push(row(`compatibility, 40 fields: ${name}`, (user + system) / 1000 / COUNT, 'ms CPU'));
  }
  tell('compatibility: through the thread');
  rows.push(...(await throughThread((i) => safe(50_000 + i * 2))));
  return rows;
}

async function throughThread(of: (i: number) => Question): Promise<Row[]> {
  const comparer = new Comparer();
  for (let i = 1; i <= COUNT / 10; i++) await comparer.compare(of(-i));
  const times: number[] = [];
  const start = performance.now();
  for (let i = 1; i <= COUNT; i++) {
    const asked = performance.now();
    await comparer.compare(of(i));
    times.push(performance.now() - asked);
  }
  const rate = (COUNT * 1000) / (performance.now() - start);
  const again = performance.now();
  for (let i = 1; i <= COUNT; i++) await comparer.compare(of(i));
  const kept = (COUNT * 1000) / (performance.now() - again);
  await comparer.close();
  return [
    row('compatibility, 40 fields: through the thread, one after the other', rate, 'checks/s'),
    row('compatibility, 40 fields: through the thread, p99', quantile(times, 0.99), 'ms'),
    row('compatibility, 40 fields: asked again', kept, 'checks/s'),
  ];
}
