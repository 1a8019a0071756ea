import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import getPort from 'get-port';
import { type KeyRecord, type KeySet, readKeySet, verify } from '#envelope';
import { newSecret } from '#http';
import { HEADER, type OutgoingRecord, type ReceivedRecord } from '#record';
import { readJsonFile } from '#settings';
import { kafkaClient, planTopics, type StreamClient, type Tail } from '#stream';
import { createLogger } from '#telemetry';
import { validatedRecord } from '#testkit';
import { startBroker, type TestBroker } from '../broker.js';
import { Credentials } from '../instance/credentials.js';
import { membershipOf } from '../instance/instance.js';
import { ServiceProcess } from '../instance/service-process.js';

const SEALED = 'sealed.population.person';
/** A consumer asks for the key set so seldom, and a new key is published for twice as long before it seals. */
const CACHE_MS = 1000;
const PENDING_SECONDS = 2;
const BATCH = 50;
const SECONDS = 90;
const OFFICERS = ['nino', 'giorgi'];

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + SECONDS * 1000; !(await holds()); await pause(50)) {
    if (Date.now() > end) throw new Error(`${what} did not come about in ${SECONDS} s`);
  }
}

/** The nth record as validation writes it. */
function outgoing(n: number): OutgoingRecord {
  const { topic, key, value, headers } = validatedRecord({ [HEADER.id]: `rotation-${n}` });
  const single = Object.entries(headers).flatMap(([name, bytes]) => (Buffer.isBuffer(bytes) ? [[name, bytes] as const] : []));
  return { topic, key: key ?? '', partition: n % 4, value, headers: Object.fromEntries(single) };
}

describe('when the sealing key is rotated while records are on their way', () => {
  let folder: string;
  let broker: TestBroker;
  let client: StreamClient;
  let signing: ServiceProcess;
  let tail: Tail;
  const officers = new Credentials(...OFFICERS);

  // A consumer: it keeps the key set for a while, and judges each envelope at once with what it has.
  let keys: KeySet = new Map();
  const sealedBy = new Map<string, number>();
  const exchanges = new Set<string>();
  const failures: string[] = [];
  let sent = 0;
  let going = true;

  const consume = (records: readonly ReceivedRecord[]): void => {
    for (const record of records) {
      const result = verify(record.value ?? Buffer.alloc(0), { keys, now: new Date(), message: record });
      if (!result.ok) failures.push(result.fault.code);
      else {
        exchanges.add(result.claims.jti);
        sealedBy.set(result.header.kid, (sealedBy.get(result.header.kid) ?? 0) + 1);
      }
    }
  };
  const refresh = async (): Promise<void> => {
    const answer = await fetch(`${signing.url}/.well-known/jwks.json`).catch(() => undefined); // while it is killed, what is kept counts
    if (answer?.ok === true) keys = readKeySet(await answer.json());
  };
  const ask = async (path: string, as: number, body?: object): Promise<{ status: number; key: KeyRecord }> => {
    const authorization = officers.of(OFFICERS[as] ?? '');
    const more = body === undefined ? {} : { method: 'POST', body: JSON.stringify({ ...body, why: 'a test' }) };
    const answer = await fetch(`${signing.url}/v1/keys${path}`, { headers: { authorization }, ...more });
    return { status: answer.status, key: (await answer.json()) as KeyRecord };
  };
  const sealsWith = (kid: string) => until(`${kid} seals`, () => (sealedBy.get(kid) ?? 0) > 2 * BATCH);

  /** Makes a key, waits until it may sign, and lets two officers activate it; `between` happens after the first of them. */
  async function rotate(between: () => void = () => undefined): Promise<string> {
    const { kid } = (await ask('', 0, { purpose: 'sealing' })).key;
    await until('the key is old enough', async () => (await ask(`/${kid}/activate`, 0, {})).status === 200);
    expect((await ask(`/${kid}/activate`, 0, {})).status).toBe(409); // not the same person twice
    between();
    await until('the second officer is heard', async () => {
      const answer = await ask(`/${kid}/activate`, 1, {}).catch(() => undefined); // it may just have been killed
      return answer?.key.state === 'active';
    });
    await sealsWith(kid);
    return kid;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'khidi-rotation-'));
    mkdirSync(join(folder, 'keys'), { mode: 0o700 });
    writeFileSync(join(folder, 'passphrase'), newSecret().secret, { mode: 0o600 });
    broker = await startBroker();
    client = kafkaClient({ brokers: [broker.address], clientId: 'rotation', log: createLogger('rotation', 'error') });
    const topics = resolve('deploy/kafka/topics.json');
    await client.admin.ensureTopics(planTopics(readJsonFile(topics), membershipOf()));
    const port = await getPort();
    signing = new ServiceProcess({
      name: 'signing',
      entry: resolve('dist/apps/signing/src/main.js'),
      port,
      log: join(folder, 'signing.log'),
      env: {
        NODE_ENV: 'test',
        KAFKA_BROKERS: broker.address,
        KHIDI_PORT: String(port),
        KHIDI_MEMBERS: resolve('deploy/local/members.json'),
        KHIDI_TOPICS: topics,
        KHIDI_KEYS: join(folder, 'keys'),
        KHIDI_PASSPHRASE_FILE: join(folder, 'passphrase'),
        KHIDI_CALLERS: officers.writeTo(join(folder, 'callers.json')),
        KHIDI_KEY_PENDING_SECONDS: String(PENDING_SECONDS),
      },
    });
    signing.start();
    await signing.ready();
    await refresh();
    tail = await client.tail(SEALED, { fromOffset: 'earliest' }, consume);
  }, 240_000);

  afterAll(async () => {
    await tail?.stop();
    await signing?.stop();
    await client?.close();
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  async function write(): Promise<void> {
    const publisher = client.publisher({ timeoutMs: 60_000 });
    for (; going; sent += BATCH) {
      await publisher.publish(Array.from({ length: BATCH }, (_, i) => outgoing(sent + i)));
      await pause(50);
    }
    await publisher.close();
  }

  it('everything is sealed, by one key after the other, and every envelope verifies with a key set that is a second old', async () => {
    const cache = setInterval(() => void refresh(), CACHE_MS);
    const writing = write();
    const [first = ''] = keys.keys();
    await sealsWith(first);
    const second = await rotate();
    const third = await rotate(() => signing.kill());
    going = false;
    await writing;
    await until('everything is sealed', () => exchanges.size + failures.length >= sent);
    clearInterval(cache);
    const { key } = await ask('', 0);
    const states = Object.fromEntries((key as unknown as { keys: KeyRecord[] }).keys.map(({ kid, state }) => [kid, state]));
    process.stdout.write(
      `rotation: sent=${sent} sealed=${exchanges.size} unsealed=${sent - exchanges.size} failures=${failures.length} ` +
        `by key ${[first, second, third].map((kid) => sealedBy.get(kid)).join(' + ')} kills=${signing.killed}\n`,
    );
    expect(failures).toEqual([]);
    expect(exchanges.size).toBe(sent);
    expect(signing.killed).toBe(1);
    expect(states).toMatchObject({ [first]: 'retired', [second]: 'retired', [third]: 'active' });
  }, 240_000);
});
