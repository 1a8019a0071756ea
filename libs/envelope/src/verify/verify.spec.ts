import { generateKeyPairSync } from 'node:crypto';
import type { JsonValue } from '#canonical';
import type { HeaderBytes, MemberId } from '#record';
import { SEALED_AT, sealInput, testIssuer } from '#testkit';
import type { Digest } from '../claims.js';
import { signEs256 } from '../es256.js';
import { jtiOf } from '../identity.js';
import { readKeySet } from '../keys/key-set.js';
import { publishedKey } from '../keys/published-key.js';
import { generateSealingKey, type SealingKey } from '../keys/sealing-key.js';
import { seal } from '../seal/seal.js';
import { type Verification, type VerifyOptions, verify } from './verify.js';

const issuer = testIssuer();
const { sealer, keys, key, published } = issuer;
const now = SEALED_AT;
let envelope: Buffer;
let header: Record<string, JsonValue>;
let claims: Record<string, JsonValue>;

beforeAll(async () => {
  const sealed = await seal(sealInput(), sealer, SEALED_AT);
  if (!sealed.ok) throw new Error('the fixture cannot be sealed');
  envelope = sealed.envelope;
  [header, claims] = envelope
    .toString()
    .split('.', 2)
    .map((segment) => JSON.parse(Buffer.from(segment, 'base64url').toString())) as [typeof header, typeof claims];
});

const segment = (value: JsonValue | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
/** Signs whatever it is told to, so that each check can be met by a statement with a good signature. */
function forge(head: JsonValue | string, payload: JsonValue | string, by: SealingKey): Buffer {
  const signed = `${segment(head)}.${segment(payload)}`;
  return Buffer.from(`${signed}.${signEs256(by.privateKey, Buffer.from(signed)).toString('base64url')}`);
}
const judge = (bytes: Uint8Array, more: Partial<VerifyOptions> = {}) => verify(bytes, { keys, now, ...more });
const code = (verification: Verification) => (verification.ok ? 'ok' : verification.fault.code);
const fault = (verification: Verification) => (verification.ok ? 'ok' : verification.fault);
const text = (change: (envelope: string) => string) => Buffer.from(change(envelope.toString('latin1')), 'latin1');

describe('when an envelope holds', () => {
  it('gives its claims and ticks every check that was asked for', () => {
    const verification = judge(envelope);
    expect(verification).toMatchObject({
      ok: true,
      claims: { iss: 'GE/GOV/0001', op: 'updated', seq: 7 },
      header: { alg: 'ES256' },
    });
    expect(verification.steps.map(({ result }) => result)).toEqual([
      ...Array(16).fill('held'),
      'not asked',
      'held',
      'not asked',
      'not asked',
      'not asked',
    ]);
  });

  it('accepts the other spelling of its signature as the same statement', () => {
    const [head, body, tail = ''] = envelope.toString().split('.');
    const s = BigInt(`0x${Buffer.from(tail, 'base64url').toString('hex', 32)}`);
    const other = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n - s;
    const signature = Buffer.from(tail, 'base64url').toString('hex', 0, 32) + other.toString(16).padStart(64, '0');
    const twin = judge(Buffer.from(`${head}.${body}.${Buffer.from(signature, 'hex').toString('base64url')}`));
    expect(twin).toEqual(judge(envelope));
  });

  it('does not depend on what the caller does to the bytes afterwards', () => {
    const bytes = Buffer.from(envelope);
    const verification = judge(bytes);
    bytes.fill(0);
    expect(verification).toEqual(judge(envelope));
  });
});

describe('when an envelope does not hold', () => {
  it('ticks the checks before the one that failed, and none after it', () => {
    const other = generateSealingKey(SEALED_AT);
    const { steps } = judge(forge(header, claims, other));
    expect(steps.map(({ result }) => result)).toEqual([...Array(12).fill('held'), 'failed', ...Array(8).fill('not reached')]);
    expect(steps[12]?.name).toBe('signature');
  });
});

describe('when the bytes are not one compact JWS', () => {
  it.each<[string, string, () => Buffer]>([
    ['ENVELOPE_SIZE', 'empty', () => Buffer.alloc(0)],
    ['ENVELOPE_SIZE', 'too large', () => Buffer.alloc(900 * 1024 + 1, 'a')],
    ['ENVELOPE_GRAMMAR', 'followed by a newline', () => text((e) => `${e}\n`)],
    ['ENVELOPE_GRAMMAR', 'led by a space', () => text((e) => ` ${e}`)],
    ['ENVELOPE_GRAMMAR', 'led by a byte order mark', () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), envelope])],
    ['ENVELOPE_GRAMMAR', 'padded', () => text((e) => `${e}==`)],
    ['ENVELOPE_GRAMMAR', 'of two segments', () => text((e) => e.slice(0, e.lastIndexOf('.')))],
    ['ENVELOPE_GRAMMAR', 'of four segments', () => text((e) => `${e}.AAAA`)],
    ['ENVELOPE_GRAMMAR', 'without a signature', () => text((e) => e.slice(0, e.lastIndexOf('.') + 1))],
    ['ENVELOPE_GRAMMAR', 'written in JSON', () => Buffer.from(JSON.stringify({ payload: 'AA', signatures: [] }))],
    ['ENVELOPE_GRAMMAR', 'written in UTF-16', () => Buffer.from(envelope.toString(), 'utf16le')],
    ['ENVELOPE_GRAMMAR', 'hiding ASCII behind its high bit', () => Buffer.from(envelope.map((byte) => byte | 0x80))],
    ['ENVELOPE_GRAMMAR', 'in the other alphabet', () => text((e) => `${e.slice(0, -2)}+/`)],
    ['ENVELOPE_BASE64', 'of a length that no bytes give', () => text((e) => e.replace('.', 'AAA.').slice(0, -1))],
    ['ENVELOPE_BASE64', 'given spare bits in its signature', () => text((e) => e.slice(0, -1) + nextLetter(e.at(-1)))],
  ])('gives %s where they are %s', (expected, _, bytes) => {
    expect(code(judge(bytes()))).toBe(expected);
  });
});

