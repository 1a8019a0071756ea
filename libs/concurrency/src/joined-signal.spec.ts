import { getEventListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { joinSignals } from './joined-signal.js';

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
