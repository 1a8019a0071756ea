import { setTimeout as pause } from 'node:timers/promises';
import type { PartitionEnd, StreamClient } from '#stream';

/** What a `read_committed` reader finds of the numbers 0 … n-1, each sent with the key `k<number % keys>`. */
export interface Count {
  readonly lost: number;
  readonly duplicated: number;
  readonly misordered: number;
  readonly invented: number;
}

export const EXACT: Count = { lost: 0, duplicated: 0, misordered: 0, invented: 0 };

/** Sends the numbers `from` … `to`-1 to `topic`, in order for each key, each with `bytes` of padding. */
export async function sendNumbers(
  client: StreamClient,
  topic: string,
  [from, to]: readonly [number, number],
  { keys = 50, bytes = 0 } = {},
): Promise<void> {
  const publisher = client.publisher({ timeoutMs: 30_000 });
  for (let i = from; i < to; i += 500) {
    const part = Array.from({ length: Math.min(500, to - i) }, (_, k) => i + k);
    const pad = Buffer.alloc(bytes, ' ');
    await publisher.publish(
      part.map((n) => ({ topic, key: `k${n % keys}`, value: Buffer.concat([Buffer.from(`${n}`), pad]), headers: {} })),
    );
  }
  await publisher.close();
}

/** Waits until the relay has committed everything that it reads. */
export async function drained(client: StreamClient, name: string, seconds = 90): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const lags = await client.admin.groupLag(name, [`${name}-in`]).catch(() => undefined); // the broker may be away on purpose
    if (lags?.every(({ lag }) => lag === 0)) return;
    if (Date.now() > end) throw new Error(`the relay has not finished: ${JSON.stringify(lags)}`);
    await pause(50);
  }
}

/**
 * The ends of a topic once no transaction is open there. That a group's offset is committed says so only of the group's own topic: the markers of
 * the others may be written a moment later, and until then a reader sees nothing of the last transaction. After ten seconds as they are: then
 * something is open that should not be, and the count says so.
 */
async function endsOf(client: StreamClient, topic: string): Promise<readonly PartitionEnd[]> {
  for (const until = Date.now() + 10_000; ; await pause(20)) {
    const ends = await client.admin.endOffsets(topic);
    if (ends.every(({ end, high }) => end === high) || Date.now() > until) return ends;
  }
}

/** Reads `topic` to its present end and compares. */
export async function count(client: StreamClient, topic: string, sent: number): Promise<Count> {
  const seen = new Map<number, number>();
  const last = new Map<string, number>();
  let misordered = 0;
  const readers = (await endsOf(client, topic)).map(
    ({ partition, end }) =>
      new Promise<void>((resolve, reject) => {
        if (end === '0') return resolve();
        const reader = client.transport.read({ topic, partition, from: 'earliest' }, async (run) => {
          for (const { value, key } of run.records) {
            const number = Number(value);
            const name = String(key);
            if (number <= (last.get(name) ?? -1)) misordered += seen.has(number) ? 0 : 1;
            last.set(name, Math.max(number, last.get(name) ?? -1));
            seen.set(number, (seen.get(number) ?? 0) + 1);
          }
          if (run.next >= BigInt(end)) {
            void reader.stop();
            resolve();
          }
        });
        reader.done.catch(reject);
      }),
  );
  await Promise.all(readers);
  const wanted = Array.from({ length: sent }, (_, n) => n);
  return {
    lost: wanted.filter((n) => !seen.has(n)).length,
    duplicated: [...seen.values()].reduce((sum, times) => sum + times - 1, 0),
    misordered,
    invented: [...seen.keys()].filter((n) => !(n >= 0 && n < sent)).length,
  };
}
