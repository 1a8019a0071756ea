import fc from 'fast-check';
import { WholeAnswers } from './whole-answers.js';

const framed = (body: Uint8Array): Buffer => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
};

describe('when a socket reads answers in pieces', () => {
  it('gives each whole, also where the memory of the pieces is written over afterwards', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), (sent, cuts) => {
        const wire = Buffer.concat(sent.map(framed));
        const memory = Buffer.alloc(12);
        const got: Buffer[] = [];
        const answers = new WholeAnswers((answer) => got.push(answer));
        for (let at = 0, i = 0; at < wire.length; i += 1) {
          const length = wire.copy(memory, 0, at, at + (cuts[i % cuts.length] ?? 1));
          answers.give(memory.subarray(0, length));
          at += length;
          memory.fill(0xff);
        }
        expect(got).toEqual(sent.map(framed));
      }),
    );
  });

  it.each([-1, 0x48545450])('refuses one that announces %i bytes: somebody else answers', (size) => {
    const announced = Buffer.alloc(4);
    announced.writeInt32BE(size);
    expect(() => new WholeAnswers(() => undefined).give(announced)).toThrow(RangeError);
  });
});
