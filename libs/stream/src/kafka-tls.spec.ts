import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { type CertificateOrder, issueCertificate } from '#envelope';
import { kafkaAt } from './kafka-tls.js';
import { socketFactory } from './kafkajs/socket.adapter.js';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const from = new Date('2026-01-01T00:00:00Z');
const to = new Date('2099-01-01T00:00:00Z');
const authority = pair();

function issue(name: string, use: CertificateOrder['use'], hosts: readonly string[] = []) {
  const own = use === 'authority' ? authority : pair();
  const order = { commonName: name, publicKey: own.publicKey, use, hosts, from, to };
  return { cert: issueCertificate(order, { commonName: 'root', privateKey: authority.privateKey }), key: pem(own.privateKey) };
}

let folder: string;
let files: { ca: string; cert: string; key: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-tls-'));
  const { cert, key } = issue('validation', 'client');
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  files = {
    ca: write('ca.pem', issue('root', 'authority').cert),
    cert: write('own.pem', cert),
    key: write('own.key', key),
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const settings = (some: Partial<typeof files> = files) => ({
  brokers: ['127.0.0.1:9092'],
  kafkaCa: some.ca ?? '',
  kafkaCert: some.cert ?? '',
  kafkaKey: some.key ?? '',
});

describe('where Kafka is', () => {
  it('is asked with a certificate where one is named, and without where none is', () => {
    expect(kafkaAt(settings())).toEqual({ brokers: ['127.0.0.1:9092'], tls: files });
    expect(kafkaAt(settings({}))).toEqual({ brokers: ['127.0.0.1:9092'] });
  });

  it.each(['ca', 'cert', 'key'] as const)('is refused with SETTINGS_INVALID where only the %s is missing', (name) => {
    expect(() => kafkaAt(settings({ ...files, [name]: '' }))).toThrow(/SETTINGS_INVALID.*all needed/s);
  });

  it('is refused with KEY_FILE_EXPOSED where others can read the key', () => {
    chmodSync(files.key, 0o644);
    expect(() => kafkaAt(settings())).toThrow('KEY_FILE_EXPOSED');
  });

  it('is refused, without a word of what a file says, where it is no certificate or another key', () => {
    writeFileSync(files.key, issue('validation', 'client').key);
    expect(() => kafkaAt(settings())).toThrow(/SETTINGS_INVALID.*no certificate in PEM and its private key/s);
    rmSync(files.cert);
    expect(() => kafkaAt(settings())).toThrow(/own\.pem cannot be read/);
  });
});

describe('a connection', () => {
  let server: tls.Server;
  let seen: Promise<[tls.TLSSocket]>;
  async function listen(hosts: readonly string[], name = 'kafka'): Promise<number> {
    const { cert, key } = issue(name, 'peer', hosts);
    server = tls.createServer({ cert, key, ca: issue('root', 'authority').cert, requestCert: true, rejectUnauthorized: true });
    server.on('tlsClientError', () => undefined); // what the client is told is what counts
    seen = once(server, 'secureConnection') as Promise<[tls.TLSSocket]>;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  afterEach(() => server.close());

  const connect = (port: number) =>
    new Promise<Socket>((resolve, reject) => {
      const socket = socketFactory(files)({ host: '127.0.0.1', port, onConnect: () => resolve(socket) });
      socket.once('error', reject);
    });

  it('shows the certificate of the files', async () => {
    const socket = await connect(await listen(['127.0.0.1']));
    const [peer] = await seen;
    expect(peer.getPeerCertificate().subject.CN).toBe('validation');
    peer.destroy();
    socket.destroy();
  });

  it('is not made with somebody whose certificate names another address, or whom another authority vouches for', async () => {
    await expect(connect(await listen(['127.0.0.2']))).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    server.close();
    const port = await listen(['127.0.0.1']);
    const stranger = pair();
    const order = { commonName: 'root', publicKey: stranger.publicKey, use: 'authority', from, to } as const;
    writeFileSync(files.ca, issueCertificate(order, { commonName: 'root', privateKey: stranger.privateKey }));
    await expect(connect(port)).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' });
  });

  it('shows a certificate that was renewed without a restart', async () => {
    const port = await listen(['127.0.0.1']);
    const factory = socketFactory(files);
    const first = factory({ host: '127.0.0.1', port, onConnect: () => undefined });
    const [before] = await seen;
    seen = once(server, 'secureConnection') as Promise<[tls.TLSSocket]>;
    const renewed = issue('validation-2', 'client');
    writeFileSync(files.cert, renewed.cert);
    writeFileSync(files.key, renewed.key);
    const second = factory({ host: '127.0.0.1', port, onConnect: () => undefined });
    const [after] = await seen;
    expect([before, after].map((peer) => peer.getPeerCertificate().subject.CN)).toEqual(['validation', 'validation-2']);
    for (const socket of [first, second, before, after]) socket.destroy();
  });
});
