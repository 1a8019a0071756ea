import { createPublicKey, hash, randomBytes } from 'node:crypto';
import {
  algorithmOf,
  KEY_PURPOSES,
  type KeyCustody,
  type KeyDescription,
  type KeyPurpose,
  type Kid,
  kidOf,
  publicJwkOf,
  type SignatureAlgorithm,
} from '#envelope';
import { FaultError } from '#faults';
import { SigningBatches } from '../signing-batches.js';
import { unavailable } from '../unavailable.js';
import { TransitClient, type TransitPlace } from './transit-client.js';

/** What the engine calls our algorithms. */
const TYPES: Readonly<Record<SignatureAlgorithm, string>> = { ES256: 'ecdsa-p256', Ed25519: 'ed25519' };
const NAME = /^khidi-([a-z-]+)-[0-9a-f]{16}$/;
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

interface TransitKey extends KeyDescription {
  readonly name: string;
}

/**
 * Keys in the transit engine of HashiCorp Vault or OpenBao. Each of our keys is a key of its own there, named
 * `khidi-<purpose>-<random>`, not exportable, and used in its first version only: versions are the engine's own idea of rotation, and
 * one name with several keys would be no key id. A chunk of records is one request (`batch_input`).
 */
export class TransitCustody implements KeyCustody {
  readonly store = 'transit';
  private readonly client: TransitClient;
  private readonly known = new Map<Kid, TransitKey>();
  private readonly batches = new SigningBatches((kid, messages) => this.signAll(kid, messages));

  constructor(place: TransitPlace) {
    this.client = new TransitClient(place);
  }

  sign(kid: Kid, bytes: Uint8Array): Promise<Buffer> {
    // ES256 is signed over the digest, so that a record never leaves for the key server; Ed25519 has no such form.
    const digestOrBytes = (alg: SignatureAlgorithm) => (alg === 'ES256' ? hash('sha256', bytes, 'buffer') : bytes);
    const key = this.known.get(kid);
    if (key !== undefined) return this.batches.sign(kid, digestOrBytes(key.alg));
    return this.find(kid).then(({ alg }) => this.batches.sign(kid, digestOrBytes(alg)));
  }

  async keys(purpose: KeyPurpose): Promise<readonly KeyDescription[]> {
    const listed = await this.client.ask('GET', 'keys?list=true');
    const names = Array.isArray(listed?.keys) ? listed.keys.filter((name) => typeof name === 'string') : [];
    const wanted = names.filter((name) => NAME.exec(name)?.[1] === purpose);
    const keys = await Promise.all(wanted.map((name) => this.read(name, purpose)));
    return keys.sort((a, b) => a.created.getTime() - b.created.getTime()).map(described);
  }

  async create(purpose: KeyPurpose, alg: SignatureAlgorithm, _now: Date): Promise<KeyDescription> {
    const name = `khidi-${purpose}-${randomBytes(8).toString('hex')}`;
    await this.client.ask('POST', `keys/${name}`, { type: TYPES[alg], exportable: false, allow_plaintext_backup: false });
    return described(await this.read(name, purpose));
  }

  ready(): boolean {
    return true;
  }

  async close(): Promise<void> {
    this.known.clear();
  }

  private async find(kid: Kid): Promise<TransitKey> {
    for (const purpose of KEY_PURPOSES) {
      await this.keys(purpose);
      const key = this.known.get(kid);
      if (key !== undefined) return key;
    }
    throw new FaultError('KEY_ABSENT', `the transit engine has no key ${kid}`);
  }

  /** The first version of a key. Its moment is the engine's own. */
  private async read(name: string, purpose: KeyPurpose): Promise<TransitKey> {
    const answer = await this.client.ask('GET', `keys/${name}`);
    const versions = (answer?.keys ?? {}) as Readonly<
      Record<string, { public_key?: unknown; creation_time?: unknown } | undefined>
    >;
    const { public_key: text, creation_time: made } = versions['1'] ?? {};
    if (typeof text !== 'string' || typeof made !== 'string')
      throw unavailable(`the transit engine shows no public key of ${name}`);
    const publicKey = text.startsWith('-----BEGIN')
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.concat([ED25519_SPKI, Buffer.from(text, 'base64')]), format: 'der', type: 'spki' });
    const alg = algorithmOf(publicKey);
    if (alg === undefined) throw new FaultError('KEY_UNPROVEN', `${name} is neither of P-256 nor Ed25519`);
    const jwk = publicJwkOf(publicKey);
    const key: TransitKey = { kid: kidOf(jwk), alg, purpose, created: new Date(made), jwk, name };
    this.known.set(key.kid, key);
    return key;
  }

  private async signAll(kid: Kid, messages: readonly Uint8Array[]): Promise<readonly Buffer[]> {
    const key = this.known.get(kid);
    if (key === undefined) throw new FaultError('KEY_ABSENT', `the transit engine has no key ${kid}`);
    const answer = await this.client.ask('POST', `sign/${key.name}`, {
      key_version: 1,
      batch_input: messages.map((message) => ({ input: Buffer.from(message).toString('base64') })),
      // `jws` gives r ‖ s in base64url instead of DER.
      ...(key.alg === 'ES256' ? { prehashed: true, hash_algorithm: 'sha2-256', marshaling_algorithm: 'jws' } : {}),
    });
    if (answer === undefined) throw new FaultError('KEY_ABSENT', `the transit engine has no key ${key.name}`);
    const results = Array.isArray(answer.batch_results) ? (answer.batch_results as readonly { signature?: unknown }[]) : [];
    return results.map(({ signature }) => {
      const text = typeof signature === 'string' ? /^vault:v1:([A-Za-z0-9_+/=-]+)$/.exec(signature)?.[1] : undefined;
      if (text === undefined) throw unavailable('the transit engine did not sign');
      return Buffer.from(text, key.alg === 'ES256' ? 'base64url' : 'base64');
    });
  }
}

function described({ kid, alg, purpose, created, jwk }: TransitKey): KeyDescription {
  return { kid, alg, purpose, created, jwk };
}
