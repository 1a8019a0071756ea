import { Window } from './window.js';

describe('when two sides share a window', () => {
  it('lets the writer wait until there is room and gives everything in order', async () => {
    const window = new Window<number>(2, 100);
    await window.put(1, 10);
    await window.put(2, 10);
    let entered = false;
    const third = window.put(3, 10).then(() => {
      entered = true;
    });
    await Promise.resolve();
    expect(entered).toBe(false);
    expect(await window.take(10, 100)).toEqual([1, 2]);
    await third;
    window.end();
    expect([await window.take(10, 100), await window.take(10, 100)]).toEqual([[3], undefined]);
  });

  it('counts bytes, but lets one that is too large pass alone', async () => {
    const window = new Window<string>(10, 100);
    await window.put('huge', 500);
    const next = window.put('small', 1);
    expect(await window.take(10, 50)).toEqual(['huge']);
    await next;
    expect(await window.take(10, 50)).toEqual(['small']);
  });

  it('tells each side that the other failed', async () => {
    const window = new Window<number>(1, 1);
    await window.put(1, 1);
    const stuck = window.put(2, 1);
    window.fail(new Error('gone'));
    await expect(stuck).rejects.toThrow('gone');
    await expect(window.take(1, 1)).rejects.toThrow('gone');
    expect(() => window.throwIfFailed()).toThrow('gone');
  });
});
