import { generateKeyPairSync } from 'node:crypto';
import { contentKeyOf, decryptionKeys, kidOf, publicJwkOf } from '#envelope';
import type { ReceivedRecord } from '#record';
import { deadLetter, readDeadLetter } from './dead-letter.js';
import { DEAD_LETTER_BODY, deadLetterSeal, openDeadLetterBody } from './dead-letter-seal.js';
import { settle } from './settle.js';

const record = (headers: ReceivedRecord['headers']): ReceivedRecord => ({
  topic: 'ingress.GE-GOV-7001.population.person',
  partition: 2,
  offset: '41',
  key: null,
  value: Buffer.from([0, 255]),
  headers,
  timestamp: 1,
});
const again = (original: ReceivedRecord, ...seal: [ReturnType<typeof deadLetterSeal>?]) => {
  const { headers, key, value } = deadLetter('validation', original, 'STREAM_DEFECT', ...seal);
  return readDeadLetter({
    ...original,
    topic: 'dead-letter.validation',
    partition: 0,
    offset: '7',
    key: key as null,
    value,
    headers: headers as ReceivedRecord['headers'],
  });
};

describe('when a dead letter is taken apart', () => {
  it.each<[string, ReceivedRecord['headers']]>([
    ['no headers', {}],
    ['headers of its own', { ce_id: Buffer.from('e1'), twice: [Buffer.from('a'), Buffer.from('b')] }],
    ['headers like ours', { khidi_fault: Buffer.from('mine'), khidi_step: [Buffer.from('a'), Buffer.from('b')] }],
  ])('gives the record as it was, with %s', (_, headers) => {
    expect(again(record(headers))).toEqual({ fault: 'STREAM_DEFECT', step: 'validation', original: record(headers) });
  });

  it('knows what is none', () => {
    expect(readDeadLetter(record({}))).toBeUndefined();
    expect(readDeadLetter(record({ khidi_fault: Buffer.from('NO_SUCH_FAULT') }))).toBeUndefined();
  });
});

describe('when its body is encrypted to the operators', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicJwkOf(publicKey);
  const own = { ...jwk, kid: kidOf(jwk), alg: 'ECDH-ES', use: 'enc' };
  const seal = deadLetterSeal({ keys: [own] }, new Date());

  it('hides the value alone: reasons, key and headers stay readable, and the operators get the record as it was', () => {
    const original = record({ ce_id: Buffer.from('e1') });
    const letter = deadLetter('validation', original, 'STREAM_DEFECT', seal);
    expect([letter.key, letter.headers]).toMatchObject([
      original.key,
      {
        ce_id: Buffer.from('e1'),
        khidi_fault: Buffer.from('STREAM_DEFECT'),
        khidi_encrypted: Buffer.from(own.kid),
        '__connect.errors.topic': Buffer.from(original.topic),
        '__connect.errors.exception.class.name': Buffer.from('STREAM_DEFECT'),
      },
    ]);
    const read = again(original, seal);
    expect(read).toMatchObject({ encryptedTo: own.kid, original: { ...original, value: expect.any(Buffer) as Buffer } });
    const body = read?.original.value ?? Buffer.alloc(0);
    expect(body.includes(original.value ?? '')).toBe(false);
    const contentKey = contentKeyOf(body, DEAD_LETTER_BODY, decryptionKeys([privateKey])) ?? Buffer.alloc(0);
    expect(openDeadLetterBody(body, contentKey)).toMatchObject({ ok: true, content: original.value });
    expect(openDeadLetterBody(body, Buffer.alloc(32))).toEqual({ ok: false, code: 'ENCRYPTED_CONTENT' });
  });

  it('leaves a tombstone one', () => {
    const letter = deadLetter('validation', { ...record({}), value: null }, 'STREAM_DEFECT', seal);
    expect([letter.value, letter.headers.khidi_encrypted]).toEqual([null, undefined]);
  });

  it('is so for what a handler gave up', () => {
    const given = record({});
    const { transactions } = settle({ records: [given], next: 42n, end: 42n }, [{ kind: 'dead', fault: 'STREAM_DEFECT' }], {
      service: 'validation',
      budgetBytes: 1000,
      seal,
    });
    const [letter] = transactions[0]?.records ?? [];
    expect(letter?.headers.khidi_encrypted).toEqual(Buffer.from(own.kid));
    expect(String(letter?.value)).not.toBe(String(given.value));
  });

  it('does not start with a key that is for something else', () => {
    expect(() => deadLetterSeal({ keys: [{ ...own, alg: 'ES256', use: 'sig' }] }, new Date())).toThrow('SETTINGS_INVALID');
  });
});
