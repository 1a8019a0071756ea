import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from '#envelope';
import { createMetrics } from '#telemetry';
import { watchCertificates } from './certificate-expiry.js';

const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const validUntil = (to: string): string =>
  issueCertificate(
    {
      commonName: 'signing',
      publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
      use: 'client',
      hosts: [],
      from: new Date('2026-01-01T00:00:00Z'),
      to: new Date(to),
    },
    { commonName: 'root', privateKey: authority.privateKey },
  );

let folder: string;
let file: string;
const warned: string[] = [];
const log = { warn: (event: string) => void warned.push(event) };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-certificate-'));
  file = join(folder, 'own.pem');
  process.env.KHIDI_KAFKA_CERT = file;
});
afterEach(() => {
  delete process.env.KHIDI_KAFKA_CERT;
  delete process.env.KHIDI_HTTP_CERT;
  rmSync(folder, { recursive: true });
});

const told = async (metrics: ReturnType<typeof createMetrics>, to = 'kafka') =>
  new RegExp(`^khidi_certificate_expiry_timestamp_seconds\\{to="${to}".*\\} (\\d+)$`, 'm').exec(await metrics.render())?.[1];
const seconds = (at: string): string => String(Date.parse(at) / 1000);

it('tells until when the certificate is valid, and of the new one once its file was replaced', async () => {
  const metrics = createMetrics('signing');
  writeFileSync(file, validUntil('2099-01-01T00:00:00Z'));
  watchCertificates(metrics, log);
  expect(await told(metrics)).toBe(seconds('2099-01-01T00:00:00Z'));
  writeFileSync(file, 'half of a');
  expect([await told(metrics), warned]).toEqual([seconds('2099-01-01T00:00:00Z'), ['our certificate cannot be read']]);
  writeFileSync(file, validUntil('2100-01-01T00:00:00Z'));
  expect(await told(metrics)).toBe(seconds('2100-01-01T00:00:00Z'));
});

it('tells nothing where there is none', async () => {
  delete process.env.KHIDI_KAFKA_CERT;
  const metrics = createMetrics('signing');
  watchCertificates(metrics, log);
  expect([await told(metrics), await told(metrics, 'http')]).toEqual([undefined, undefined]);
});

it('tells of the certificate of the HTTP door as well', async () => {
  const door = join(folder, 'door.pem');
  process.env.KHIDI_HTTP_CERT = door;
  const metrics = createMetrics('signing');
  writeFileSync(file, validUntil('2099-01-01T00:00:00Z'));
  writeFileSync(door, validUntil('2098-01-01T00:00:00Z'));
  watchCertificates(metrics, log);
  expect([await told(metrics), await told(metrics, 'http')]).toEqual([
    seconds('2099-01-01T00:00:00Z'),
    seconds('2098-01-01T00:00:00Z'),
  ]);
});
