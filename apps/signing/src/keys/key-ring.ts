import {
  certificateThumbprint,
  currentKeys,
  historicalKeys,
  type KeyCustody,
  type KeyRecord,
  type KeySet,
  readKeySet,
  readSignedKeySet,
  type Salter,
  type Sealer,
  signerOf,
  signKeySet,
} from '#envelope';
import { FaultError } from '#faults';
import type { MemberId } from '#record';
import type { KeyRegister } from './key-register.js';

/** The signed sets are signed again after this long, so that their readers see that somebody is alive. */
const SIGNED_FOR_MS = 3_600_000;

/** What the ring works with. */
export interface RingParts {
  readonly register: KeyRegister;
  readonly custody: KeyCustody;
  readonly iss: MemberId;
  readonly salt: Salter;
  /** How long a key stays in the current set after its retirement, in seconds. */
  readonly overlapSeconds: number;
  readonly now: () => Date;
}

/** The keys as sealing and publishing use them. Everything is made anew after {@link KeyRing.changed}. */
export class KeyRing {
  #sealer: Sealer | undefined;
  #current: { readonly bytes: Buffer; readonly keys: KeySet; readonly at: number } | undefined;
  readonly #signed = new Map<'current' | 'historical', { readonly token: Promise<string>; readonly at: number }>();

  constructor(private readonly parts: RingParts) {}

  /** Called for every change in the register. */
  changed(): void {
    this.#sealer = undefined;
    this.#current = undefined;
    this.#signed.clear();
  }

  /** Who seals now. Throws KEY_NONE_ACTIVE while no key is active: records wait, and nothing is signed by other means. */
  sealer(): Sealer {
    this.#sealer ??= this.sealerWith(this.#active('sealing'));
    return this.#sealer;
  }

  /** Who would seal with this key. */
  sealerWith({ kid, certificate }: KeyRecord): Sealer {
    const { iss, custody, salt } = this.parts;
    const x5t = certificate === undefined ? undefined : certificateThumbprint(certificate);
    return { iss, signer: signerOf(custody, kid, x5t), salt };
  }

  /** The JWK set as it is published, byte for byte. */
  keySet(): Buffer {
    return this.#set().bytes;
  }

  /** The set as it would be published with this key in this state. */
  setWith(key: KeyRecord): Buffer {
    return Buffer.from(JSON.stringify({ keys: currentKeys([key], this.parts.now(), this.parts.overlapSeconds) }));
  }

  /** Signs a set with a key for that purpose and reads it back. Throws KEY_SET_INVALID where it does not hold. */
  async proveSetKey(key: KeyRecord): Promise<void> {
    const { iss, custody, now } = this.parts;
    const own = currentKeys([key], now(), this.parts.overlapSeconds);
    const token = await signKeySet(own, iss, signerOf(custody, key.kid), now());
    readSignedKeySet(Buffer.from(token), readKeySet({ keys: own }), now());
  }

  /** That set, read as a verifier reads it. */
  published(): KeySet {
    return this.#set().keys;
  }

  /** The current or the historical set, signed by the key for that. Rejects with KEY_NONE_ACTIVE and KEY_STORE_UNAVAILABLE. */
  signedSet(which: 'current' | 'historical'): Promise<string> {
    const now = this.parts.now().getTime();
    const known = this.#signed.get(which);
    if (known !== undefined && now - known.at < SIGNED_FOR_MS) return known.token;
    const token = this.#sign(which);
    this.#signed.set(which, { token, at: now });
    token.catch(() => this.#signed.delete(which)); // whoever asked hears of it; the next one asks the store again
    return token;
  }

  async #sign(which: 'current' | 'historical'): Promise<string> {
    const { iss, custody, now } = this.parts;
    const { kid } = this.#active('key-set');
    return signKeySet(this.#keysOf(which), iss, signerOf(custody, kid), now());
  }

  #keysOf(which: 'current' | 'historical') {
    const { register, overlapSeconds, now } = this.parts;
    return which === 'current' ? currentKeys(register.all(), now(), overlapSeconds) : historicalKeys(register.all());
  }

  /** Read again once a minute, since keys leave it as time passes. */
  #set(): { readonly bytes: Buffer; readonly keys: KeySet } {
    const at = Math.floor(this.parts.now().getTime() / 60_000);
    if (this.#current?.at !== at) {
      const bytes = Buffer.from(JSON.stringify({ keys: this.#keysOf('current') }));
      this.#current = { bytes, keys: readKeySet(JSON.parse(bytes.toString('utf8'))), at };
    }
    return this.#current;
  }

  #active(purpose: 'sealing' | 'key-set'): KeyRecord {
    const key = this.parts.register.active(purpose);
    if (key === undefined) throw new FaultError('KEY_NONE_ACTIVE', purpose);
    return key;
  }
}
