import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { PERSON, persons } from '../../examples/registries/index.js';
import { httpHeaders } from '../instance/event-headers.js';
import type { Agency } from '../instance/instance.js';
import { post } from './http-load.js';

/** When all that benchmarks send happened. */
export const TIME = '2099-01-01T00:00:00Z';

/** Single events at an even pace. */
export interface Pace {
  readonly agency: Agency;
  readonly perSecond: number;
  readonly count: number;
  /** The first number of the generator; each run needs persons of its own. */
  readonly from: number;
  /** Event ids are `<run>-0`, `<run>-1`, … */
  readonly run: string;
}

/** Sends persons one by one, whether or not the answers keep up, and tells of each when it was answered 202. Throws at another answer. */
export async function sendPaced(
  { agency, perSecond, count, from, run }: Pace,
  onAnswered: (id: string) => void,
  tell: (text: string) => void,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const sent: Promise<void>[] = [];
  const began = performance.now();
  let n = 0;
  for (const { bytes } of persons({ count, from })) {
    await pause(Math.max(0, began + (n * 1000) / perSecond - performance.now()));
    const id = `${run}-${n}`;
    n += 1;
    const headers = httpHeaders(agency, { id, of: PERSON, time: TIME });
    sent.push(
      post(`${agency.adapter.url}/v1/events`, agent, { headers, body: bytes }).then((status) => {
        if (status !== 202) throw new Error(`the adapter answered ${status}`);
        onAnswered(id);
      }),
    );
    if (n % 500 === 0) tell(`${run} at ${perSecond}/s: ${n} of ${count}`);
  }
  await Promise.all(sent);
  agent.destroy();
}
