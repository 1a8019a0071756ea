import { bundlePath, decodeBundle, encodeBundle, readTilePath, tilePath } from '../index.js';

describe('when a tile is named', () => {
  it('has the path that tlog-tiles gives it', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 2, index: 0, width: 1 })).toBe('tile/2/000.p/1');
    expect(bundlePath(1000, 17)).toBe('tile/entries/x001/000.p/17');
  });

  it('is read back from its path', () => {
    expect(readTilePath('tile/0/x001/x234/067')).toEqual({ level: 0, index: 1_234_067, width: 256 });
    expect(readTilePath('tile/entries/000.p/17')).toEqual({ level: 'entries', index: 0, width: 17 });
  });

  it.each([
    'tile/0/../../checkpoint',
    'tile/0/1',
    'tile/00/001',
    'tile/64/001',
    'tile/0/x000/001',
    'tile/0/001.p/256',
    'tile/0/001.p/0',
    'tile/0/001.p/01',
    'tile/-1/001',
    '/tile/0/001',
    'tile/0/001/',
    'tile/entries/x1/001',
  ])('refuses %s', (path) => {
    expect(readTilePath(path)).toBeUndefined();
  });
});

describe('when entries are bundled', () => {
  it('come back as they were', () => {
    const entries = ['', 'a', 'b'.repeat(65_535)].map((text) => Buffer.from(text));
    expect(decodeBundle(encodeBundle(entries))).toEqual(entries);
  });

  it('are refused where the bytes end within one', () => {
    const bytes = encodeBundle([Buffer.from('abc')]);
    expect(decodeBundle(bytes.subarray(0, 4))).toBeUndefined();
    expect(decodeBundle(bytes.subarray(0, 1))).toBeUndefined();
  });
});