/** The last of 86 characters carries 2 bits; the letter after it carries the same 2 bits and a spare one. */
function nextLetter(letter = 'A'): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(letter) + 1] ?? 'A';
}

describe('when the protected header is not exactly ours', () => {
  const others = (): Record<string, JsonValue> => ({
    crit: ['b64'],
    b64: false,
    zip: 'DEF',
    cty: 'JWT',
    jku: 'https://a.example/jwks.json',
    jwk: { ...published },
    x5u: 'https://a.example/x5u',
    x5c: ['AAAA'],
    x5t: 'AAAA',
    nbf: 1,
    __proto__x: 1,
  });
  it.each([...Object.keys(others())])('refuses the member %s', (name) => {
    expect(fault(judge(forge({ ...header, [name]: others()[name] ?? null }, claims, key)))).toEqual({
      code: 'ENVELOPE_HEADER_MEMBER',
      pointer: '/*',
    });
  });

  it.each(['alg', 'iat', 'kid', 'typ'])('misses %s', (name) => {
    const { [name]: _, ...rest } = header;
    expect(fault(judge(forge(rest, claims, key)))).toEqual({ code: 'ENVELOPE_HEADER_MEMBER', pointer: `/${name}` });
  });

  const json = (change: (header: string) => string) => () => forge(change(JSON.stringify(header)), claims, key);
  it.each<[string, string, () => Buffer]>([
    ['ENVELOPE_HEADER_JSON', 'a repeated member', json((h) => h.replace('{', '{"alg":"none",'))],
    ['ENVELOPE_HEADER_JSON', 'a repeated member in disguise', json((h) => h.replace('{', '{"\\u0061lg":"none",'))],
    ['ENVELOPE_HEADER_JSON', 'text after its end', json((h) => `${h} x`)],
    ['ENVELOPE_HEADER_JSON', 'a list', json((h) => `[${h}]`)],
    ['ENVELOPE_HEADER_JSON', 'a byte order mark', json((h) => `\ufeff${h}`)],
    ['ENVELOPE_HEADER_JSON', 'too much of everything', json((h) => `${h}${' '.repeat(4096)}`)],
    ['ENVELOPE_HEADER_JSON', 'brackets without end', () => forge('['.repeat(3000), claims, key)],
    ['ENVELOPE_HEADER_MEMBER', 'an own __proto__', json((h) => h.replace('{', '{"__proto__":{},'))],
    ['ENVELOPE_TYP', 'another type', () => forge({ ...header, typ: 'JWT' }, claims, key)],
    ['ENVELOPE_TYP', 'a list of types', () => forge({ ...header, typ: ['khidi-record+jwt'] }, claims, key)],
    ['ENVELOPE_ALG', 'no algorithm', () => forge({ ...header, alg: 'none' }, claims, key)],
    ['ENVELOPE_ALG', 'another algorithm', () => forge({ ...header, alg: 'HS256' }, claims, key)],
    ['ENVELOPE_ALG', 'the algorithm in small letters', () => forge({ ...header, alg: 'es256' }, claims, key)],
    ['ENVELOPE_KID_FORM', 'a path as key id', () => forge({ ...header, kid: '../../../../etc/passwd' }, claims, key)],
    ['ENVELOPE_KID_FORM', '__proto__ as key id', () => forge({ ...header, kid: '__proto__' }, claims, key)],
    ['ENVELOPE_KID_FORM', 'a number as key id', () => forge({ ...header, kid: 7 }, claims, key)],
    ['ENVELOPE_KID_FORM', 'a key id and a newline', () => forge({ ...header, kid: `${key.kid}\n` }, claims, key)],
    ['ENVELOPE_KEY_UNKNOWN', 'an unknown key id', () => forge({ ...header, kid: 'A'.repeat(43) }, claims, key)],
  ])('gives %s for %s', (expected, _, bytes) => {
    expect(code(judge(bytes()))).toBe(expected);
  });

  it('takes the thumbprint of a certificate', () => {
    expect(code(judge(forge({ ...header, 'x5t#S256': 'A'.repeat(43) }, claims, key)))).toBe('ok');
    expect(code(judge(forge({ ...header, 'x5t#S256': 'x' }, claims, key)))).toBe('ENVELOPE_HEADER_MEMBER');
  });
});

