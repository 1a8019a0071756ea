import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { callerSecretFile, consumerSecretFile, instanceFile } from '#settings';
import { askDelivery, deliveryAt, queryOf, withDelivery } from './delivery.js';

const CONSUMER = 'GE/GOV/7002/base-registry';

describe('when a command asks delivery', () => {
  let folder: string;
  let server: Server;
  let url: string;
  const asked: { method: string | undefined; url: string | undefined; body: string; authorization: string | undefined }[] = [];
  let answer: readonly [status: number, body: string] = [200, '{"ok":true}'];
  beforeAll(async () => {
    server = createServer((request: IncomingMessage, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { method, url: path, headers } = request;
        asked.push({ method, url: path, body: Buffer.concat(parts).toString(), authorization: headers.authorization });
        response.writeHead(answer[0], { 'content-type': 'application/json' }).end(answer[1]);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = mkdtempSync(join(tmpdir(), 'khidi-cli-'));
    writeFileSync(callerSecretFile(folder, 'delivery', 'operator-1'), 'the operator\n');
    writeFileSync(consumerSecretFile(folder, CONSUMER), 'the consumer\n');
    // The same subsystem has another secret at its own adapter, which delivery does not know.
    writeFileSync(callerSecretFile(folder, 'GE/GOV/7002', 'base-registry'), 'at the adapter\n');
    const process = { pid: 7, started: '12' };
    const service = { name: 'delivery', kind: 'delivery', url, log: '/x/log', process, fingerprint: 'f' };
    const files = { membersFile: '/x/members.json', topicsFile: '/x/topics.json', secretsFolder: folder };
    const instance = { version: 1, brokers: ['127.0.0.1:1'], redisUrl: 'redis://127.0.0.1:1', ...files };
    writeFileSync(instanceFile(folder), JSON.stringify({ ...instance, services: [service], ports: {} }));
  });
  afterEach(() => void asked.splice(0));
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const proof = (user: string, secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

  it('proves an operator and a subsystem, each with the secret that delivery knows of it', async () => {
    for (const [as, secret] of [
      ['operator-1', 'the operator'],
      [CONSUMER, 'the consumer'],
    ] as const)
      expect(await deliveryAt({ as, state: folder })).toEqual({ url, authorization: proof(as, secret) });
  });

  it('gets by a query, and posts where there is a body', async () => {
    const flags = { as: 'operator-1', delivery: `${url}/`, state: folder };
    await askDelivery(flags, `/v1/receipts${queryOf({ consumer: CONSUMER, type: undefined })}`);
    answer = [202, '{"replay":"r"}'];
    expect(await askDelivery(flags, '/v1/replays', { why: 'a test' })).toEqual({ replay: 'r' });
    expect(asked.map(({ method, url: path, body }) => [method, path, body])).toEqual([
      ['GET', '/v1/receipts?consumer=GE%2FGOV%2F7002%2Fbase-registry', ''],
      ['POST', '/v1/replays', '{"why":"a test"}'],
    ]);
    expect(queryOf({ type: undefined })).toBe('');
  });

  it('ends with the fault that delivery gives', async () => {
    answer = [401, '{"code":"DOOR_UNAUTHENTICATED","title":"Who are you?"}'];
    await expect(askDelivery({ as: 'operator-1', state: folder }, '/v1/receipts')).rejects.toThrow(/DOOR_UNAUTHENTICATED/);
  });
});

describe('who asks delivery', () => {
  const asOf = (by?: 'operator' | 'subsystem') =>
    withDelivery(new Command('x'), 'who', by).options.find(({ long }) => long === '--as');

  it('is an operator unless another one is named, and must be named where only a subsystem may ask', () => {
    expect(asOf()).toMatchObject({ defaultValue: 'operator-1', mandatory: false });
    expect(asOf('subsystem')).toMatchObject({ defaultValue: undefined, mandatory: true });
  });
});
