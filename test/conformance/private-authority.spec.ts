import { execFile } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Module } from '@nestjs/common';
import { issueCertificate } from '#envelope';
import { type RunningService, runService } from '#http';
import { createLogger, createMetrics } from '#telemetry';

/** Built, as services are: what counts is the client that runs. */
const ASK = resolve('dist/test/conformance/support/ask-door.js');

@Module({})
class Nothing {}

let folder: string;
let door: RunningService;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-authority-'));
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [authority, own] = [pair(), pair()];
  const root = { commonName: 'root', privateKey: authority.privateKey };
  const life = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2099-01-01T00:00:00Z') };
  const certify = (commonName: string, publicKey: KeyObject, use: 'authority' | 'peer', hosts: readonly string[]) =>
    issueCertificate({ commonName, publicKey, use, hosts, ...life }, root);
  writeFileSync(join(folder, 'ca.crt'), certify('root', authority.publicKey, 'authority', []));
  writeFileSync(join(folder, 'tls.crt'), certify('door', own.publicKey, 'peer', ['127.0.0.1']));
  writeFileSync(join(folder, 'tls.key'), own.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  process.env.KHIDI_HTTP_CERT = join(folder, 'tls.crt');
  process.env.KHIDI_HTTP_KEY = join(folder, 'tls.key');
  const log = createLogger('sample', 'debug', { write: () => undefined });
  const metrics = createMetrics('sample');
  door = await runService({ service: 'sample', module: Nothing, host: '127.0.0.1', port: 0, log, metrics, checks: {} });
});
afterAll(async () => {
  await door.close();
  delete process.env.KHIDI_HTTP_CERT;
  delete process.env.KHIDI_HTTP_KEY;
  rmSync(folder, { recursive: true });
});

/** What each way of asking saw at the door. */
async function ask(env: Readonly<Record<string, string>>): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [ASK, door.url], { env: { PATH: process.env.PATH, ...env } });
  return JSON.parse(stdout);
}

describe('when a door has a certificate of a private authority', () => {
  it('is asked, by whatever kind of client, once NODE_EXTRA_CA_CERTS names that authority', async () => {
    expect(await ask({ NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt') })).toEqual({
      command: 404,
      stream: 404,
      service: expect.stringContaining('it answers 404'),
      webhook: { ok: false, why: 'status', status: 404 },
    });
  });

  it('is asked by none that was not told of it', async () => {
    expect(await ask({})).toEqual({
      command: expect.stringContaining('does not answer (UNABLE_TO_VERIFY_LEAF_SIGNATURE)'),
      stream: expect.stringContaining('does not answer (UNABLE_TO_VERIFY_LEAF_SIGNATURE)'),
      service: expect.stringContaining('it does not answer'),
      webhook: { ok: false, why: 'tls' },
    });
  });
});
