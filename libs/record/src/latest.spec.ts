import { rememberingLatest } from './latest.js';

describe('a reader that remembers what it read last', () => {
  it('says of every text what the reader says, also where that is undefined', () => {
    const asked: string[] = [];
    const read = rememberingLatest((text) => {
      asked.push(text);
      return text === 'known' ? { text } : undefined;
    });
    const texts = ['known', 'known', 'other', 'other', 'known', ''];
    expect(texts.map((text) => read(text)?.text)).toEqual(['known', 'known', undefined, undefined, 'known', undefined]);
    expect(asked).toEqual(['known', 'other', 'known', '']);
  });

  it('reads half a surrogate pair as it is', () => {
    const read = rememberingLatest((text) => [...text].map((one) => one.charCodeAt(0)));
    expect([read('a\ud800'), read('a\ufffd'), read('a\ud800')]).toEqual([
      [0x61, 0xd800],
      [0x61, 0xfffd],
      [0x61, 0xd800],
    ]);
  });
});
