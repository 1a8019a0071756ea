import { setTimeout as pause } from 'node:timers/promises';
import { TwoWay } from '../flow/two-way.js';
import { quantile, type Row, row } from './measure.js';

const WARM_SECONDS = 60;
const SECONDS = 30;
const PER_SECOND = 10;
const AIM = { name: 'aim', value: 300 };

/**
 * From sending a question at one adapter to its verified answer in the hands of who asked: twice the whole road (adapter, validation, signing,
 * ledger, delivery), ten questions a second, after a warm-up at the same rate. On an instance of its own.
 */
export async function benchTwoWay(tell: (text: string) => void): Promise<Row[]> {
  const exchange = await TwoWay.start();
  try {
    const took: number[] = [];
    const count = (WARM_SECONDS + SECONDS) * PER_SECOND;
    const began = performance.now();
    const asked: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      await pause(Math.max(0, began + (i * 1000) / PER_SECOND - performance.now()));
      asked.push(
        exchange.ask().then((ms) => {
          if (i >= WARM_SECONDS * PER_SECOND) took.push(ms);
        }),
      );
      if (i % 50 === 0) tell(`two-way: ${i} of ${count}`);
    }
    await Promise.all(asked);
    if (exchange.troubles.length > 0) throw new Error(exchange.troubles.join());
    return [
      row(`question to verified answer at ${PER_SECOND}/s, p50 of ${took.length}`, quantile(took, 0.5), 'ms', AIM),
      row(`question to verified answer at ${PER_SECOND}/s, p99`, quantile(took, 0.99), 'ms', AIM),
    ];
  } finally {
    await exchange.stop();
  }
}
