import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import getPort from 'get-port';
import { ingressTopic, schemaUrn } from '#record';
import { PERSON, persons } from '../../examples/registries/index.js';
import { httpHeaders } from '../instance/event-headers.js';
import type { Agency, Instance } from '../instance/instance.js';
import { type HttpRun, postMany } from './http-load.js';
import { cpuSeconds, quantile, type Row, residentMiB, row } from './measure.js';
import { TIME } from './pace.js';
import { hops } from './progress.js';

const CONNECTIONS = 20;
const ROUNDS = 3;

/** Events before anything counts: so many it takes until adapter, peer and broker have compiled what they run. */
const WARM = 4000;

/**
 * The adapter's door: single events beside a bare HTTP server that produces with the same client, and NDJSON. The services behind it
 * rest meanwhile: they would seal the adapter's events on the same cores, but not the peer's, which are no events.
 */
export async function benchDoor(instance: Instance, count: number, tell: (text: string) => void): Promise<Row[]> {
  const agency = instance.agencies[1];
  if (agency === undefined) return [];
  const behind = [instance.validation, instance.signing, instance.ledger];
  await Promise.all(behind.map((service) => service.stop()));
  try {
    return await doorAlone(instance, agency, count, tell);
  } finally {
    for (const service of behind) service.start();
    await Promise.all(behind.map((service) => service.ready()));
    tell('the services work off what the door took in');
    await drained(instance);
  }
}

/** Waits until everything that was sent has been judged and sealed, so that it does not weigh on what is measured next. */
async function drained(instance: Instance): Promise<void> {
  const topics = (role: string) => instance.topics.filter((topic) => topic.role === role).map(({ name }) => name);
  const asked = () => hops(instance, ['validation', topics('ingress')], ['signing', topics('validated')]);
  while (!(await asked()).finished) await pause(500);
}

