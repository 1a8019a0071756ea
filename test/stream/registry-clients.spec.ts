import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { kafkaClient, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';
import { ensureRegistryTopics, startRegistryProcess } from '../instance/registry.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { confluentClients } from './clients/install.js';

jest.setTimeout(90_000);

const { node, python } = confluentClients();

let broker: TestBroker | undefined;
let client: StreamClient | undefined;
let registry: ServiceProcess | undefined;
let folder = '';

beforeAll(async () => {
  if (node === undefined && python === undefined) return;
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
  (node === undefined ? it.skip : it)('serves the one for Node: register, serialize by prefix and header, compare', async () => {
    const env = { REGISTRY: registry?.url ?? '', CLIENT: node ?? '' };
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

  (python === undefined ? it.skip : it)('serves the one for Python: register, serialize, compare', async () => {
    const { stdout } = await execa(python ?? '', [resolve('test/stream/clients/confluent.py'), registry?.url ?? '']);
    const { id, ...said } = JSON.parse(stdout) as { id: number };
    expect(said).toEqual({
      prefix: `00${id.toString(16).padStart(8, '0')}`,
      back: { id: 'x' },
      compatible: false,
      versions: [1],
    });
  });
});
