import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { kafkaClient, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';
import { callRegistry, ensureRegistryTopics, startRegistryProcess } from '../instance/registry.js';
import type { ServiceProcess } from '../instance/service-process.js';

jest.setTimeout(120_000);

const KILLS = 6;
const WORKERS = 6;

let broker: TestBroker;
let client: StreamClient;
let folder: string;
let instances: ServiceProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-registry-'));
  broker = await startBroker();
  client = kafkaClient({ brokers: [broker.address], clientId: 'test', log: createLogger('test', 'error') });
  await ensureRegistryTopics(client);
  instances = await Promise.all(['one', 'two'].map((name) => startRegistryProcess({ name, brokers: broker.address, folder })));
  await Promise.all(instances.map((one) => one.ready()));
});

afterAll(async () => {
  await Promise.all(instances.map((one) => one.stop()));
  await client.close();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Acknowledged {
  readonly subject: string;
  readonly schema: string;
  readonly id: number;
  readonly version: number;
}

describe('when two instances are killed in turn while schemas are registered with both', () => {
  const acknowledged: Acknowledged[] = [];
  const unknown: string[] = [];
  let notReadElsewhere = 0;
  let readElsewhere = 0;

  /** Registers one schema after another with either instance; what nobody answered is sent again until somebody does. */
  async function work(worker: number, goOn: () => boolean): Promise<void> {
    for (let n = 0; goOn(); n += 1) {
      const subject = `load.s${(worker * 7 + n) % 11}`;
      const schema = JSON.stringify({ title: `schema ${n} of ${worker}`, type: 'object' });
      for (let attempt = 0; ; attempt += 1) {
        const at = (worker + n + attempt) % 2;
        const path = `/subjects/${subject}/versions`;
        const { status, body } = await callRegistry(instances[at]!.url, 'POST', path, { schemaType: 'JSON', schema });
        if (status === 200) {
          acknowledged.push({ subject, schema, id: Number(body.id), version: Number(body.version) });
          await readAtOther(1 - at, subject, Number(body.version));
          break;
        }
        unknown.push(`${status}`);
        if (attempt > 300) throw new Error(`nobody registers ${subject}: ${status} ${JSON.stringify(body)}`);
        await pause(50);
      }
    }
  }

  async function readAtOther(at: number, subject: string, version: number): Promise<void> {
    const { status } = await callRegistry(instances[at]!.url, 'GET', `/subjects/${subject}/versions/${version}`);
    if (status === 404) notReadElsewhere += 1;
    if (status === 200) readElsewhere += 1;
  }

  beforeAll(async () => {
    let stop = false;
    const workers = Array.from({ length: WORKERS }, (_, worker) => work(worker, () => !stop));
    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(1500 + 183 * kill);
      instances[kill % 2]!.kill();
      await pause(200);
      await instances[kill % 2]!.ready();
    }
    stop = true;
    await Promise.all(workers);
    process.stdout.write(
      `registry: acknowledged=${acknowledged.length} unanswered=${unknown.length} read elsewhere=${readElsewhere} kills=${KILLS}\n`,
    );
  });

  it('was a real test: a hundred schemas and more, every instance killed several times, requests left without an answer', () => {
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(instances.map(({ killed }) => killed)).toEqual([KILLS / 2, KILLS / 2]);
    expect(readElsewhere).toBeGreaterThan(50);
  });

  it('loses no acknowledged schema, on either instance', async () => {
    for (const { url } of instances) {
      const { body } = await callRegistry(url, 'GET', '/schemas');
      const found = new Map((body as unknown as Acknowledged[]).map((one) => [`${one.subject} ${one.version}`, one]));
      const lost = acknowledged.filter(({ subject, version, schema, id }) => {
        const one = found.get(`${subject} ${version}`);
        return one?.schema !== schema || one.id !== id;
      });
      expect(lost).toEqual([]);
    }
  });

  it('gives no id to two schemas and no version twice', async () => {
    const { body } = await callRegistry(instances[0]!.url, 'GET', '/schemas');
    const all = body as unknown as Acknowledged[];
    expect(new Set(all.map(({ id }) => id)).size).toBe(new Set(all.map(({ schema }) => schema)).size);
    const texts = new Map<number, Set<string>>();
    for (const { id, schema } of [...all, ...acknowledged]) texts.set(id, (texts.get(id) ?? new Set()).add(schema));
    expect([...texts.values()].filter((one) => one.size > 1)).toEqual([]);
  });

  it('shows at once at one instance what the other has acknowledged', () => {
    expect(notReadElsewhere).toBe(0);
  });
});
