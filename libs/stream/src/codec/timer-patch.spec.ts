import { kafkajsModule } from './kafkajs-modules.js';
import { installTimerPatch, uninstallTimerPatch } from './timer-patch.js';

interface Queue {
  push(request: { entry: object; expectResponse: boolean; requestTimeout: number | null; sendRequest: () => void }): void;
  fulfillRequest(answer: { correlationId: number; payload: Buffer; size: number }): void;
  maybeThrottle(ms: number): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
}

const RequestQueue = kafkajsModule<new (options: object) => Queue>('network/requestQueue');
const quiet = () => undefined;

const queueOf = (options: object = {}): Queue =>
  new RequestQueue({
    maxInFlightRequests: null,
    requestTimeout: 1000,
    enforceRequestTimeout: true,
    clientId: 'c',
    broker: 'b',
    logger: { debug: quiet, warn: quiet },
    ...options,
  });

/** Pushes request number `correlationId`; `sent` and the rejected ones are noted by number. */
const pusher = (queue: Queue) => {
  const sent: number[] = [];
  const rejected: number[] = [];
  const push = (correlationId: number): void =>
    queue.push({
      entry: {
        correlationId,
        resolve: quiet,
        reject: () => rejected.push(correlationId),
        apiName: 'Any',
        apiKey: 1,
        apiVersion: 1,
      },
      expectResponse: true,
      requestTimeout: null,
      sendRequest: () => sent.push(correlationId),
    });
  const answer = (correlationId: number): void => queue.fulfillRequest({ correlationId, payload: Buffer.alloc(0), size: 0 });
  return { push, answer, sent, rejected };
};

beforeEach(() => {
  jest.useFakeTimers();
  installTimerPatch();
});
afterEach(() => {
  uninstallTimerPatch();
  jest.useRealTimers();
});

describe('when the timer patch is installed', () => {
  it('sets no timer while nothing waits, where stock keeps one running for ever', () => {
    const { push, answer } = pusher(queueOf());
    push(1);
    answer(1);
    expect(jest.getTimerCount()).toBe(0);

    uninstallTimerPatch();
    push(2);
    answer(2);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1000);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('may be installed twice and taken away twice', () => {
    installTimerPatch();
    uninstallTimerPatch();
    uninstallTimerPatch();
    const { push, answer } = pusher(queueOf());
    push(1);
    answer(1);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('holds requests back while the broker throttles, then sends them in order, even if the time was prolonged', () => {
    const queue = queueOf();
    const { push, sent } = pusher(queue);
    queue.maybeThrottle(500);
    push(1);
    push(2);
    jest.advanceTimersByTime(400);
    queue.maybeThrottle(300);
    jest.advanceTimersByTime(250);
    expect(sent).toEqual([]);
    jest.advanceTimersByTime(60);
    expect(sent).toEqual([1, 2]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('needs no timer for a throttling during which nothing was asked', () => {
    const queue = queueOf();
    const { push, sent } = pusher(queue);
    queue.maybeThrottle(500);
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(600);
    push(1);
    expect(sent).toEqual([1]);
  });

  it('sends what waited for room as soon as an answer makes some', () => {
    const { push, answer, sent } = pusher(queueOf({ maxInFlightRequests: 1 }));
    push(1);
    push(2);
    expect(sent).toEqual([1]);
    answer(1);
    expect(sent).toEqual([1, 2]);
  });

  it('still ends requests whose time is up and gives their room away', () => {
    const queue = queueOf({ maxInFlightRequests: 1 });
    const { push, sent, rejected } = pusher(queue);
    queue.scheduleRequestTimeoutCheck();
    push(1);
    push(2);
    jest.advanceTimersByTime(1200);
    expect(rejected).toEqual([1]);
    expect(sent).toEqual([1, 2]);
    queue.destroy();
    expect(jest.getTimerCount()).toBe(0);
  });
});
