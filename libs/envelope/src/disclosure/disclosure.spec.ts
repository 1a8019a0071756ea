import { createPublicKey } from 'node:crypto';
import { canonicalize, type JsonValue, parseStrict } from '#canonical';
import { PERSON, SEALED_AT, sealInput, tampered, testIssuer } from '#testkit';
import { verifyEs256 } from '../es256.js';
import { seal } from '../seal/seal.js';
import { verify } from '../verify/verify.js';
import { digestOfDisclosure, disclose } from './disclose.js';
import { RFC_9901 } from './rfc9901.fixture.js';
import { sealDisclosable } from './seal-disclosable.js';
import { present, verifyDisclosed } from './verify-disclosed.js';

const made = (...parts: JsonValue[]) => canonicalize(parts).toString('base64url');
const member = (name: string, value: JsonValue, salt = 'salt') => made(salt, name, value);
const element = (value: JsonValue, salt = 'salt') => made(salt, value);
const why = (payload: JsonValue, ...disclosures: string[]) => {
  const result = disclose(payload, disclosures);
  return result.ok ? result.claims : result.why;
};
const sd = (...disclosures: string[]) => ({ _sd: disclosures.map(digestOfDisclosure) });

describe('when the example of RFC 9901 is read', () => {
  const [head, body, tail] = RFC_9901.jwt;
  const parsed = parseStrict(Buffer.from(body, 'base64url'));
  const payload = parsed.ok ? parsed.value : null;
  const { familyName, address, givenName, nationality } = RFC_9901;

  it('holds its signature, and gives the contents of section 5.2', () => {
    const key = createPublicKey({ key: { ...RFC_9901.issuerKey }, format: 'jwk' });
    expect(verifyEs256(key, Buffer.from(`${head}.${body}`), Buffer.from(tail, 'base64url'))).toBe(true);
    expect(why(payload, familyName, address, givenName, nationality)).toMatchObject({
      iss: 'https://issuer.example.com',
      sub: 'user_42',
      nationalities: ['US'],
      family_name: 'Doe',
      given_name: 'John',
      address: { street_address: '123 Main St', locality: 'Anytown', region: 'Anystate', country: 'US' },
    });
  });

  it('has the digest of section 4.2.3, and shows nothing where nothing is disclosed', () => {
    expect(digestOfDisclosure(givenName)).toBe('jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4');
    expect(JSON.stringify(why(payload))).not.toMatch(/_sd|\.\.\.|given_name/);
    expect(why(payload)).toMatchObject({ nationalities: [] });
  });
});

describe('when disclosures do not fit', () => {
  const name = member('name', 'Nino');
  it.each<[string, JsonValue, string[], string]>([
    ['that nothing refers to', {}, [name], 'nothing refers to a disclosure'],
    ['that is there twice', sd(name), [name, name], 'a disclosure is there twice'],
    ['whose digest occurs twice', { a: sd(name), b: sd(name) }, [name], 'a digest is there twice'],
    ['whose digest occurs twice, though nobody disclosed it', { a: sd(name), b: sd(name) }, [], 'a digest is there twice'],
    [
      'whose digest occurs in another disclosure too',
      { ...sd(name, member('a', sd(name))) },
      [name, member('a', sd(name))],
      'a digest is there twice',
    ],
    ['with the name of a claim that is there', { name: 'Ana', ...sd(name) }, [name], 'a name is there already'],
    [
      'with the name of another disclosure',
      sd(name, member('name', 'Ana', 'other')),
      [name, member('name', 'Ana', 'other')],
      'a name is there already',
    ],
    ['called _sd', sd(member('_sd', ['x'])), [member('_sd', ['x'])], 'a claim has a reserved name'],
    ['called ...', sd(member('...', 'x')), [member('...', 'x')], 'a claim has a reserved name'],
    ['called __proto__', sd(member('__proto__', {})), [member('__proto__', {})], 'a claim has a reserved name'],
    ['of an element among members', sd(element('x')), [element('x')], 'a disclosure of an array element stands among members'],
    [
      'of a member among elements',
      { a: [{ '...': digestOfDisclosure(name) }] },
      [name],
      'a disclosure of a member stands among array elements',
    ],
    ['with one part', sd(made('salt')), [made('salt')], 'a disclosure is malformed'],
    ['with four parts', sd(made('s', 'a', 1, 2)), [made('s', 'a', 1, 2)], 'a disclosure is malformed'],
    ['whose salt is no text', sd(made(1, 'a', 1)), [made(1, 'a', 1)], 'a disclosure is malformed'],
    ['whose name is no text', sd(made('s', 1, 1)), [made('s', 1, 1)], 'a disclosure is malformed'],
    ['that is no list', {}, [Buffer.from('{}').toString('base64url')], 'a disclosure is malformed'],
    ['that is no JSON', {}, [Buffer.from('[').toString('base64url')], 'a disclosure is malformed'],
    ['that is padded', sd(`${name}=`), [`${name}=`], 'a disclosure is malformed'],
    ['that is empty', {}, [''], 'a disclosure is malformed'],
    ['beside a digest that is none', { _sd: ['short'] }, [], 'a digest is malformed'],
    ['beside digests that are no list', { _sd: 'x' }, [], '_sd is no list'],
    ['beside another hash algorithm', { _sd_alg: 'sha-512' }, [], 'another hash algorithm'],
    ['below a nested hash algorithm', { a: { _sd_alg: 'sha-256' } }, [], 'a claim has a reserved name'],
    [
      'beside an element with more than its digest',
      { a: [{ '...': digestOfDisclosure(element(1)), b: 1 }] },
      [],
      'a claim has a reserved name',
    ],
  ])('refuses one %s', (_, payload, disclosures, expected) => {
    expect(why(payload, ...disclosures)).toBe(expected);
  });

  it('takes nested ones, elements, and digests that nobody disclosed', () => {
    const street = member('street', 'Rustaveli');
    const address = member('address', sd(street, member('house', 1)));
    const item = element({ b: 1 });
    expect(
      why(
        { ...sd(address, 'a decoy'), list: [0, { '...': digestOfDisclosure(item) }, { '...': digestOfDisclosure('x') }] },
        address,
        street,
        item,
      ),
    ).toEqual({
      address: { street: 'Rustaveli' },
      list: [0, { b: 1 }],
    });
  });
});