describe('when the key may not hold this envelope', () => {
  const set = (changes: object) => readKeySet({ keys: [{ ...published, ...changes }] });
  const at = (seconds: number) => new Date(seconds * 1000);

  it.each<[string, string, object]>([
    ['ENVELOPE_KEY_ISSUER', 'belongs to another member', { iss: 'GE/GOV/0002' }],
    ['ENVELOPE_KEY_ISSUER', 'belongs to nobody', { iss: undefined }],
    ['ENVELOPE_KEY_ALGORITHM', 'is for encryption', { use: 'enc' }],
    ['ENVELOPE_KEY_ALGORITHM', 'is for no stated use', { use: undefined }],
    ['ENVELOPE_KEY_ALGORITHM', 'is for another algorithm', { alg: 'ES384' }],
    ['ENVELOPE_KEY_ALGORITHM', 'is for another purpose', { purpose: 'receipts' }],
    ['ENVELOPE_KEY_ALGORITHM', 'is for no stated purpose', { purpose: undefined }],
    ['ENVELOPE_KEY_ALGORITHM', 'is for signing only', { key_ops: ['sign'] }],
    ['ok', 'is for verifying', { key_ops: ['verify'] }],
    ['ENVELOPE_KEY_STATUS', 'is not valid yet', { nbf: 5_000_000_000 }],
    ['ENVELOPE_KEY_STATUS', 'was retired', { exp: SEALED_AT.getTime() / 1000 }],
    ['ENVELOPE_KEY_STATUS', 'was revoked', { revoked: { revoked_at: SEALED_AT.getTime() / 1000 } }],
    ['ENVELOPE_KEY_STATUS', 'was revoked without a date', { revoked: { reason: 'lost' } }],
    ['ok', 'will be retired', { exp: SEALED_AT.getTime() / 1000 + 1 }],
  ])('gives %s where it %s', (expected, _, changes) => {
    expect(code(judge(envelope, { keys: set(changes) }))).toBe(expected);
  });

  it('judges a revoked key at the time that a witness vouches for, and by no other', () => {
    const lost = set({ revoked: { revoked_at: SEALED_AT.getTime() / 1000 + 10 } });
    const later = at(SEALED_AT.getTime() / 1000 + 1000);
    expect(code(judge(envelope, { keys: lost, now: later }))).toBe('ENVELOPE_KEY_STATUS');
    expect(code(judge(envelope, { keys: lost, now: SEALED_AT }))).toBe('ENVELOPE_KEY_STATUS'); // `now` is nobody's testimony
    expect(code(judge(envelope, { keys: lost, now: later, trustedTime: later }))).toBe('ENVELOPE_KEY_STATUS');
    expect(code(judge(envelope, { keys: lost, now: later, trustedTime: SEALED_AT }))).toBe('ok');
  });

  it('lets a retired key hold for ever what it sealed before, and nothing after', () => {
    const retired = set({ exp: SEALED_AT.getTime() / 1000 + 10 });
    const later = at(SEALED_AT.getTime() / 1000 + 1_000_000_000);
    expect(code(judge(envelope, { keys: retired, now: later }))).toBe('ok');
    const iat = SEALED_AT.getTime() / 1000 + 10;
    const after = forge({ ...header, iat }, { ...claims, iat }, key);
    expect(code(judge(after, { keys: retired, now: later }))).toBe('ENVELOPE_KEY_STATUS');
  });

  it('gives ENVELOPE_CLAIMS where the envelope says that it is younger than a witness saw it', () => {
    const trustedTime = at(SEALED_AT.getTime() / 1000 - 61);
    expect(fault(judge(envelope, { trustedTime }))).toEqual({ code: 'ENVELOPE_CLAIMS', pointer: '/iat' });
  });

  it('gives ENVELOPE_KEY_ALGORITHM for another certificate than the published one, and takes one that is not known yet', () => {
    const [own, other] = ['A'.repeat(43), `${'A'.repeat(42)}E`];
    const certified = forge({ ...header, 'x5t#S256': own }, claims, key);
    expect(code(judge(certified, { keys: set({ 'x5t#S256': own }) }))).toBe('ok');
    expect(code(judge(certified))).toBe('ok');
    expect(code(judge(envelope, { keys: set({ 'x5t#S256': own }) }))).toBe('ok');
    expect(code(judge(certified, { keys: set({ 'x5t#S256': other }) }))).toBe('ENVELOPE_KEY_ALGORITHM');
  });

  it('gives ENVELOPE_KEY_STATUS where there is no time at all', () => {
    expect(code(judge(envelope, { trustedTime: new Date(Number.NaN) }))).toBe('ENVELOPE_KEY_STATUS');
  });

  it('gives ENVELOPE_KEY_ISSUER where the claims name another member than the key, and where they name none', () => {
    expect(code(judge(forge(header, { ...claims, iss: 'GE/GOV/0002' }, key)))).toBe('ENVELOPE_KEY_ISSUER');
    expect(code(judge(forge(header, 'not JSON', key)))).toBe('ENVELOPE_KEY_ISSUER');
  });

  it('gives ENVELOPE_SIGNATURE where another key of the same member signed', () => {
    const other = generateSealingKey(SEALED_AT);
    const both = readKeySet({ keys: [published, publishedKey(other, 'GE/GOV/0001' as MemberId)] });
    expect(code(judge(forge({ ...header, kid: other.kid }, claims, other), { keys: both }))).toBe('ok');
    expect(code(judge(forge(header, claims, other), { keys: both }))).toBe('ENVELOPE_SIGNATURE');
  });

  it('gives ENVELOPE_KEY_ALGORITHM for a key of another type under the right id', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const wrong = new Map([
      [key.kid as string, { kid: key.kid, kty: 'RSA', alg: 'ES256', use: 'sig', iss: sealer.iss, publicKey }],
    ]);
    expect(code(judge(envelope, { keys: wrong }))).toBe('ENVELOPE_KEY_ALGORITHM');
  });
});

