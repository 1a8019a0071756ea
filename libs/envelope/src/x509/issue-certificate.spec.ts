import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateOrder, issueCertificate } from './issue-certificate.js';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const from = new Date('2026-01-01T00:00:00Z');
const to = new Date('2099-01-01T00:00:00Z');
const authority = pair();
const issuer = { commonName: 'Test authority', privateKey: authority.privateKey };
const root = issueCertificate(
  { commonName: 'Test authority', publicKey: authority.publicKey, use: 'authority', from, to },
  issuer,
);
const issue = (order: Partial<CertificateOrder> = {}) =>
  issueCertificate({ commonName: 'validation', publicKey: pair().publicKey, use: 'client', from, to, ...order }, issuer);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-x509-'));
  writeFileSync(join(folder, 'root.pem'), root);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function openssl(pem: string, ...args: string[]): string {
  writeFileSync(join(folder, 'leaf.pem'), pem);
  return execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', 'root.pem', ...args, 'leaf.pem'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('an issued certificate', () => {
  it.each([
    ['client', 'sslclient'],
    ['peer', 'sslserver'],
    ['peer', 'sslclient'],
  ] as const)('is held by openssl to be good for a %s as %s, by all rules of RFC 5280', (use, purpose) => {
    expect(openssl(issue({ use, hosts: ['127.0.0.1'] }), '-purpose', purpose)).toMatch(/: OK/);
  });

  it('names its subject alone, its hosts, and its issuer', () => {
    const certificate = new X509Certificate(issue({ use: 'peer', hosts: ['127.0.0.1', 'localhost'] }));
    expect([certificate.subject, certificate.issuer, certificate.ca]).toEqual(['CN=validation', 'CN=Test authority', false]);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
    expect([new Date(certificate.validFrom), new Date(certificate.validTo)]).toEqual([from, to]);
    expect(certificate.verify(authority.publicKey)).toBe(true);
  });

  it('of a client is no server, and of nobody but the authority an authority', () => {
    expect(() => openssl(issue(), '-purpose', 'sslserver')).toThrow(/unsuitable certificate purpose/);
    const leaf = pair();
    const below = { commonName: 'validation', privateKey: leaf.privateKey };
    writeFileSync(join(folder, 'between.pem'), issue({ publicKey: leaf.publicKey }));
    const forged = issueCertificate({ commonName: 'admin', publicKey: pair().publicKey, use: 'client', from, to }, below);
    expect(() => openssl(forged, '-untrusted', 'between.pem')).toThrow(/invalid CA certificate/);
  });

  it('is refused when somebody else signed in the name of the authority', () => {
    const other = { commonName: 'Test authority', privateKey: pair().privateKey };
    const forged = issueCertificate({ commonName: 'admin', publicKey: pair().publicKey, use: 'client', from, to }, other);
    expect(() => openssl(forged)).toThrow();
  });
});
