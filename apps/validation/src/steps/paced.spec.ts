import { paced } from './paced.js';

const busy = (milliseconds: number) => {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
};

describe('paced work', () => {
  it('gives one result for each item, in order', async () => {
    expect(await paced(['a', 'b', 'c'], (item, i) => `${item}${i}`)).toEqual(['a0', 'b1', 'c2']);
    expect(await paced([], () => 1)).toEqual([]);
  });

  it('lets others work in between when it takes long', async () => {
    let turns = 0;
    const others = setInterval(() => {
      turns += 1;
    }, 1);
    await paced([1, 2, 3, 4], () => busy(30));
    clearInterval(others);
    expect(turns).toBeGreaterThanOrEqual(2);
  });

  it('stops where the work throws', async () => {
    const seen: number[] = [];
    const work = paced([1, 2, 3], (item) => {
      seen.push(item);
      if (item === 2) throw new RangeError('no');
    });
    await expect(work).rejects.toThrow(RangeError);
    expect(seen).toEqual([1, 2]);
  });
});
