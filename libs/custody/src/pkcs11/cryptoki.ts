import koffi from 'koffi';

/** A number of the C type `CK_ULONG`; handles and return values fit a double in every library that we know of. */
type Ulong = number;
/** One attribute of an object: its type and the bytes of its value. */
export type Attribute = readonly [type: Ulong, value: Buffer];

/** The constants of PKCS #11 v2.40 and v3.0 that are used here. */
export const CK = {
  ERROR: { OK: 0x0, PIN_INCORRECT: 0xa0, PIN_INVALID: 0xa1, PIN_EXPIRED: 0xa3, PIN_LOCKED: 0xa4, ALREADY_LOGGED_IN: 0x100 },
  FLAG: { RW_SESSION: 0x2, SERIAL_SESSION: 0x4, OS_LOCKING_OK: 0x2 },
  USER: 1,
  CLASS: { PUBLIC_KEY: 2, PRIVATE_KEY: 3 },
  ATTRIBUTE: {
    CLASS: 0x0,
    TOKEN: 0x1,
    PRIVATE: 0x2,
    LABEL: 0x3,
    ID: 0x102,
    SENSITIVE: 0x103,
    SIGN: 0x108,
    VERIFY: 0x10a,
    EXTRACTABLE: 0x162,
    EC_PARAMS: 0x180,
    EC_POINT: 0x181,
  },
  MECHANISM: { EC_KEY_PAIR_GEN: 0x1040, ECDSA: 0x1041, EC_EDWARDS_KEY_PAIR_GEN: 0x1055, EDDSA: 0x1057 },
} as const;

/** A call of the library that did not return `CKR_OK`. */
export class CryptokiError extends Error {
  constructor(
    call: string,
    readonly returned: Ulong,
  ) {
    super(`${call} returned 0x${returned.toString(16)}`);
    this.name = 'CryptokiError';
  }
}

koffi.struct('CK_ATTRIBUTE', { type: 'ulong', pValue: 'void *', ulValueLen: 'ulong' });
koffi.struct('CK_MECHANISM', { mechanism: 'ulong', pParameter: 'void *', ulParameterLen: 'ulong' });
koffi.struct('CK_C_INITIALIZE_ARGS', {
  CreateMutex: 'void *',
  DestroyMutex: 'void *',
  LockMutex: 'void *',
  UnlockMutex: 'void *',
  flags: 'ulong',
  pReserved: 'void *',
});

/** Functions by their place in `CK_FUNCTION_LIST` (pkcs11f.h), which is the same in every version since 2.0. */
const FUNCTIONS = {
  C_Initialize: [0, 'CK_C_INITIALIZE_ARGS *args'],
  C_GetSlotList: [4, 'uint8 present, void *slots, _Inout_ ulong *count'],
  C_GetTokenInfo: [6, 'ulong slot, void *info'],
  C_OpenSession: [12, 'ulong slot, ulong flags, void *app, void *notify, _Out_ ulong *session'],
  C_Login: [18, 'ulong session, ulong user, void *pin, ulong length'],
  C_GetAttributeValue: [24, 'ulong session, ulong object, _Inout_ CK_ATTRIBUTE *template, ulong count'],
  C_FindObjectsInit: [26, 'ulong session, CK_ATTRIBUTE *template, ulong count'],
  C_FindObjects: [27, 'ulong session, void *objects, ulong most, _Out_ ulong *count'],
  C_FindObjectsFinal: [28, 'ulong session'],
  C_SignInit: [42, 'ulong session, CK_MECHANISM *mechanism, ulong key'],
  C_Sign: [43, 'ulong session, void *data, ulong length, void *signature, _Inout_ ulong *signatureLength'],
  C_GenerateKeyPair: [
    59,
    'ulong session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public, ulong publicCount, ' +
      'CK_ATTRIBUTE *private, ulong privateCount, _Out_ ulong *publicKey, _Out_ ulong *privateKey',
  ],
} as const;
type FunctionName = keyof typeof FUNCTIONS;

const POINTER_BYTES = 8;
const MOST = 256;
const LABEL_BYTES = 32;

