import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Key {
  readonly type: string;
  readonly privateKey: KeyObject;
  readonly created: string;
}

/** What the contract server was asked, and how it may be made to fail. */
export interface TransitContract {
  readonly url: string;
  readonly asked: string[];
  /** `hang` answers nothing, `500` and `403` answer so. */
  fail: 'hang' | 500 | 403 | undefined;
  close(): Promise<void>;
}

/**
 * The part of the transit engine that we use, by its documented HTTP contract (developer.hashicorp.com/vault/api-docs/secret/transit,
 * the same in OpenBao): LIST and read keys, make one, sign a batch. It takes the place of a real server where there is none.
 */
export async function transitContract(token: string): Promise<TransitContract> {
  const keys = new Map<string, Key>();
  const contract: { fail: TransitContract['fail']; asked: string[] } = { fail: undefined, asked: [] };
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const path = request.url?.replace('/v1/transit/', '') ?? '';
      contract.asked.push(`${request.method} ${path.replace(/[0-9a-f]{16}/, '…')}`);
      if (contract.fail === 'hang') return;
      const body = parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>);
      const denied = request.headers['x-vault-token'] !== token ? 403 : contract.fail;
      const data = denied === undefined ? answer(keys, request.method ?? '', path, body) : { status: denied };
      const status = typeof data.status === 'number' ? data.status : 200;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status === 200 ? { data } : { errors: ['no'] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(contract, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}

function answer(keys: Map<string, Key>, method: string, path: string, body: Record<string, unknown>): Record<string, unknown> {
  const [kind, name = ''] = path.split('/');
  if (path === 'keys?list=true') return keys.size === 0 ? { status: 404 } : { keys: [...keys.keys()] };
  if (kind === 'keys' && method === 'POST') {
    const type = String(body.type);
    const pair = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    keys.set(name, { type, privateKey: pair.privateKey, created: new Date().toISOString() });
    return {};
  }
  const key = keys.get(name);
  if (key === undefined) return { status: 404 };
  if (kind === 'keys') return { keys: { 1: { public_key: publicOf(key), creation_time: key.created } }, type: key.type };
  const batch = body.batch_input as readonly { input: string }[];
  return {
    batch_results: batch.map(({ input }) => ({ signature: `vault:v1:${signed(key, Buffer.from(input, 'base64'), body)}` })),
  };
}

/** PEM for P-256, bare base64 for Ed25519, as the engine has it. */
function publicOf({ type, privateKey }: Key): string {
  const publicKey = createPublicKey(privateKey);
  if (type !== 'ed25519') return String(publicKey.export({ format: 'pem', type: 'spki' }));
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
}

function signed({ type, privateKey }: Key, input: Buffer, body: Record<string, unknown>): string {
  if (type === 'ed25519') return sign(null, input, privateKey).toString('base64');
  if (body.prehashed !== true || body.marshaling_algorithm !== 'jws') throw new Error('the contract knows this form only');
  return signDigest(privateKey, input).toString('base64url');
}

/** Node signs no digests, openssl does; its DER becomes r ‖ s. */
function signDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-transit-'));
  try {
    const key = join(folder, 'key.pem');
    writeFileSync(key, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    const der = execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', key], { input: digest });
    const length = der[3] ?? 0;
    const [r, s] = [der.subarray(4, 4 + length), der.subarray(6 + length)];
    return Buffer.concat([r, s].map((part) => Buffer.concat([Buffer.alloc(33), part]).subarray(-32)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
