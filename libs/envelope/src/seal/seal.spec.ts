import fc from 'fast-check';
import { canonicalize, type JsonValue, parseStrict } from '#canonical';
import type { SubjectUrn } from '#record';
import { PERSON, SEALED_AT, sealInput, testIssuer } from '#testkit';
import { type Digest, MAX_ENVELOPE_BYTES } from '../claims.js';
import { lowS } from '../es256.js';
import { verify } from '../verify/verify.js';
import { type Sealed, seal, sealAll } from './seal.js';
import type { SealInput } from './statement.js';

const { sealer, keys } = testIssuer();
const segments = (sealed: Sealed) => (sealed.ok ? sealed.envelope.toString('latin1').split('.') : []);
const bytesOf = (segment = '') => Buffer.from(segment, 'base64url');

/** Values that strict JSON can hold, with member names and strings of every kind. */
const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => parseStrict(Buffer.from(JSON.stringify(value))).ok);
const record = fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), json, { maxKeys: 6 }) as fc.Arbitrary<
  Record<string, JsonValue>
>;

describe('when a record is sealed', () => {
  it('writes the protected header of DESIGN section 5 and nothing else', async () => {
    const [header] = segments(await seal(sealInput(), sealer, SEALED_AT));
    expect(JSON.parse(bytesOf(header).toString())).toEqual({
      alg: 'ES256',
      iat: SEALED_AT.getTime() / 1000,
      kid: sealer.signer.kid,
      typ: 'khidi-record+jwt',
    });
  });

  it('writes the canonical form of its claims, whatever they contain', async () => {
    await fc.assert(
      fc.asyncProperty(
        record,
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.maxSafeNat(),
        fc.boolean(),
        async (content, id, seq, targeted) => {
          const { event, terms } = sealInput();
          const law = { ...terms.law, basis: `${id} "§"\n` };
          const target = { aud: sealer.iss, request: terms.schema.digest };
          const input = sealInput(
            { event: { ...event, id }, seq, terms: { ...terms, law }, ...(targeted ? { target } : {}) },
            content,
          );
          const [, payload] = segments(await seal(input, sealer, SEALED_AT));
          const claims = JSON.parse(bytesOf(payload).toString('utf8'));
          expect(bytesOf(payload)).toEqual(canonicalize(claims));
          expect(claims).toMatchObject({ seq, event: { id }, law });
          expect(canonicalize(claims.record)).toEqual(input.record);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('makes nothing that a verifier would refuse, whatever it is given', async () => {
    const { event, terms } = sealInput();
    const bytes = fc.oneof(
      record.map((content) => canonicalize(content)),
      record.map((content) => Buffer.from(JSON.stringify(content))),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(`{"a":"${text}"}`)),
    );
    const given = fc.record({
      bytes,
      id: fc.string({ unit: 'binary' }),
      time: fc.oneof(fc.string(), fc.constant(event.time)),
      seq: fc.oneof(fc.integer(), fc.maxSafeNat(), fc.double()),
      basis: fc.string({ unit: 'binary' }),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ bytes, id, time, seq, basis }) => {
        const changes = { event: { ...event, id, time }, seq, record: bytes, terms: { ...terms, law: { ...terms.law, basis } } };
        const sealed = await seal(sealInput(changes), sealer, SEALED_AT);
        if (sealed.ok) expect(verify(sealed.envelope, { keys, now: SEALED_AT })).toMatchObject({ ok: true });
        else expect(sealed.fault.code).toBe('SEAL_INPUT');
      }),
      { numRuns: 200 },
    );
  });

  it('says the same of the same record again, but for time and signature', async () => {
    const [one, two] = await Promise.all([
      seal(sealInput(), sealer, SEALED_AT),
      seal(sealInput(), sealer, new Date(5_000_000_000_000)),
    ]);
    const without = (sealed: Sealed) => ({ ...JSON.parse(bytesOf(segments(sealed)[1]).toString()), iat: 0 });
    expect(without(one)).toEqual(without(two));
  });

  it('issues signatures in their low form', async () => {
    const all = await sealAll(
      Array.from({ length: 32 }, () => sealInput()),
      sealer,
      SEALED_AT,
    );
    for (const sealed of all) expect(lowS(bytesOf(segments(sealed)[2]))).toEqual(bytesOf(segments(sealed)[2]));
  });

  it('gives the longest accepted record an envelope below the limit, and refuses what would exceed it', async () => {
    const text = 'x'.repeat(640 * 1024 - 20);
    const [fits, large] = await sealAll(
      [sealInput({}, { id: text }), sealInput({}, { id: text + 'x'.repeat(60 * 1024) })],
      sealer,
      SEALED_AT,
    );
    expect(fits?.ok && fits.envelope.length).toBeLessThan(MAX_ENVELOPE_BYTES);
    expect(large).toEqual({ ok: false, fault: { code: 'SEAL_INPUT', pointer: '/record' } });
  });
});

describe('when a key store answers later', () => {
  it('asks for all signatures before it waits for the first, and keeps the order', async () => {
    const waiting: (() => void)[] = [];
    const sign = (bytes: Uint8Array) =>
      new Promise<Buffer>((resolve) => {
        waiting.push(() => resolve(sealer.signer.sign(bytes) as Buffer));
      });
    const inputs = ['a', 'b', 'c'].map((id) => sealInput({ event: { ...sealInput().event, id } }));
    const pending = sealAll(inputs, { ...sealer, signer: { kid: sealer.signer.kid, sign } }, SEALED_AT);
    expect(waiting).toHaveLength(3);
    for (const answer of waiting.reverse()) answer();
    const sealed = await pending;
    expect(sealed.map((one) => one.ok && one.statement.event.id)).toEqual(['a', 'b', 'c']);
    for (const one of sealed) expect(one.ok && verify(one.envelope, { keys, now: SEALED_AT }).ok).toBe(true);
  });

  it.each([
    ['at once', () => Buffer.alloc(70)],
    ['later', async () => Buffer.alloc(70)],
  ])('rejects with KEY_UNPROVEN when no signature comes %s', async (_, sign) => {
    const broken = { ...sealer, signer: { kid: sealer.signer.kid, sign } };
    await expect(seal(sealInput(), broken, SEALED_AT)).rejects.toMatchObject({ code: 'KEY_UNPROVEN' });
  });
});

describe('when a key store fails', () => {
  it.each([
    [
      'at once',
      () => {
        throw new Error('no token');
      },
    ],
    ['later', () => Promise.reject(new Error('no token'))],
  ])('rejects with KEY_STORE_UNAVAILABLE when it does so %s', async (_, sign) => {
    const broken = { ...sealer, signer: { kid: sealer.signer.kid, sign } };
    const pending = sealAll([sealInput(), sealInput()], broken, SEALED_AT);
    await expect(pending).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
  });
});

describe('when a validated record lacks what its envelope needs', () => {
  const { event, origin, terms } = sealInput();
  const other = (changes: object): Partial<SealInput> => ({ event: { ...event, ...changes } }) as Partial<SealInput>;
  it.each<[string, Partial<SealInput>]>([
    ['/record', { record: Buffer.from('') }],
    ['/record', { record: Buffer.from('[]') }],
    ['/record', { record: Buffer.from('"text"') }],
    ['/record', { record: Buffer.from('{"id":1, "of":2}') }],
    ['/record', { record: Buffer.from('{"of":1,"id":2}') }],
    ['/record', { record: Buffer.from('{"id":1,"id":1}') }],
    ['/record', { record: Buffer.from('{"id":1.0}') }],
    ['/record', { record: Buffer.from('{"id":1') }],
    ['/record', { record: Buffer.from('{},"iss":"GE/GOV/0002"') }],
    ['/record', { record: Buffer.from('{"id":1},"record":{"id":2}') }],
    ['/record', { record: Buffer.from('{"id":"\\u0000}"},"a":"{"}') }],
    ['/record', { record: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }],
    ['/event/id', other({ id: '' })],
    ['/event/id', other({ id: 'half a pair \ud83d' })],
    ['/law/basis', { terms: { ...terms, law: { ...terms.law, basis: '\udc00' } } }],
    ['/event/id', other({ id: undefined })],
    ['/event/time', other({ time: 'today' })],
    ['/event/type', other({ type: 'population.person.deleted' })],
    ['/event/source', other({ source: 'GE/GOV/7001/base-registry' })],
    ['/event/source', other({ source: '/GE/GOV/7002/base-registry' })],
    ['/event/dataschema', other({ dataschema: 'urn:khidi:schema:population.person:2' })],
    ['/schema/subject', other({ type: 'population.birth.updated' })],
    ['/seq', { seq: -1 }],
    ['/seq', { seq: 1.5 }],
    ['/seq', { seq: Number.NaN }],
    ['/seq', { seq: 2 ** 53 }],
    ['/event/subject', { sub: 'urn:khidi:population:01001099001' as SubjectUrn }],
    ['/sub', { sub: sealInput().sub.replace('population', 'business') as SubjectUrn }],
    ['/origin/auth', { origin: { ...origin, auth: '","iss":"' } }],
    ['/origin/received', { origin: { ...origin, received: '' } }],
    ['/law/retention', { terms: { ...terms, law: { ...terms.law, retention: 'for ever' } } }],
    ['/law/classification', { terms: { ...terms, law: { ...terms.law, classification: 'secret' as 'public' } } }],
    ['/schema/digest', { terms: { ...terms, schema: { ...terms.schema, digest: 'sha-256:' as Digest } } }],
    ['/schema/version', { terms: { ...terms, schema: { ...terms.schema, version: 0 } } }],
    ['/aud', { target: { aud: 'everybody' as typeof sealer.iss, request: terms.schema.digest } }],
  ])('refuses it with SEAL_INPUT at %s, and seals its neighbours (%#)', async (pointer, changes) => {
    const [before, wrong, after] = await sealAll([sealInput(), sealInput(changes), sealInput()], sealer, SEALED_AT);
    expect(wrong).toEqual({ ok: false, fault: { code: 'SEAL_INPUT', pointer } });
    expect([before?.ok, after?.ok]).toEqual([true, true]);
  });

  it('takes strings that only look like structure as the strings they are', async () => {
    const tricky: JsonValue = { '},"iss":"GE/GOV/0002': '"},"iss":"GE/GOV/0002","x":{"y":"' };
    const sealed = await seal(sealInput({}, tricky), sealer, SEALED_AT);
    const verified = sealed.ok && verify(sealed.envelope, { keys, now: SEALED_AT });
    expect(verified).toMatchObject({ ok: true, claims: { iss: 'GE/GOV/0001', record: tricky } });
  });

  it('says nothing of the record in its fault', async () => {
    const sealed = await seal(sealInput({ record: Buffer.from(`${JSON.stringify(PERSON)}x`) }), sealer, SEALED_AT);
    expect(JSON.stringify(sealed)).not.toContain('01001099001');
  });
});