/**
 * The few calls of a PKCS #11 library that signing takes. It runs the vendor's code inside this process, so only the helper process
 * uses it. Every call throws {@link CryptokiError} where the library does not return OK.
 */
export class Cryptoki {
  private readonly functions: Record<string, (...args: unknown[]) => Ulong> = {};

  constructor(library: string) {
    const list: unknown[] = [null];
    const getFunctionList = koffi.load(library).func('C_GetFunctionList', 'ulong', [koffi.out(koffi.pointer('void *'))]);
    const returned = getFunctionList(list) as Ulong;
    if (returned !== CK.ERROR.OK) throw new CryptokiError('C_GetFunctionList', returned);
    for (const [name, [place, parameters]] of Object.entries(FUNCTIONS)) {
      // The version takes the first place, padded to the size of a pointer.
      const pointer: unknown = koffi.decode(list[0], POINTER_BYTES * (1 + place), 'void *');
      this.functions[name] = koffi.decode(pointer, koffi.proto(`ulong ${name}(${parameters})`)) as (...args: unknown[]) => Ulong;
    }
    const nothing = { CreateMutex: null, DestroyMutex: null, LockMutex: null, UnlockMutex: null, pReserved: null };
    this.call('C_Initialize', { ...nothing, flags: CK.FLAG.OS_LOCKING_OK });
  }

  /** The slots with a token whose label is `label`. */
  slotsOf(label: string): number[] {
    const slots = new BigUint64Array(MOST);
    const count = [MOST];
    this.call('C_GetSlotList', 1, slots, count);
    return [...slots.subarray(0, count[0])].map(Number).filter((slot) => {
      const info = Buffer.alloc(1024); // larger than CK_TOKEN_INFO, which begins with the label, padded with blanks
      this.call('C_GetTokenInfo', slot, info);
      return info.toString('utf8', 0, LABEL_BYTES).trimEnd() === label;
    });
  }

  /** A session in which keys can be made. */
  openSession(slot: number): number {
    const session = [0];
    this.call('C_OpenSession', slot, CK.FLAG.RW_SESSION | CK.FLAG.SERIAL_SESSION, null, null, session);
    return session[0] ?? 0;
  }

  login(session: number, pin: Buffer): void {
    this.call('C_Login', session, CK.USER, pin, pin.length);
  }

  /** All objects with these attributes. */
  find(session: number, attributes: readonly Attribute[]): number[] {
    this.call('C_FindObjectsInit', session, template(attributes), attributes.length);
    const found: number[] = [];
    const handles = new BigUint64Array(MOST);
    const count = [0];
    do {
      this.call('C_FindObjects', session, handles, MOST, count);
      found.push(...[...handles.subarray(0, count[0])].map(Number));
    } while (count[0] === MOST);
    this.call('C_FindObjectsFinal', session);
    return found;
  }

  attribute(session: number, object: number, type: number): Buffer {
    const value = Buffer.alloc(1024);
    const wanted = template([[type, value]]);
    this.call('C_GetAttributeValue', session, object, wanted, 1);
    return value.subarray(0, Number(wanted[0]?.ulValueLen));
  }

  generate(session: number, mechanism: number, publicKey: readonly Attribute[], privateKey: readonly Attribute[]): void {
    const [open, closed] = [template(publicKey), template(privateKey)];
    this.call('C_GenerateKeyPair', session, plain(mechanism), open, open.length, closed, closed.length, [0], [0]);
  }

  sign(session: number, mechanism: number, key: number, data: Uint8Array): Buffer {
    this.call('C_SignInit', session, plain(mechanism), key);
    const signature = Buffer.alloc(MOST);
    const length = [signature.length];
    this.call('C_Sign', session, data, data.length, signature, length);
    return signature.subarray(0, length[0]);
  }

  private call(name: FunctionName, ...args: unknown[]): void {
    const returned = this.functions[name]?.(...args) ?? -1;
    if (returned !== CK.ERROR.OK) throw new CryptokiError(name, returned);
  }
}

const plain = (mechanism: number) => ({ mechanism, pParameter: null, ulParameterLen: 0 });
const template = (attributes: readonly Attribute[]) =>
  attributes.map(([type, value]) => ({ type, pValue: value, ulValueLen: value.length }));
