import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatePrivateKey, kidOf, publicJwkOf, type SignatureAlgorithm, signRaw } from '../keys/algorithms.js';
import { certificateFor } from './certificate.js';
import { certificationRequest } from './certification-request.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-csr-'));
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
      '-subj',
      '/CN=Test CA',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    ],
    { cwd: folder, stdio: 'ignore' },
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

async function request(alg: SignatureAlgorithm) {
  const privateKey = generatePrivateKey(alg);
  const jwk = publicJwkOf(privateKey);
  const signer = { kid: kidOf(jwk), sign: (bytes: Uint8Array) => signRaw(alg, privateKey, bytes) };
  const subject = {
    country: 'GE',
    organisation: 'სატესტო უწყება',
    organisationIdentifier: 'NTRGE-0001',
    commonName: 'Khidi seal',
  };
  return { jwk, pem: await certificationRequest(subject, { jwk, alg }, signer) };
}

describe('when a certificate is asked for', () => {
  it.each(['ES256', 'Ed25519'] as const)('writes a request that openssl verifies and a CA signs (%s)', async (alg) => {
    const { jwk, pem } = await request(alg);
    writeFileSync(join(folder, 'seal.csr'), pem);
    const shown = openssl('req', '-in', 'seal.csr', '-verify', '-noout', '-subject', '-nameopt', 'utf8', '-text');
    expect(shown).toMatch(/C\s?=\s?GE.*O\s?=\s?სატესტო უწყება.*NTRGE-0001.*CN\s?=\s?Khidi seal/);
    expect(shown).toMatch(/Digital Signature, Non Repudiation/);
    openssl(
      'x509',
      '-req',
      '-in',
      'seal.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '10',
      '-out',
      'seal.pem',
    );
    const certificate = openssl('x509', '-in', 'seal.pem');
    const now = new Date(Date.now() + 2000);
    expect(certificateFor(certificate, jwk, now)).toBe(certificate.replaceAll(/-----.*-----|\n/g, ''));
    const code = (text: string, key = jwk, at = now) => {
      try {
        return certificateFor(text, key, at);
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    const other = (await request(alg)).jwk;
    expect([
      code('no certificate'),
      code(certificate, other),
      code(certificate, jwk, new Date(Date.now() + 20 * 86_400_000)),
      code(certificate, jwk, new Date(0)),
      code(openssl('x509', '-in', 'ca.pem')),
    ]).toEqual(Array(5).fill('KEY_CERTIFICATE_UNFIT'));
  });
});
