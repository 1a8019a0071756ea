import { setTimeout as pause } from 'node:timers/promises';
import { TwoWay } from '../flow/two-way.js';
import { quantile, type Row, row } from './measure.js';

const WARM_SECONDS = 60;
const WARM_AGAIN_SECONDS = 5;
const SECONDS = 30;
const PER_SECOND = 10;
const AIM = { name: 'aim', value: 300 };

/**
 * From sending a question at one adapter to its verified answer in the hands of who asked: twice the whole road (adapter, validation, signing,
 * ledger, delivery), ten questions a second, after a warm-up at the same rate. Then the same with the adapter's HTTP call. On an instance of its own.
 */
export async function benchTwoWay(tell: (text: string) => void): Promise<Row[]> {
  const exchange = await TwoWay.start();
  try {
    const topics = await paced(
      () => exchange.ask(),
      WARM_SECONDS,
      (text) => tell(`two-way: ${text}`),
    );
    // All services are warm by now; what is new is one path of the adapter.
    const http = await paced(
      () => askOverHttp(exchange),
      WARM_AGAIN_SECONDS,
      (text) => tell(`two-way over HTTP: ${text}`),
    );
    if (exchange.troubles.length > 0) throw new Error(exchange.troubles.join());
    return [
      row(`question to verified answer at ${PER_SECOND}/s, p50 of ${topics.length}`, quantile(topics, 0.5), 'ms', AIM),
      row(`question to verified answer at ${PER_SECOND}/s, p99`, quantile(topics, 0.99), 'ms', AIM),
      row(`the same in one HTTP call, p50 of ${http.length}`, quantile(http, 0.5), 'ms', AIM),
      row('the same in one HTTP call, p99', quantile(http, 0.99), 'ms', AIM),
    ];
  } finally {
    await exchange.stop();
  }
}

/** The milliseconds that each question took, of those after the warm-up. */
async function paced(ask: () => Promise<number>, warmSeconds: number, tell: (text: string) => void): Promise<number[]> {
  const took: number[] = [];
  const count = (warmSeconds + SECONDS) * PER_SECOND;
  const began = performance.now();
  const asked: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    await pause(Math.max(0, began + (i * 1000) / PER_SECOND - performance.now()));
    asked.push(
      ask().then((ms) => {
        if (i >= warmSeconds * PER_SECOND) took.push(ms);
      }),
    );
    if (i % 50 === 0) tell(`${i} of ${count}`);
  }
  await Promise.all(asked);
  return took;
}

async function askOverHttp(exchange: TwoWay): Promise<number> {
  const began = performance.now();
  const answer = await exchange.askOverHttp();
  if (answer.status !== 200) throw new Error(`a question was answered ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  return performance.now() - began;
}
