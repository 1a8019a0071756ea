import fc from 'fast-check';
import { sliceElements } from './slice-elements.js';

const elements = (text: string, most = 100) => {
  const bytes = Buffer.from(text);
  return sliceElements(bytes, most)?.map(({ start, end }) => bytes.subarray(start, end).toString());
};

describe('when an array is framed', () => {
  it('gives the bytes of each element as they stand', () => {
    expect(elements(' [ {"a": [1, "]"]} ,1e2,"x\\"]", [] , true ]\n')).toEqual([
      '{"a": [1, "]"]}',
      '1e2',
      '"x\\"]"',
      '[]',
      'true',
    ]);
    expect(elements('[]')).toEqual([]);
    expect(elements('[ ]')).toEqual([]);
  });

  it('frames whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        expect(elements(JSON.stringify(values), 1000)?.map((element) => JSON.parse(element))).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
      }),
    );
  });

  it.each(['', '{}', '[', '[1', '[1,]', '[,1]', '[1 2]', '[1]x', '["a]', '[{]', '1', '[}]'])('refuses %s', (text) => {
    expect(elements(text)).toBeUndefined();
  });

  it('refuses more elements than allowed', () => {
    expect([elements('[1,2]', 2), elements('[1,2,3]', 2)]).toEqual([['1', '2'], undefined]);
  });
});
