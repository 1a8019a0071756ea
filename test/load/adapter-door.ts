import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { parseArgs } from 'node:util';

/*
 * Loads the door of one adapter that runs already, and prints what it did as one line of JSON:
 *
 *   node dist/test/load/adapter-door.js --url http://127.0.0.1:18091 --user base-registry --secret khidi_… --pid 123 \
 *     [--megabytes 200 | --events 20000] [--type address.locality]
 *
 * `--megabytes` streams one NDJSON file of 1 KB events through and reads the answer meanwhile; with `--pid` the resident memory
 * before and at its highest is measured (Linux). `--events` sends single events over 20 connections.
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    user: { type: 'string' },
    secret: { type: 'string' },
    pid: { type: 'string' },
    megabytes: { type: 'string' },
    events: { type: 'string' },
    type: { type: 'string', default: 'address.locality' },
  },
});
const { url, user, secret, pid } = values;
if (url === undefined || user === undefined || secret === undefined) throw new Error('--url, --user and --secret are needed');

const MEGABYTE = 1024 * 1024;
const CONNECTIONS = 20;
const run = Date.now().toString(36);

function eventText(n: number): string {
  const head = `{"specversion":"1.0","id":"${run}-${n}","type":"${values.type}.created","time":"2026-11-21T10:00:00Z","dataschema":"urn:khidi:schema:${values.type}:1","data":{"id":"${run}-${n}","name":"`;
  return `${head.padEnd(1018, 'x')}"}}\n`;
}

/** Resident memory of the adapter in MiB; NaN where it was not asked for. */
function residentMiB(): number {
  const status = pid === undefined ? '' : readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

function cpuSeconds(): number {
  if (pid === undefined) return Number.NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function streamLines(megabytes: number): Promise<object> {
  const before = residentMiB();
  let highest = before;
  const watch = setInterval(() => {
    highest = Math.max(highest, residentMiB());
  }, 50);
  const began = performance.now();
  const cpu = cpuSeconds();
  const sending = request(`${url}/v1/events`, {
    method: 'POST',
    auth: `${user}:${secret}`,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => sending.once('response', resolve).once('error', reject));
  const counted = answer.then(countAnswers);
  counted.catch(() => sending.destroy()); // a refused upload is never read to its end
  const total = Math.round((megabytes * MEGABYTE) / 1021);
  for (let n = 0; n < total; n += 64) {
    const lines = Array.from({ length: Math.min(64, total - n) }, (_, i) => eventText(n + i)).join('');
    if (!sending.write(lines)) await new Promise((resolve) => sending.once('drain', resolve));
  }
  sending.end();
  const { accepted, refused } = await counted;
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  return {
    name: 'ndjson',
    megabytes,
    accepted,
    refused,
    seconds: round(seconds),
    perSecond: Math.round(accepted / seconds),
    cpuMicrosecondsEach: Math.round(((cpuSeconds() - cpu) * 1e6) / accepted),
    residentBeforeMiB: round(before),
    residentHighestMiB: round(highest),
    extraMiB: round(highest - before),
  };
}

async function countAnswers(answer: IncomingMessage): Promise<{ accepted: number; refused: number }> {
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
  let accepted = 0;
  let refused = 0;
  let rest = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.includes('"status":202')) accepted++;
      else refused++;
    }
  }
  return { accepted, refused };
}

async function sendSingles(events: number): Promise<object> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let next = 0;
  const times: number[] = [];
  const began = performance.now();
  const cpu = cpuSeconds();
  const send = (n: number) =>
    new Promise<void>((resolve, reject) => {
      const at = performance.now();
      const headers = { 'content-type': 'application/cloudevents+json' };
      const sending = request(`${url}/v1/events`, { method: 'POST', agent, auth: `${user}:${secret}`, headers }, (answer) => {
        answer.resume().once('end', () => {
          times.push(performance.now() - at);
          if (answer.statusCode === 202) resolve();
          else reject(new Error(`answered ${answer.statusCode}`));
        });
      });
      sending.once('error', reject).end(eventText(n));
    });
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < events) await send(next++);
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  return {
    name: 'single',
    events,
    perSecond: Math.round(events / seconds),
    cpuMicrosecondsEach: Math.round(((cpuSeconds() - cpu) * 1e6) / events),
    p50Milliseconds: round(times[Math.floor(events * 0.5)] ?? 0),
    p99Milliseconds: round(times[Math.floor(events * 0.99)] ?? 0),
  };
}

const round = (value: number) => Math.round(value * 10) / 10;

if (values.megabytes !== undefined) console.log(JSON.stringify(await streamLines(Number(values.megabytes))));
if (values.events !== undefined) console.log(JSON.stringify(await sendSingles(Number(values.events))));
