import { Agent, request } from 'node:http';

/** What a run of single requests came to. */
export interface HttpRun {
  readonly perSecond: number;
  /** Milliseconds of each request. */
  readonly durations: number[];
  readonly failed: number;
}

interface Shot {
  /** POST where it is left out. */
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Sends `count` requests over `connections` kept-alive connections, each waiting for its answer before the next. */
export async function postMany(
  url: string,
  connections: number,
  count: number,
  shot: (n: number) => Shot,
  expected = 202,
): Promise<HttpRun> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const durations: number[] = [];
  let next = 0;
  let failed = 0;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const begun = performance.now();
      if ((await post(url, agent, shot(n))) !== expected) failed += 1;
      durations.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return { perSecond: count / seconds, durations, failed };
}

/** Sends one request and gives its status. */
export function post(url: string, agent: Agent, { method = 'POST', headers, body }: Shot): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, 'content-length': body.length } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
