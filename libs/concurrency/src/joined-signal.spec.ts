import { getEventListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { joinSignals } from './joined-signal.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('when signals are joined', () => {
  it('is aborted with the first of them', () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const { signal } = joinSignals([one.signal, two.signal]);
    expect(signal.aborted).toBe(false);
    two.abort();
    expect(signal.aborted).toBe(true);
  });

  it('is aborted from the beginning where one of them is', () => {
    expect(joinSignals([new AbortController().signal, AbortSignal.abort()]).signal.aborted).toBe(true);
  });

  it('is aborted when its time is over', async () => {
    const { signal } = joinSignals([], 5);
    await pause(50);
    expect(signal.aborted).toBe(true);
  });

  it('is aborted in time also where nobody but a listener knows of it and the garbage is collected meanwhile', async () => {
    const ended = new Promise<string>((resolve) => {
      const { signal } = joinSignals([new AbortController().signal], 300);
      AbortSignal.any([signal]).addEventListener('abort', () => resolve('aborted'), { once: true });
    });
    const collecting = setInterval(collectGarbage, 20);
    await expect(ended.finally(() => clearInterval(collecting))).resolves.toBe('aborted');
  }, 5000);

  it('leaves nothing at a signal that lives on, however its work ended', () => {
    const process = new AbortController();
    const request = new AbortController();
    for (let i = 0; i < 3; i++) joinSignals([process.signal, new AbortController().signal], 60_000).end();
    joinSignals([process.signal, request.signal]);
    expect(listeners(process.signal)).toBe(1);
    request.abort();
    expect(listeners(process.signal)).toBe(0);
  });
});
