import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { kafkaClient, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';
import { ensureRegistryTopics, startRegistryProcess } from '../instance/registry.js';
import type { ServiceProcess } from '../instance/service-process.js';

jest.setTimeout(90_000);

/** A folder with `@confluentinc/schemaregistry`, and a Python with `confluent-kafka[schemaregistry,json]`; they are too large to be ours. */
const NODE_CLIENT = process.env.KHIDI_CONFLUENT_NODE ?? '';
const PYTHON_CLIENT = process.env.KHIDI_CONFLUENT_PYTHON ?? '';
const hasNode = existsSync(join(NODE_CLIENT, 'node_modules', '@confluentinc', 'schemaregistry'));
const hasPython = PYTHON_CLIENT !== '' && existsSync(PYTHON_CLIENT);
if (!hasNode) process.stdout.write('skipped: KHIDI_CONFLUENT_NODE names no folder with @confluentinc/schemaregistry\n');
if (!hasPython)
  process.stdout.write('skipped: KHIDI_CONFLUENT_PYTHON names no python with confluent-kafka[schemaregistry,json]\n');

let broker: TestBroker | undefined;
let client: StreamClient | undefined;
let registry: ServiceProcess | undefined;
let folder = '';

beforeAll(async () => {
  if (!hasNode && !hasPython) return;
  folder = mkdtempSync(join(tmpdir(), 'khidi-clients-'));
  broker = await startBroker();
  client = kafkaClient({ brokers: [broker.address], clientId: 'test', log: createLogger('test', 'error') });
  await ensureRegistryTopics(client);
  registry = await startRegistryProcess({ name: 'clients', brokers: broker.address, folder });
  await registry.ready();
});

afterAll(async () => {
  await registry?.stop();
  await client?.close();
  await broker?.stop();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

describe('when Confluent’s own clients use the registry', () => {
  (hasNode ? it : it.skip)('serves the one for Node: register, serialize by prefix and header, compare', async () => {
    const env = { REGISTRY: registry?.url ?? '', CLIENT: resolve(NODE_CLIENT) };
    const { stdout } = await execa(process.execPath, [resolve('test/stream/clients/confluent.mjs')], { env });
    const { id, ...said } = JSON.parse(stdout) as { id: number };
    expect(said).toEqual({
      prefix: `00${id.toString(16).padStart(8, '0')}`,
      back: { id: 'x' },
      plain: '{"id":"y"}',
      header: '01',
      compatible: false,
      versions: [1],
    });
  });

  (hasPython ? it : it.skip)('serves the one for Python: register, serialize, compare', async () => {
    const { stdout } = await execa(PYTHON_CLIENT, [resolve('test/stream/clients/confluent.py'), registry?.url ?? '']);
    const { id, ...said } = JSON.parse(stdout) as { id: number };
    expect(said).toEqual({
      prefix: `00${id.toString(16).padStart(8, '0')}`,
      back: { id: 'x' },
      compatible: false,
      versions: [1],
    });
  });
});