describe('when a signed claim is wrong', () => {
  const claim = (name: string): Record<string, JsonValue> => claims[name] as Record<string, JsonValue>;
  const without = (from: Record<string, JsonValue>, name: string) =>
    Object.fromEntries(Object.entries(from).filter(([n]) => n !== name));
  const wrong: [string, () => Record<string, JsonValue>][] = [
    ['/*', () => ({ ...claims, exp: 1 })],
    ['/*', () => ({ ...claims, [`${'x'.repeat(9)}`]: 1 })],
    ['/jti', () => without(claims, 'jti')],
    ['/jti', () => ({ ...claims, jti: jtiOf('/GE/GOV/7001/base-registry', 'event-2') })],
    ['/iat', () => ({ ...claims, iat: String(claims.iat) })],
    ['/iat', () => ({ ...claims, iat: Number(claims.iat) - 1 })],
    ['/sub', () => ({ ...claims, sub: 'urn:khidi:population:01001099001' })],
    [
      '/event/subject',
      () => ({ ...claims, event: { ...claim('event'), subject: String(claims.sub).replace('population', 'business') } }),
    ],
    ['/event/*', () => ({ ...claims, event: { ...claim('event'), specversion: '1.0' } })],
    ['/event/id', () => ({ ...claims, event: { ...claim('event'), id: 7 } })],
    ['/event/time', () => ({ ...claims, event: { ...claim('event'), time: '1 March 2099' } })],
    ['/event/source', () => ({ ...claims, event: { ...claim('event'), source: '/GE/GOV/7002/base-registry' } })],
    [
      '/event/dataschema',
      () => ({ ...claims, event: { ...claim('event'), dataschema: 'urn:khidi:schema:population.person:2' } }),
    ],
    ['/op', () => ({ ...claims, op: 'withdrawn' })],
    ['/op', () => ({ ...claims, op: 'deleted' })],
    ['/seq', () => ({ ...claims, seq: '7' })],
    ['/seq', () => ({ ...claims, seq: -7 })],
    ['/schema/digest', () => ({ ...claims, schema: { ...claim('schema'), digest: 'sha-256:AAAA' } })],
    ['/schema/subject', () => ({ ...claims, schema: { ...claim('schema'), subject: 'population.birth' } })],
    ['/origin/agency', () => ({ ...claims, origin: { ...claim('origin'), agency: 'GE/GOV/7001' } })],
    ['/law/basis', () => ({ ...claims, law: { ...claim('law'), basis: '' } })],
    ['/law/*', () => ({ ...claims, law: { ...claim('law'), purpose: 'any' } })],
    ['/law', () => ({ ...claims, law: [] })],
    ['/record', () => ({ ...claims, record: [] })],
    ['/record', () => without(claims, 'record')],
    ['/record_digest', () => ({ ...claims, record_digest: 'AAAA' })],
    ['/salt', () => ({ ...claims, salt: 'AAAA' })],
    ['/aud', () => ({ ...claims, aud: ['GE/GOV/7001'] })],
    ['/request', () => ({ ...claims, aud: 'GE/GOV/7001' })],
  ];
  it.each(wrong)('gives ENVELOPE_CLAIMS at %s (%#)', (pointer, make) => {
    expect(fault(judge(forge(header, make(), key)))).toEqual({ code: 'ENVELOPE_CLAIMS', pointer });
  });

  it.each<[string, (claims: string) => string]>([
    ['a repeated claim', (c) => c.replace('{', '{"op":"withdrawn",')],
    ['a repeated member of the record', (c) => c.replace('"weight"', '"id":"2","weight"')],
    ['a number that would change', (c) => c.replace('3.25', '3.2500000000000000001')],
    ['half a surrogate pair', (c) => c.replace('"weight"', '"w\\ud800"')],
    ['more depth than a record may have', (c) => c.replace('3.25', `${'['.repeat(33)}${']'.repeat(33)}`)],
  ])('gives ENVELOPE_CLAIMS_JSON for %s', (_, change) => {
    expect(code(judge(forge(header, change(JSON.stringify(claims)), key)))).toBe(
      _ === 'a repeated claim' ? 'ENVELOPE_KEY_ISSUER' : 'ENVELOPE_CLAIMS_JSON',
    );
  });

  it('gives ENVELOPE_RECORD_DIGEST where record, digest or salt is another', () => {
    const record = { ...claim('record'), given: 'ნანა' };
    const digest = `sha-256:${'A'.repeat(43)}`;
    for (const change of [{ record }, { record_digest: digest }, { salt: 'A'.repeat(22) }])
      expect(code(judge(forge(header, { ...claims, ...change }, key)))).toBe('ENVELOPE_RECORD_DIGEST');
  });

  it('digests what the record says, not how it is written', () => {
    const respelt = JSON.stringify(claims, null, 1).replace('3.25', '325e-2').replace('ნინო', '\\u10dc\\u10d8\\u10dc\\u10dd');
    expect(code(judge(forge(header, respelt, key)))).toBe('ok');
  });

  it('gives ENVELOPE_CLAIMS for a time that has not come, but for the leeway', () => {
    const early = (seconds: number) => ({ now: new Date(SEALED_AT.getTime() - seconds * 1000), trustedTime: SEALED_AT });
    expect(code(judge(envelope, early(60)))).toBe('ok');
    expect(fault(judge(envelope, early(61)))).toEqual({ code: 'ENVELOPE_CLAIMS', pointer: '/iat' });
    expect(code(judge(envelope, { ...early(61), leeway: 61 }))).toBe('ok');
    expect(code(judge(envelope, { now: new Date(Number.NaN), trustedTime: SEALED_AT }))).toBe('ENVELOPE_CLAIMS');
  });
});

