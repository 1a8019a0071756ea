import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import {
  KEY_PURPOSES,
  type KeyDescription,
  type KeyPurpose,
  type Kid,
  kidOf,
  publicJwkOf,
  type SignatureAlgorithm,
} from '#envelope';
import { type Attribute, CK, Cryptoki, CryptokiError } from './cryptoki.js';

/** Where the token is. */
export interface TokenPlace {
  /** Path of the vendor's PKCS #11 library. */
  readonly library: string;
  /** Label of the token. */
  readonly label: string;
}

const { ATTRIBUTE, CLASS, MECHANISM } = CK;
const YES = Buffer.from([1]);
const NO = Buffer.from([0]);
const LABEL = /^khidi\/([a-z-]+)\/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;

/** What tells the algorithms apart on a token: `CKA_EC_PARAMS` (DER) and the mechanisms. */
const KINDS: Readonly<Record<SignatureAlgorithm, { curve: string; make: number; sign: number; spki: string }>> = {
  ES256: {
    curve: '06082a8648ce3d030107',
    make: MECHANISM.EC_KEY_PAIR_GEN,
    sign: MECHANISM.ECDSA,
    spki: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
  },
  Ed25519: {
    curve: '06032b6570',
    make: MECHANISM.EC_EDWARDS_KEY_PAIR_GEN,
    sign: MECHANISM.EDDSA,
    spki: '302a300506032b6570032100',
  },
};
const POINT_BYTES: Readonly<Record<SignatureAlgorithm, number>> = { ES256: 65, Ed25519: 32 };

interface TokenKey extends KeyDescription {
  readonly handle: number;
}

/** An open token. Keys of ours are those whose label says so: `khidi/<purpose>/<when it was made>`. */
export class Token {
  private readonly keysById = new Map<Kid, TokenKey>();

  private constructor(
    private readonly cryptoki: Cryptoki,
    private readonly session: number,
  ) {}

  /** Opens the one token with this label. Throws {@link CryptokiError}, also for a wrong PIN, or an Error that names what is missing. */
  static open({ library, label }: TokenPlace, pin: Buffer): Token {
    const cryptoki = new Cryptoki(library);
    const [slot, another] = cryptoki.slotsOf(label);
    if (slot === undefined || another !== undefined)
      throw new Error(`${slot === undefined ? 'no token is' : 'two tokens are'} called ${label}`);
    const token = new Token(cryptoki, cryptoki.openSession(slot));
    try {
      cryptoki.login(token.session, pin);
    } catch (error) {
      if (!(error instanceof CryptokiError && error.returned === CK.ERROR.ALREADY_LOGGED_IN)) throw error;
    }
    token.read();
    return token;
  }

  keys(purpose: KeyPurpose): KeyDescription[] {
    return [...this.keysById.values()].filter((key) => key.purpose === purpose).map(described);
  }

  /** Makes a key that never leaves the token. */
  create(purpose: KeyPurpose, alg: SignatureAlgorithm, now: Date): KeyDescription {
    const id = randomBytes(16);
    const shared: Attribute[] = [
      [ATTRIBUTE.TOKEN, YES],
      [ATTRIBUTE.ID, id],
      [ATTRIBUTE.LABEL, Buffer.from(`khidi/${purpose}/${now.toISOString()}`)],
    ];
    const publicKey: Attribute[] = [
      ...shared,
      [ATTRIBUTE.VERIFY, YES],
      [ATTRIBUTE.EC_PARAMS, Buffer.from(KINDS[alg].curve, 'hex')],
    ];
    const privateKey: Attribute[] = [
      ...shared,
      [ATTRIBUTE.PRIVATE, YES],
      [ATTRIBUTE.SENSITIVE, YES],
      [ATTRIBUTE.EXTRACTABLE, NO],
      [ATTRIBUTE.SIGN, YES],
    ];
    this.cryptoki.generate(this.session, KINDS[alg].make, publicKey, privateKey);
    const key = this.keyOf(id);
    if (key === undefined) throw new Error('the token does not show the key that it made');
    this.keysById.set(key.kid, key);
    return described(key);
  }

  /** Signs a message (Ed25519) or its SHA-256 (ES256); undefined for a key that is not on the token. */
  sign(kid: Kid, message: Uint8Array): Buffer | undefined {
    const key = this.keysById.get(kid);
    return key === undefined ? undefined : this.cryptoki.sign(this.session, KINDS[key.alg].sign, key.handle, message);
  }

  private read(): void {
    for (const object of this.cryptoki.find(this.session, [[ATTRIBUTE.CLASS, ulong(CLASS.PRIVATE_KEY)]])) {
      const key = this.keyOf(this.cryptoki.attribute(this.session, object, ATTRIBUTE.ID));
      if (key !== undefined) this.keysById.set(key.kid, key);
    }
  }

  /** The key pair with this id, where it is one of ours. */
  private keyOf(id: Buffer): TokenKey | undefined {
    const find = (kind: number) =>
      this.cryptoki.find(this.session, [
        [ATTRIBUTE.CLASS, ulong(kind)],
        [ATTRIBUTE.ID, id],
      ])[0];
    const [open, handle] = [find(CLASS.PUBLIC_KEY), find(CLASS.PRIVATE_KEY)];
    if (open === undefined || handle === undefined) return undefined;
    const read = (type: number) => this.cryptoki.attribute(this.session, open, type);
    const [, purpose, created = ''] = LABEL.exec(read(ATTRIBUTE.LABEL).toString('utf8')) ?? [];
    const known = KEY_PURPOSES.find((one) => one === purpose);
    const found = publicKeyOf(read(ATTRIBUTE.EC_PARAMS), read(ATTRIBUTE.EC_POINT));
    if (known === undefined || found === undefined) return undefined;
    const jwk = publicJwkOf(found.key);
    return { kid: kidOf(jwk), alg: found.alg, purpose: known, created: new Date(created), jwk, handle };
  }
}

/** Edwards curves are named by OID or by a printable string, and the point is wrapped in an OCTET STRING by most libraries only. */
function publicKeyOf(params: Buffer, point: Buffer): { alg: SignatureAlgorithm; key: KeyObject } | undefined {
  const alg = params.equals(Buffer.from(KINDS.ES256.curve, 'hex')) ? 'ES256' : 'Ed25519';
  if (alg === 'Ed25519' && !params.equals(Buffer.from(KINDS.Ed25519.curve, 'hex')) && !params.includes('edwards25519'))
    return undefined;
  const raw = point.subarray(point.length - POINT_BYTES[alg]);
  const key = createPublicKey({ key: Buffer.concat([Buffer.from(KINDS[alg].spki, 'hex'), raw]), format: 'der', type: 'spki' });
  return { alg, key };
}

function described({ kid, alg, purpose, created, jwk }: TokenKey): KeyDescription {
  return { kid, alg, purpose, created, jwk };
}

function ulong(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
