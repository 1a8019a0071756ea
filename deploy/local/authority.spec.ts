import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority } from './authority.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-authority-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const subject = (file: string) => new X509Certificate(readFileSync(file)).subject;
const serial = (file: string) => new X509Certificate(readFileSync(file)).serialNumber;
const NOW = new Date('2026-06-01T00:00:00Z');
const later = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

describe('a local authority', () => {
  it('gives each principal a certificate of its name alone, and keeps everything to its owner', () => {
    const authority = openAuthority(folder, NOW);
    expect(subject(authority.client('validation').cert)).toBe('CN=validation');
    const { keystore, truststore } = authority.broker();
    expect(readFileSync(keystore, 'utf8')).toMatch(/BEGIN PRIVATE KEY[\s\S]*BEGIN CERTIFICATE/);
    expect(truststore).toBe(authority.ca);
    expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o077)).toEqual(
      readdirSync(folder).map(() => 0),
    );
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  it('keeps what it has made, and renews what is soon over', () => {
    const first = serial(openAuthority(folder, NOW).client('validation').cert);
    expect(serial(openAuthority(folder, later(300)).client('validation').cert)).toBe(first);
    expect(serial(openAuthority(folder, later(380)).client('validation').cert)).not.toBe(first);
  });

  it('keeps the certificate of the broker, unless it is to answer to another name', () => {
    const { serial: first } = openAuthority(folder, NOW).broker();
    expect(openAuthority(folder, NOW).broker().serial).toBe(first);
    expect(openAuthority(folder, NOW).broker(['kafka', '127.0.0.1']).serial).not.toBe(first);
  });

  it('makes anew what a crash has torn, and whatever an earlier authority vouched for', () => {
    const { cert, key, ca } = openAuthority(folder, NOW).client('validation');
    const first = serial(cert);
    writeFileSync(key, readFileSync(key, 'utf8').slice(0, 60));
    expect(serial(openAuthority(folder, NOW).client('validation').cert)).not.toBe(first);
    writeFileSync(ca, '');
    const authority = openAuthority(folder, NOW);
    const issued = new X509Certificate(readFileSync(authority.client('validation').cert));
    expect(issued.verify(new X509Certificate(readFileSync(ca)).publicKey)).toBe(true);
  });
});