describe('when the verifier holds something against a valid envelope', () => {
  const targeted = () => forge(header, { ...claims, aud: 'GE/GOV/7002', request: String(claims.record_digest) }, key);

  it('gives ENVELOPE_AUDIENCE to everybody but the one consumer', () => {
    expect(code(judge(targeted(), { audience: 'GE/GOV/7002' as MemberId }))).toBe('ok');
    expect(code(judge(targeted(), { audience: 'GE/GOV/7003' as MemberId }))).toBe('ENVELOPE_AUDIENCE');
    expect(code(judge(targeted()))).toBe('ENVELOPE_AUDIENCE');
    expect(code(judge(envelope, { audience: 'GE/GOV/7003' as MemberId }))).toBe('ok');
  });

  it('gives ENVELOPE_SCHEMA_DIGEST for another schema than the one it holds', () => {
    const { digest } = claims.schema as { digest: Digest };
    expect(code(judge(envelope, { schemaDigest: digest }))).toBe('ok');
    expect(code(judge(envelope, { schemaDigest: `sha-256:${'A'.repeat(43)}` as Digest }))).toBe('ENVELOPE_SCHEMA_DIGEST');
  });

  it('gives ENVELOPE_REPLAY for what was seen before, by issuer and jti', () => {
    const asked: string[] = [];
    const seen = (answer: boolean) => (iss: string, jti: string) => asked.push(`${iss} ${jti}`) > 0 && answer;
    expect([code(judge(envelope, { seen: seen(false) })), code(judge(envelope, { seen: seen(true) }))]).toEqual([
      'ok',
      'ENVELOPE_REPLAY',
    ]);
    expect(new Set(asked)).toEqual(new Set([`GE/GOV/0001 ${claims.jti}`]));
  });
});