describe('when a record is sealed once for consumers that may see different fields', () => {
  const { sealer, keys } = testIssuer();
  const options = { keys, now: SEALED_AT };
  let envelope: Buffer;
  beforeAll(async () => {
    const sealed = await sealDisclosable(sealInput(), sealer, SEALED_AT);
    if (!sealed.ok) throw new Error('the fixture cannot be sealed');
    envelope = sealed.envelope;
  });
  const records = (bytes: Buffer) => {
    const result = verifyDisclosed(bytes, options);
    return result.ok ? [result.claims.record, result.whole] : result.fault.code;
  };

  it('gives all of it to whom everything is disclosed, and then the record has its digest', () => {
    expect(records(envelope)).toEqual([PERSON, true]);
  });

  it('gives each only what its agreement allows, under the same signature', () => {
    const one = present(envelope, (pointer) => pointer === '/record/given');
    const two = present(envelope, (pointer) => pointer.startsWith('/record/') && pointer !== '/record/id');
    expect([records(one), records(two)]).toEqual([
      [{ given: 'ნინო' }, false],
      [{ birth: '2099-02-28', family: 'ბერიძე', given: 'ნინო', weight: 3.25 }, false],
    ]);
    const jwt = (bytes: Buffer) => bytes.toString().split('~')[0];
    expect(jwt(one)).toBe(jwt(two));
    expect(records(present(envelope, () => false))).toEqual([{}, false]);
  });

  it('shows neither the subject, nor a digest of the record, nor how many fields of which name there are', () => {
    const [, body = ''] = present(envelope, () => false)
      .toString()
      .split('.');
    const payload = Buffer.from(body, 'base64url').toString();
    expect(payload).not.toMatch(/urn:khidi:population|"salt"|"record_digest"|"given"|ნინო/);
    expect(JSON.parse(payload).origin).not.toHaveProperty('digest');
  });

  it('is no plain envelope, and a plain envelope is none of these', async () => {
    const plain = await seal(sealInput(), sealer, SEALED_AT);
    const jwt = Buffer.from(envelope.toString().split('~')[0] ?? '');
    const fault = (result: { ok: boolean; fault?: { code: string } }) => result.fault?.code;
    expect([
      fault(verify(envelope, options) as never),
      fault(verify(jwt, options) as never),
      fault(verifyDisclosed(plain.ok ? plain.envelope : jwt, options) as never),
      fault(verifyDisclosed(Buffer.concat([plain.ok ? plain.envelope : jwt, Buffer.from('~')]), options) as never),
    ]).toEqual(['ENVELOPE_GRAMMAR', 'ENVELOPE_TYP', 'ENVELOPE_GRAMMAR', 'ENVELOPE_TYP']);
  });

  it('refuses what was changed, added, repeated or bound to a key', () => {
    const text = envelope.toString();
    const [jwt = '', ...disclosures] = text.split('~').slice(0, -1);
    const whole = (...parts: string[]) => Buffer.from([...parts, ''].join('~'));
    expect([
      records(whole(jwt, ...disclosures, disclosures[0] ?? '')),
      records(whole(jwt, member('given', 'Ana'))),
      records(whole(tampered(jwt, -2), ...disclosures)),
      records(Buffer.from(text.slice(0, -1))),
      records(Buffer.from(`${text}a.b.c`)),
      records(Buffer.alloc(0)),
    ]).toEqual([
      'ENVELOPE_DISCLOSURE',
      'ENVELOPE_DISCLOSURE',
      'ENVELOPE_SIGNATURE',
      'ENVELOPE_GRAMMAR',
      'ENVELOPE_GRAMMAR',
      'ENVELOPE_SIZE',
    ]);
  });

  it('is judged like any envelope by key, time, audience, schema and replay', () => {
    const code = (more: object) => {
      const result = verifyDisclosed(envelope, { ...options, ...more });
      return result.ok ? 'ok' : result.fault.code;
    };
    expect([
      code({}),
      code({ keys: new Map() }),
      code({ now: new Date(SEALED_AT.getTime() - 3_000_000) }),
      code({ schemaDigest: `sha-256:${'A'.repeat(43)}` }),
      code({ seen: () => true }),
    ]).toEqual(['ok', 'ENVELOPE_KEY_UNKNOWN', 'ENVELOPE_CLAIMS', 'ENVELOPE_SCHEMA_DIGEST', 'ENVELOPE_REPLAY']);
  });

  it('presents nothing from bytes that are no envelope', () => {
    expect(() => present(Buffer.from('x~'), () => true)).toThrow(TypeError);
  });
});
