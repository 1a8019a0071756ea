import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type CertificateIssuer, type CertificateOrder, issueCertificate } from '#envelope';
import type { TlsFiles } from '#stream';
import { LOOPBACK } from './ports.js';

/**
 * The certificate authority of one local instance: it vouches for the broker and for everybody who may talk to it. In a real
 * instance it is the operator's, its key lies elsewhere, and each member makes its own key.
 */
export interface Authority {
  /** The certificate that all trust. */
  readonly ca: string;
  /** Certificate and key of a client, named like its principal in Kafka. */
  client(name: string): TlsFiles;
  /** Key and certificate of the broker in one file, as Kafka wants them, and the serial number of the certificate. */
  broker(hosts?: readonly string[]): { readonly keystore: string; readonly truststore: string; readonly serial: string };
}

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const DAYS = 397;
/** With fewer days left a certificate is issued anew. */
const LEFT_DAYS = 30;
/** So that a clock that is a little slow takes a new certificate all the same. */
const EARLY_MS = 3_600_000;
const NAME = 'Khidi local authority';

/**
 * Opens the authority in `folder`, or makes it there. Certificates that are missing, torn, soon over or from an earlier authority are
 * made anew when they are asked for; all others stay as they are. Keys are readable by their owner only.
 */
export function openAuthority(folder: string, now = new Date()): Authority {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const ca = join(folder, 'ca.pem');
  const own = { cert: ca, key: join(folder, 'ca.key') };
  const about: Omit<CertificateOrder, 'publicKey'> = { commonName: NAME, use: 'authority', ...span(now, AUTHORITY_DAYS) };
  const issuer = issuerOf(own) ?? makeAuthority(own, about);
  const vouched = createPublicKey(issuer.privateKey);
  const ensure = (name: string, order: Omit<CertificateOrder, 'publicKey' | 'from' | 'to' | 'commonName'>): TlsFiles => {
    const files = { ca, cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
    if (!holds(files, vouched, now, order.hosts)) {
      make(files, { commonName: name, ...order, ...span(now, DAYS) }, issuer);
    }
    return files;
  };
  return {
    ca,
    client: (name) => ensure(name, { use: 'client' }),
    broker(hosts = [LOOPBACK, 'localhost']) {
      const { cert, key } = ensure('kafka', { use: 'peer', hosts });
      const keystore = join(folder, 'kafka.keystore.pem');
      replace(keystore, `${readFileSync(key, 'utf8')}${readFileSync(cert, 'utf8')}`);
      return { keystore, truststore: ca, serial: new X509Certificate(readFileSync(cert)).serialNumber };
    },
  };
}

const span = (now: Date, days: number) => ({
  from: new Date(now.getTime() - EARLY_MS),
  to: new Date(now.getTime() + days * DAY_MS),
});

/** The key of an authority that was made before and whose certificate belongs to it. */
function issuerOf({ cert, key }: { cert: string; key: string }): CertificateIssuer | undefined {
  const pair = pairOf(cert, key);
  return pair?.certificate.ca === true ? { commonName: NAME, privateKey: pair.privateKey } : undefined;
}

function makeAuthority(files: { cert: string; key: string }, about: Omit<CertificateOrder, 'publicKey'>): CertificateIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { commonName: NAME, privateKey };
  write(files, issueCertificate({ ...about, publicKey }, issuer), privateKey);
  return issuer;
}

function make(files: TlsFiles, order: Omit<CertificateOrder, 'publicKey'>, issuer: CertificateIssuer): void {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  write(files, issueCertificate({ ...order, publicKey }, issuer), privateKey);
}

function write({ cert, key }: { cert: string; key: string }, certificate: string, privateKey: KeyObject): void {
  replace(key, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  replace(cert, certificate);
}

/** What a crash leaves torn is made anew at the next start, so nothing needs to reach the disk now. */
function replace(file: string, content: string): void {
  writeFileSync(`${file}.next`, content, { mode: 0o600 });
  renameSync(`${file}.next`, file);
}

/** Whether the pair belongs together, is vouched for, lasts, and names the hosts. */
function holds({ cert, key }: TlsFiles, vouched: KeyObject, now: Date, hosts: readonly string[] = []): boolean {
  const certificate = pairOf(cert, key)?.certificate;
  if (certificate === undefined || !certificate.verify(vouched)) return false;
  if (Date.parse(certificate.validTo) - now.getTime() < LEFT_DAYS * DAY_MS) return false;
  return hosts.every((host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined);
}

/** A certificate and its key; undefined where they are missing, torn by a crash, or do not belong together. */
function pairOf(cert: string, key: string): { certificate: X509Certificate; privateKey: KeyObject } | undefined {
  if (!existsSync(cert) || !existsSync(key)) return undefined;
  try {
    const certificate = new X509Certificate(readFileSync(cert));
    const privateKey = createPrivateKey(readFileSync(key));
    return certificate.checkPrivateKey(privateKey) ? { certificate, privateKey } : undefined;
  } catch {
    return undefined; // neither PEM nor a key: it is made anew
  }
}
