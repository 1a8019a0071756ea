import { untilHeard } from './patience.adapter.js';

describe('a change that the controller has taken', () => {
  afterEach(() => void jest.useRealTimers());

  it('is waited for until a broker has heard of it', async () => {
    const answers = [false, false, true];
    await untilHeard('the quotas', async () => answers.shift() ?? false);
    expect(answers).toEqual([]);
  });

  it('is not waited for without end', async () => {
    jest.useFakeTimers();
    const waited = expect(untilHeard('the quotas', async () => false)).rejects.toMatchObject({
      code: 'STREAM_UNAVAILABLE',
      message: expect.stringContaining('the quotas') as string,
    });
    await jest.advanceTimersByTimeAsync(30_000);
    await waited;
  });
});
