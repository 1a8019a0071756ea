import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deadline } from './deadline.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const joined = (signal: AbortSignal) => {
  const other = new AbortController();
  const any = AbortSignal.any([other.signal, signal]);
  return new Promise<string>((resolve) => any.addEventListener('abort', () => resolve('aborted'), { once: true }));
};

describe('when a request has a deadline', () => {
  it('ends with it, also where only a joined signal knows of it and the garbage is collected meanwhile', async () => {
    const ended = joined(deadline(300).signal);
    const collecting = setInterval(collectGarbage, 20);
    await expect(ended.finally(() => clearInterval(collecting))).resolves.toBe('aborted');
  }, 5000);

  it('is not held to it once it is let go', async () => {
    const { signal, letGo } = deadline(10);
    letGo();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(signal.aborted).toBe(false);
  });
});