describe('when a Kafka message labels the envelope', () => {
  const event = () => claims.event as Record<string, string>;
  const labels = (): HeaderBytes => ({
    'content-type': Buffer.from('application/jose'),
    ce_specversion: Buffer.from('1.0'),
    ...Object.fromEntries(Object.entries(event()).map(([name, value]) => [`ce_${name}`, Buffer.from(value)])),
    traceparent: Buffer.from('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
  });
  const pseudonym = () => Buffer.from(String(claims.sub).split(':')[3] ?? '');
  const labelled = (headers: HeaderBytes, messageKey?: Buffer | null) =>
    code(judge(envelope, { message: { headers, ...(messageKey === undefined ? {} : { key: messageKey }) } }));

  it('holds where all labels agree, or are absent', () => {
    expect([labelled(labels(), pseudonym()), labelled({}), labelled({ ...labels(), ce_sequence: Buffer.from('7') })]).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
  });

  it.each<[string, () => HeaderBytes]>([
    ['says another type', () => ({ ce_type: Buffer.from('population.person.withdrawn') })],
    ['says another id', () => ({ ce_id: Buffer.from('event-2') })],
    ['says another sequence', () => ({ ce_sequence: Buffer.from('8') })],
    ['says another content type', () => ({ 'content-type': Buffer.from('application/json') })],
    ['says it twice', () => ({ ce_id: [Buffer.from('event-1'), Buffer.from('event-1')] })],
    ['says what was never signed', () => ({ ce_purpose: Buffer.from('any') })],
    ['spells what was never signed in capitals', () => ({ CE_ID: Buffer.from('event-2') })],
  ])('gives ENVELOPE_HEADERS_DIFFER where one %s', (_, change) => {
    expect(labelled({ ...labels(), ...change() })).toBe('ENVELOPE_HEADERS_DIFFER');
  });

  it('gives ENVELOPE_HEADERS_DIFFER for the key of another subject, and for none', () => {
    expect([labelled(labels(), Buffer.from('another')), labelled(labels(), null)]).toEqual([
      'ENVELOPE_HEADERS_DIFFER',
      'ENVELOPE_HEADERS_DIFFER',
    ]);
  });
});

describe('when a single bit changes', () => {
  /** `KHIDI_BIT_TRIES=100000` for the long run; every bit of header and signature is tried by about 5,000. */
  const tries = Number(process.env.KHIDI_BIT_TRIES ?? 2000);

  it(`refuses the envelope, or it is provably the same statement (${tries} tries)`, async () => {
    const original = judge(envelope);
    const long = await seal(sealInput({}, { id: 'x'.repeat(3000) }), sealer, SEALED_AT);
    const samples = [envelope, long.ok ? long.envelope : envelope];
    let refused = 0;
    for (let i = 0; i < tries; i++) {
      const sample = samples[i % 97 === 0 ? 1 : 0] ?? envelope;
      // A step that shares no factor with the number of bits visits them all, one after another, all over the envelope.
      const bit = (i * 7919) % (sample.length * 8);
      const changed = Buffer.from(sample);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const verification = judge(changed);
      if (verification.ok) expect(verification).toEqual(original);
      else refused += 1;
    }
    expect(refused).toBe(tries); // today not even one other spelling of a statement is a single bit away
  }, 300_000);

  it('refuses every beginning and every end of it', () => {
    for (let i = 1; i < envelope.length; i += 7) {
      expect(judge(envelope.subarray(0, i)).ok).toBe(false);
      expect(judge(envelope.subarray(i)).ok).toBe(false);
    }
  });
});
