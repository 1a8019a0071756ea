import type { Jti } from '#record';
import { markValue, type SeenEntry, verdictOf } from './marks.js';

const entry = (mac: string, offset: string, topic = 'ingress.GE-GOV-7001.population.person'): SeenEntry => ({
  jti: 'j' as Jti,
  mac,
  position: { topic, partition: 0, offset },
});

describe('what a mark says of a record', () => {
  it('is new where there is none', () => {
    expect(verdictOf(null, entry('m1', '7'))).toBe('new');
  });

  it('is our own repeat where the same position made it', () => {
    expect(verdictOf(markValue(entry('m1', '7')), entry('m1', '7'))).toBe('repeat');
  });

  it('is our own repeat even when the content key was changed in between', () => {
    expect(verdictOf(markValue(entry('m1', '7')), entry('m2', '7'))).toBe('repeat');
  });

  it('is a duplicate where another position sent the same content', () => {
    expect(verdictOf(markValue(entry('m1', '7')), entry('m1', '8'))).toBe('duplicate');
  });

  it('is a conflict where another position sent other content', () => {
    expect(verdictOf(markValue(entry('m1', '7')), entry('m2', '8'))).toBe('conflict');
  });

  it.each([
    ['an offset that ends like ours', '17', '7'],
    ['ours being the longer one', '7', '17'],
  ])('does not confuse positions: %s', (_, made, asked) => {
    expect(verdictOf(markValue(entry('m1', made)), entry('m2', asked))).toBe('conflict');
  });

  it('does not confuse topics of which one ends like the other', () => {
    expect(verdictOf(markValue(entry('m1', '7', 'xa.b')), entry('m2', '7', 'a.b'))).toBe('conflict');
  });

  it.each(['', 'garbage', '|a|0|1', 'm1|a|0|', 'm1|a|b|0|1|2', 'm1|a|-1|0'])('is nothing where the value is %j', (value) => {
    expect(verdictOf(value, entry('m1', '7'))).toBeUndefined();
  });
});
