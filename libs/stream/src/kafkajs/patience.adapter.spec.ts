import { untilHeard } from './patience.adapter.js';

describe('a change that the controller has taken', () => {
  afterEach(() => void jest.useRealTimers());

  it('is waited for until a broker has heard of it', async () => {
    const answers = [false, false, true];
    await untilHeard(async () => answers.shift() ?? false, 20_000, 'not heard');
    expect(answers).toEqual([]);
  });

  it('is not waited for without end', async () => {
    jest.useFakeTimers();
    const waited = expect(untilHeard(async () => false, 20_000, 'the quotas are not heard')).rejects.toMatchObject({
      code: 'STREAM_UNAVAILABLE',
      message: expect.stringContaining('the quotas') as string,
    });
    await jest.advanceTimersByTimeAsync(30_000);
    await waited;
  });
});
