import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  generatePrivateKey,
  KEY_PURPOSES,
  type KeyCustody,
  type KeyDescription,
  type KeyPurpose,
  type Kid,
  kidOf,
  publicJwkOf,
  type SignatureAlgorithm,
  signRaw,
} from '#envelope';
import { FaultError } from '#faults';
import { createSealedFile, openSealedFile, type Secret } from '#settings';
import { type HeldKey, readKeyFile, writeKeyFile } from './key-file.js';
import { SigningThread } from './signing-thread.js';

const NAME = new RegExp(`^(${KEY_PURPOSES.join('|')})-key(?:-([A-Za-z0-9_-]{43}))?\\.json$`);

interface KeyFile {
  readonly path: string;
  readonly purpose: KeyPurpose;
  /** Absent in the name that the first release gave to its one key. */
  readonly kid?: string;
}

/** Fewer messages are signed before a thread would have heard of them. */
const FEW = 16;

/**
 * Keys in encrypted files (scrypt, AES-256-GCM), one each, in a folder of mode 0700. A key is opened once, which takes a tenth
 * of a second on purpose, and then signs at once in this process. Methods throw KEY_FILE_EXPOSED where others than the owner can
 * reach a file, KEY_FILE_UNREADABLE, and KEY_UNPROVEN for a file that holds something else.
 */
export class FileCustody implements KeyCustody {
  readonly store = 'file';
  readonly #passphrase: Secret;
  readonly #held = new Map<Kid, HeldKey>();
  readonly #thread = new SigningThread();

  constructor(
    private readonly folder: string,
    passphrase: Secret,
  ) {
    this.#passphrase = passphrase;
  }

  sign(kid: Kid, bytes: Uint8Array): Buffer {
    const { alg, privateKey } = this.#held.get(kid) ?? this.#find(kid);
    return signRaw(alg, privateKey, bytes);
  }

  signMany(kid: Kid, messages: readonly Uint8Array[]): readonly Buffer[] | Promise<readonly Buffer[]> {
    const { alg, privateKey } = this.#held.get(kid) ?? this.#find(kid);
    if (messages.length < FEW) return messages.map((message) => signRaw(alg, privateKey, message));
    return this.#thread.sign(alg, privateKey, messages);
  }

  async keys(purpose: KeyPurpose): Promise<readonly KeyDescription[]> {
    const keys = this.#files()
      .filter((file) => file.purpose === purpose)
      .map((file) => this.#open(file));
    return keys.map(described).sort((a, b) => a.created.getTime() - b.created.getTime());
  }

  async create(purpose: KeyPurpose, alg: SignatureAlgorithm, now: Date): Promise<KeyDescription> {
    const privateKey = generatePrivateKey(alg);
    const jwk = publicJwkOf(privateKey);
    const key: HeldKey = { kid: kidOf(jwk), alg, purpose, created: now, jwk, privateKey };
    const content = writeKeyFile(key);
    createSealedFile(join(this.folder, `${purpose}-key-${key.kid}.json`), content, this.#passphrase);
    content.fill(0);
    this.#held.set(key.kid, key);
    return described(key);
  }

  ready(): boolean {
    return true;
  }

  async close(): Promise<void> {
    this.#held.clear();
    await this.#thread.close();
  }

  #files(): KeyFile[] {
    let names: string[];
    try {
      names = readdirSync(this.folder);
    } catch {
      return []; // the folder is made with its first key
    }
    return names.flatMap((name) => {
      const [, purpose, kid] = NAME.exec(name) ?? [];
      if (purpose === undefined) return [];
      return [{ path: join(this.folder, name), purpose: purpose as KeyPurpose, ...(kid === undefined ? {} : { kid }) }];
    });
  }

  #find(kid: Kid): HeldKey {
    for (const file of this.#files()) {
      if (file.kid !== undefined && file.kid !== kid) continue;
      const key = this.#open(file);
      if (key.kid === kid) return key;
    }
    throw new FaultError('KEY_ABSENT', `${kid} is in none of the files`);
  }

  #open({ path, purpose, kid }: KeyFile): HeldKey {
    const known = kid === undefined ? undefined : this.#held.get(kid as Kid);
    if (known !== undefined) return known;
    const key = readKeyFile(openSealedFile(path, this.#passphrase), purpose);
    if (kid !== undefined && kid !== key.kid)
      throw new FaultError('KEY_UNPROVEN', `${path} holds another key than its name says`);
    this.#held.set(key.kid, key);
    return key;
  }
}

function described({ kid, alg, purpose, created, jwk }: HeldKey): KeyDescription {
  return { kid, alg, purpose, created, jwk };
}
