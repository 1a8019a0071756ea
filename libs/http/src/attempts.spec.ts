import { Attempts } from './attempts.js';

describe('failed attempts', () => {
  it('are too many from one address after thirty within a minute, and forgotten after it', () => {
    const attempts = new Attempts();
    const answers = Array.from({ length: 31 }, (_, i) => attempts.failed('192.0.2.1', 1_000_000 + i));
    expect(answers.slice(0, 30)).toEqual(Array(30).fill(false));
    expect(answers[30]).toBe(true);
    expect(attempts.failed('192.0.2.2', 1_000_040)).toBe(false);
    expect(attempts.failed('192.0.2.1', 1_060_001)).toBe(false);
  });
});