async function doorAlone(instance: Instance, agency: Agency, count: number, tell: (text: string) => void): Promise<Row[]> {
  const bodies = [...persons({ count: 1000, from: 800_000 })].map(({ bytes }) => bytes);
  const body = (n: number): Buffer => bodies[n % bodies.length] ?? Buffer.alloc(0);

  const port = await getPort();
  const bare = fork(resolve('dist/test/load/bare-door-process.js'), {
    env: {
      PATH: process.env.PATH ?? '',
      BROKERS: instance.brokers,
      TOPIC: ingressTopic(agency.member.id, PERSON),
      PORT: String(port),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(bare, 'message');
  const plain = (n: number) => ({ headers: { 'content-type': 'application/json' }, body: body(n) });
  const event = (run: string) => (n: number) => ({
    headers: httpHeaders(agency, { id: `${run}-${n}`, of: PERSON, time: TIME }),
    body: body(n),
  });
  const url = `${agency.adapter.url}/v1/events`;
  const peer = `http://127.0.0.1:${port}/`;
  const rates = { ours: 0, bare: 0 };
  const cpu = { ours: 0, bare: 0, broker: { ours: 0, bare: 0 } };
  /** One round of one server; what it and the broker spent of their processors is added up. */
  const round = async (of: 'ours' | 'bare', pid: number, run: () => Promise<HttpRun>): Promise<HttpRun> => {
    const before = [cpuSeconds(pid), cpuSeconds(instance.brokerPid())] as const;
    const done = await run();
    cpu[of] += cpuSeconds(pid) - before[0];
    cpu.broker[of] += cpuSeconds(instance.brokerPid()) - before[1];
    rates[of] += done.perSecond / ROUNDS;
    return done;
  };
  let durations: number[] = [];
  tell('single events, warm-up');
  await postMany(url, CONNECTIONS, WARM, event('warm'));
  await postMany(peer, CONNECTIONS, WARM, plain);
  for (let n = 0; n < ROUNDS; n++) {
    tell(`single events, round ${n + 1} of ${ROUNDS}`);
    await round('bare', bare.pid ?? 0, () => postMany(peer, CONNECTIONS, count / ROUNDS, plain));
    const ours = await round('ours', agency.adapter.pid ?? 0, () =>
      postMany(url, CONNECTIONS, count / ROUNDS, event(`round${n}`)),
    );
    if (ours.failed > 0) throw new Error(`${ours.failed} events were not answered 202`);
    durations = ours.durations;
  }
  const closed = once(bare, 'close');
  bare.kill('SIGTERM');
  await closed;
  return [
    row(`single events, ${CONNECTIONS} connections`, rates.ours, 'events/s', {
      name: 'bare HTTP server, same client',
      value: rates.bare,
    }),
    row('single events: processor time of the adapter', (cpu.ours / count) * 1e6, 'µs/event', {
      name: 'the bare server',
      value: (cpu.bare / count) * 1e6,
    }),
    row('single events: processor time of the broker', (cpu.broker.ours / count) * 1e6, 'µs/event', {
      name: 'for the bare server',
      value: (cpu.broker.bare / count) * 1e6,
    }),
    row('single events: p99 of the answer', quantile(durations, 0.99), 'ms'),
    ...(await lines(agency, count * 5, tell)),
  ];
}

async function lines(agency: Agency, count: number, tell: (text: string) => void): Promise<Row[]> {
  const pid = agency.adapter.pid ?? 0;
  const before = residentMiB(pid);
  let highest = before;
  const sampling = setInterval(() => {
    highest = Math.max(highest, residentMiB(pid));
  }, 50);
  const cpu = cpuSeconds(pid);
  const began = performance.now();
  let megabytes = 0;
  async function* body(): AsyncGenerator<Buffer> {
    let part: Buffer[] = [];
    for (const { id, bytes } of persons({ count, from: 810_000 })) {
      const line = eventLine(agency, `lines-${id}`, bytes);
      megabytes += line.length / 1e6;
      part.push(line);
      if (part.length < 200) continue;
      yield Buffer.concat(part);
      part = [];
    }
    if (part.length > 0) yield Buffer.concat(part); // fetch never goes on after an empty part
  }
  tell(`NDJSON: ${count} lines`);
  const accepted = await sendLines(agency, body()).finally(() => clearInterval(sampling));
  if (accepted !== count) throw new Error(`only ${accepted} of ${count} lines were accepted`);
  const seconds = (performance.now() - began) / 1000;
  return [
    row(
      `NDJSON, one connection, ${megabytes.toFixed(0)} MB (the sender makes its records meanwhile)`,
      count / seconds,
      'records/s',
    ),
    row('NDJSON: processor time of the adapter', ((cpuSeconds(pid) - cpu) / count) * 1e6, 'µs/record'),
    row('NDJSON: additional memory of the adapter', highest - before, 'MiB', { name: 'limit', value: 150 }),
  ];
}

/** How many lines were answered 202. */
export async function sendLines(agency: Agency, body: AsyncIterable<Buffer>): Promise<number> {
  const answer = await fetch(`${agency.adapter.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: agency.authorization, 'content-type': 'application/x-ndjson' },
    body,
    duplex: 'half',
  } as RequestInit);
  let accepted = 0;
  let rest = '';
  for await (const part of answer.body ?? []) {
    const texts = (rest + Buffer.from(part).toString('utf8')).split('\n');
    rest = texts.pop() ?? '';
    accepted += texts.filter((text) => text.includes('"status":202')).length;
  }
  return accepted;
}

/** One line of NDJSON: a person as a structured event. */
export function eventLine(agency: Agency, id: string, record: Buffer): Buffer {
  const attributes = `"specversion":"1.0","id":"${id}","source":"${agency.source}","type":"${PERSON}.created"`;
  const more = `"time":"${TIME}","dataschema":"${schemaUrn(PERSON, 1)}"`;
  return Buffer.concat([Buffer.from(`{${attributes},${more},"data":`), record, Buffer.from('}\n')]);
}
