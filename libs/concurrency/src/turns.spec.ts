import { setTimeout as pause } from 'node:timers/promises';
import { Turns } from './turns.js';

describe('when works take turns', () => {
  it('begins each when the one before has ended, in the order in which they were asked for', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const work = (name: string, ms: number) => async () => {
      told.push(`${name} begins`);
      await pause(ms);
      told.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([turns.take(work('a', 20)), turns.take(work('b', 1)), turns.take(work('c', 1))])).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('goes on after one that failed, which only its own caller hears of', async () => {
    const turns = new Turns();
    const failed = turns.take(() => Promise.reject(new Error('a')));
    const next = turns.take(async () => 'b');
    await expect(failed).rejects.toThrow('a');
    expect(await next).toBe('b');
    await turns.over();
  });
});
