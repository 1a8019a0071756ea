import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rounds } from './edition.js';
import { readWish } from './options.js';
import { edited, PLANTS } from './planted.js';
import { ELSEWHERE, FAULTS, SCENARIOS } from './scenarios.js';
import { STAGES } from './stages.js';

const names = SCENARIOS.map(({ name }) => name);
const wish = (...args: string[]) => readWish(args, SCENARIOS, () => 7);

describe('when the scenarios are looked at', () => {
  it('make every fault of the list, or say what shows it instead, and not both', () => {
    const made = new Set(SCENARIOS.flatMap(({ faults }) => faults));
    const all = Array.from({ length: FAULTS }, (_, i) => i + 1);
    expect(all.filter((fault) => !made.has(fault))).toEqual(Object.keys(ELSEWHERE).map(Number));
    expect([...made].filter((fault) => !all.includes(fault))).toEqual([]);
  });

  it('have names of their own that can be typed, and say what they do', () => {
    expect(new Set(names).size).toBe(names.length);
    for (const { name, what, stage } of SCENARIOS) {
      expect(name).toMatch(/^[a-z-]{3,20}$/);
      expect(what.length).toBeGreaterThan(20);
      expect(Object.keys(STAGES)).toContain(stage);
    }
  });
});

describe('when defects are planted', () => {
  it('names scenarios and numbers that there are', () => {
    for (const { scenario, finds } of PLANTS) {
      expect(names).toContain(scenario);
      expect(finds.length).toBeGreaterThan(0);
    }
  });

  it('fit the code as it is built now', () => {
    const read = (file: string): string => readFileSync(join('dist', file), 'utf8');
    for (const plant of PLANTS) expect(edited(plant, read).size).toBe(plant.edits.length);
  });

  it('does not run with a defect that fits nowhere', () => {
    expect(() => edited(PLANTS[0]!, () => 'other code')).toThrow('does not fit');
  });
});

describe('when an edition has a time', () => {
  const first = (count: number, seed: number) =>
    Array.from(
      (function* () {
        let left = count;
        for (const scenario of rounds(SCENARIOS, seed))
          if (left-- > 0) yield scenario;
          else return;
      })(),
    );

  it('takes each scenario once before it takes one again, in an order that only the seed decides', () => {
    const order = first(SCENARIOS.length * 2, 7);
    for (const round of [order.slice(0, SCENARIOS.length), order.slice(SCENARIOS.length)])
      expect(new Set(round)).toEqual(new Set(SCENARIOS));
    expect(first(SCENARIOS.length, 7)).toEqual(order.slice(0, SCENARIOS.length));
    expect(first(SCENARIOS.length, 8)).not.toEqual(order.slice(0, SCENARIOS.length));
  });

  it('ends at once where there is nothing to take', () => {
    expect([...rounds([], 7)]).toEqual([]);
  });
});

describe('when a wish is read', () => {
  it('means all scenarios, once each, with a new seed', () => {
    expect(wish()).toEqual({ kind: 'run', scenarios: SCENARIOS, minutes: 0, seed: 7 });
  });

  it('keeps to names, minutes and a seed', () => {
    const read = wish('--only', `${names[3]}, ${names[0]}`, '--minutes', '10', '--seed', '99');
    expect(read).toEqual({ kind: 'run', scenarios: [SCENARIOS[0], SCENARIOS[3]], minutes: 10, seed: 99 });
  });

  it('takes names of alerts where these are asked for', () => {
    const { provocations = [] } = wish('--alerts', '--only', 'KhidiLogLate') as {
      provocations?: readonly { alerts: readonly string[] }[];
    };
    expect(provocations.map(({ alerts }) => alerts)).toEqual([['KhidiLogLate']]);
    expect(() => wish('--alerts', '--only', 'KhidiNothing')).toThrow('There is no alert KhidiNothing');
  });

  it.each([['--only', 'nothing'], ['--minutes', '0'], ['--minutes', '1.5'], ['--seed', 'x'], ['--unknown']])(
    'refuses %s %s',
    (...args) => {
      expect(() => wish(...args)).toThrow();
    },
  );
});
