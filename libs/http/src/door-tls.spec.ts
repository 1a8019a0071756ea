import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { Module } from '@nestjs/common';
import { issueCertificate } from '#envelope';
import { createLogger, createMetrics } from '#telemetry';
import { doorTls } from './door-tls.js';
import { type RunningService, runService } from './run-service.js';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const authority = pair();
const [from, to] = [new Date('2026-01-01T00:00:00Z'), new Date('2099-01-01T00:00:00Z')];
const root = { commonName: 'root', privateKey: authority.privateKey };
const ca = issueCertificate({ commonName: 'root', publicKey: authority.publicKey, use: 'authority', hosts: [], from, to }, root);

@Module({})
class Nothing {}

let folder: string;
const lines: string[] = [];
const services: RunningService[] = [];
const certFile = () => join(folder, 'door.pem');
const keyFile = () => join(folder, 'door.key');
function renew(commonName: string): void {
  const own = pair();
  const order = { commonName, publicKey: own.publicKey, use: 'peer', hosts: ['127.0.0.1'], from, to } as const;
  writeFileSync(keyFile(), pem(own.privateKey), { mode: 0o600 });
  writeFileSync(certFile(), issueCertificate(order, root));
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-door-'));
  renew('first');
  process.env.KHIDI_HTTP_CERT = certFile();
  process.env.KHIDI_HTTP_KEY = keyFile();
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
  delete process.env.KHIDI_HTTP_CERT;
  delete process.env.KHIDI_HTTP_KEY;
  rmSync(folder, { recursive: true });
});

async function start(host = '127.0.0.1'): Promise<RunningService> {
  const log = createLogger('sample', 'debug', { write: (line) => void lines.push(line) });
  const service = await runService({
    ...{ service: 'sample', module: Nothing, host, port: 0, log, metrics: createMetrics('sample'), checks: {} },
  });
  services.push(service);
  return service;
}

/** The status of the answer, and whom the door proved itself to be. */
const ask = (url: string) =>
  new Promise<[status: number | undefined, name: string | string[] | undefined]>((resolve, reject) => {
    https
      .get(`${url}/health/live`, { ca, agent: false }, (answer) => {
        const { subject } = (answer.socket as TLSSocket).getPeerCertificate();
        answer.resume().on('end', () => resolve([answer.statusCode, subject.CN]));
      })
      .on('error', reject);
  });

describe('when the HTTP door has a certificate', () => {
  it('speaks TLS and nothing else', async () => {
    const { url } = await start();
    expect(url).toMatch(/^https:/);
    expect(await ask(url)).toEqual([200, 'first']);
    await expect(fetch(url.replace('https:', 'http:'))).rejects.toThrow();
  });

  it('waits for a handshake as long as for headers', () => {
    expect(doorTls()?.options.handshakeTimeout).toBe(10_000);
  });

  it('shows a new certificate once it is there, and keeps the last one while it is not usable', async () => {
    const { url } = await start();
    writeFileSync(certFile(), 'half of a fi');
    await pause(2500);
    expect(await ask(url)).toEqual([200, 'first']);
    expect(lines.join()).toContain('the certificate of the HTTP door is not usable');
    renew('second');
    for (let tries = 0; tries < 50 && (await ask(url))[1] !== 'second'; tries++) await pause(200);
    expect(await ask(url)).toEqual([200, 'second']);
  }, 30_000);

  it('does not start with half of it, with a key that others can read, or with one that does not fit', () => {
    process.env.KHIDI_HTTP_KEY = '';
    expect(doorTls).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
    process.env.KHIDI_HTTP_KEY = keyFile();
    chmodSync(keyFile(), 0o644);
    expect(doorTls).toThrow(expect.objectContaining({ code: 'KEY_FILE_EXPOSED' }));
    chmodSync(keyFile(), 0o600);
    writeFileSync(keyFile(), pem(pair().privateKey));
    expect(doorTls).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
  });
});

describe('when it has none', () => {
  it('speaks plain HTTP, and says so beyond this machine', async () => {
    process.env.KHIDI_HTTP_CERT = '';
    process.env.KHIDI_HTTP_KEY = '';
    lines.length = 0;
    expect((await start()).url).toMatch(/^http:/);
    expect(lines.join()).not.toContain('without TLS');
    await start('0.0.0.0');
    expect(lines.join()).toContain('HTTP beyond this machine without TLS');
  });
});
