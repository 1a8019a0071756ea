import { pointerOf } from './pointer.js';

describe('a pointer', () => {
  it.each([
    ['', []],
    ['/', ['']],
    ['/a~1b/0/m~0n', ['a/b', 0, 'm~n']],
    ['/~01', ['~1']],
  ])('is %p by RFC 6901 for %p', (pointer, segments) => {
    expect(pointerOf(segments)).toBe(pointer);
  });
});
