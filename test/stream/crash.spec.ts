import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { kafkaClient, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';
import { count, drained, EXACT, sendNumbers } from './support/count.js';
import { relayPlan } from './support/relay.js';

jest.setTimeout(240_000);

/** Compiled before the tests are run (`npm test`); a child process cannot be down-levelled by jest. */
const RELAY = 'dist/test/stream/support/relay-process.js';

let broker: TestBroker;
let client: StreamClient;
const children = new Set<ChildProcess>();
const words = new WeakMap<ChildProcess, Set<unknown>>();

beforeAll(async () => {
  broker = await startBroker();
  client = kafkaClient({ brokers: [broker.address], clientId: 'test', log: createLogger('test', 'error') });
});

afterEach(async () => {
  for (const child of children) await kill(child);
});

afterAll(async () => {
  await client.close();
  await broker.stop();
});

/** A relay in a process of its own. `env` may name a crash point. */
function start(name: string, env: Record<string, string> = {}): ChildProcess {
  const child = fork(RELAY, {
    env: { ...process.env, NODE_ENV: 'test', BROKER: broker.address, RELAY: name, CHUNK: '50', ...env },
    execArgv: ['--enable-source-maps'],
    stdio: 'inherit',
  });
  children.add(child);
  const said = new Set<unknown>();
  words.set(child, said);
  child.on('message', (word) => said.add(word));
  return child;
}

/** Settles once the relay has said `word`; each word is said once, and may have been said before. */
function heard(child: ChildProcess, word: 'running' | 'assigned'): Promise<void> {
  const said = words.get(child) ?? new Set();
  if (said.has(word)) return Promise.resolve();
  return new Promise((resolve) => {
    child.on('message', () => {
      if (said.has(word)) resolve();
    });
  });
}

async function kill(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('when a relay is killed at every point between reading and committing, and at random moments', () => {
  it('loses, doubles and misorders nothing for a reader of committed records', async () => {
    const records = 8000;
    await client.admin.ensureTopics(relayPlan('crash'));
    await sendNumbers(client, 'crash-in', [0, records]);
    let killed = 0;
    for (const point of ['after-read', 'after-produce', 'after-commit', 'after-produce']) {
      const child = start('crash', { KHIDI_CRASH_AT: point, KHIDI_CRASH_NTH: '7' });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
      killed += 1;
    }
    for (const moment of [30, 150]) {
      const child = start('crash');
      await heard(child, 'running');
      await pause(moment);
      await kill(child);
      killed += 1;
    }
    start('crash');
    await drained(client, 'crash');
    const counted = await count(client, 'crash-out', records);
    console.log(`killed ${killed} times over ${records} records: ${JSON.stringify(counted)}`);
    expect(counted).toEqual(EXACT);
  });
});

describe('when a relay is frozen for longer than its session and then wakes', () => {
  it('is fenced by the one that took over', async () => {
    const records = 8000;
    await client.admin.ensureTopics(relayPlan('frozen'));
    const zombie = start('frozen');
    await heard(zombie, 'running');
    await sendNumbers(client, 'frozen-in', [0, records / 2]);
    zombie.kill('SIGSTOP');
    start('frozen');
    await sendNumbers(client, 'frozen-in', [records / 2, records]);
    await drained(client, 'frozen');
    zombie.kill('SIGCONT');
    await sendNumbers(client, 'frozen-in', [records, records + 1000]);
    await drained(client, 'frozen');
    expect(await count(client, 'frozen-out', records + 1000)).toEqual(EXACT);
  });
});

describe('when the broker is killed while a relay works', () => {
  it('waits for it and loses, doubles and misorders nothing', async () => {
    const records = 8000;
    await client.admin.ensureTopics(relayPlan('broker'));
    await sendNumbers(client, 'broker-in', [0, records]);
    const child = start('broker');
    await heard(child, 'running');
    await pause(300);
    await broker.kill();
    await broker.restart();
    await drained(client, 'broker');
    expect(await count(client, 'broker-out', records)).toEqual(EXACT);
    expect(child.exitCode).toBeNull();
  });
});

describe('when a relay is asked to end', () => {
  it('leaves the group, so that the next one need not wait for its session', async () => {
    await client.admin.ensureTopics(relayPlan('polite'));
    const first = start('polite');
    await heard(first, 'running');
    await sendNumbers(client, 'polite-in', [0, 100]);
    await drained(client, 'polite');
    first.kill('SIGTERM');
    const [code] = (await once(first, 'exit')) as [number | null];
    expect(code).toBe(0);
    const second = start('polite');
    await heard(second, 'running');
    const begin = Date.now();
    await heard(second, 'assigned');
    expect(Date.now() - begin).toBeLessThan(4000); // the session of one that was killed lasts six seconds
    await sendNumbers(client, 'polite-in', [100, 200]);
    await drained(client, 'polite');
    expect(await count(client, 'polite-out', 200)).toEqual(EXACT);
  });
});
