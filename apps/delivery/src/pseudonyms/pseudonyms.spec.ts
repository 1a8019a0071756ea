import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readDelivery, readWebhook } from '#consumer';
import { decryptionKeys, kidOf, publicJwkOf } from '#envelope';
import { deliveryTopic, HEADER, pseudonymIn, type SubjectUrn, type SubsystemId } from '#record';
import { SEALED_AT } from '#testkit';
import { FakePolicy, issuerKeys, PENSIONS, policyOf, Scene, SECRET, TAXES, TYPE, terms, until } from '../delivery.fixture.js';
import { consumerPseudonyms } from './consumer-pseudonyms.js';

jest.setTimeout(60_000);

const pseudonyms = consumerPseudonyms(Buffer.alloc(32, 9));
const own = (consumer: SubsystemId, more: object = {}) => terms(consumer, { pseudonym: 'consumer', fields: ['/birth'], ...more });

let scene: Scene;
let policy: FakePolicy;
beforeEach(() => {
  scene = new Scene();
  policy = new FakePolicy(policyOf([own(PENSIONS), own(TAXES)]));
  policy.pseudonyms = pseudonyms;
});
afterEach(() => scene.stop());

async function delivered(subjects: readonly string[] = ['a person']): Promise<void> {
  for (const [i, subject] of subjects.entries()) await scene.seal([`e${i + 1}`], { disclosable: true, subject });
  scene.log(0, subjects.length - 1);
  await scene.start(policy);
  await until(() => [PENSIONS, TAXES].every((consumer) => scene.delivered(consumer).length === subjects.length));
}
const recordsOf = (consumer: SubsystemId) => scene.onTopic(deliveryTopic(consumer, TYPE));
const read = (consumer: SubsystemId, index = 0, change: object = {}) => {
  const record = recordsOf(consumer)[index];
  if (record === undefined) throw new Error('nothing was delivered');
  return readDelivery({ ...record, ...change }, { keys: issuerKeys, now: SEALED_AT, decode: (one) => one });
};
const subOf = (consumer: SubsystemId, index = 0) => {
  const one = read(consumer, index);
  return one.ok ? one.delivery.sub : one.fault.code;
};

describe('when the agreement asks for pseudonyms of the consumer', () => {
  it('shows each consumer a subject of its own, the same at every record, and the registry nowhere', async () => {
    await delivered(['a person', 'another', 'a person']);
    const registry = scene.stream.records(`sealed.${TYPE}`).map(({ key }) => String(key));
    for (const consumer of [PENSIONS, TAXES]) {
      const subs = [0, 1, 2].map((index) => subOf(consumer, index));
      expect([subs[0] === subs[2], subs[0] === subs[1]]).toEqual([true, false]);
      const everything = recordsOf(consumer).map(
        ({ key, value, headers }) => `${key} ${value} ${Object.values(headers).join(' ')}`,
      );
      const disclosed = recordsOf(consumer).flatMap(({ value }) =>
        String(value)
          .split('~')
          .slice(1)
          .map((one) => Buffer.from(one, 'base64url').toString()),
      );
      for (const pseudonym of registry) expect([...everything, ...disclosed].join()).not.toContain(pseudonym);
    }
    expect(subOf(PENSIONS)).not.toBe(subOf(TAXES));
    expect(read(PENSIONS)).toMatchObject({ ok: true, delivery: { ownPseudonym: true, record: { birth: '2099-02-28' } } });
  });

  it('still tells the usage list by the pseudonym of the registry', async () => {
    await delivered();
    const [sealed] = scene.stream.records(`sealed.${TYPE}`);
    expect(scene.handed(PENSIONS)[0]?.subject).toBe(`urn:khidi:population:${String(sealed?.key)}`);
  });

  it.each<[string, object, boolean]>([
    ['it is for the whole record', { fields: 'record' }, true],
    ['the envelope has no disclosures', {}, false],
  ])('refuses where %s', async (_, more, disclosable) => {
    policy.set(policyOf([own(PENSIONS, more)]));
    await scene.seal(['e1'], { disclosable });
    scene.log(0, 0);
    await scene.start(policy);
    await until(() => scene.handed(PENSIONS).length === 1);
    expect(scene.handed(PENSIONS)[0]?.faults).toEqual([{ code: 'DELIVERY_TERMS_UNMET', pointer: '/pseudonym' }]);
    expect(recordsOf(PENSIONS)).toEqual([]);
  });
});

describe('when somebody changes whose record it is', () => {
  const other = pseudonyms.of(TAXES, `urn:khidi:population:${'A'.repeat(43)}` as SubjectUrn);

  it.each<[string, () => object]>([
    ['the key', () => ({ key: Buffer.from('A'.repeat(43)) })],
    ['the header', () => ({ headers: { ...recordsOf(PENSIONS)[0]?.headers, [HEADER.ownSubject]: Buffer.from(other) } })],
    [
      'the registry',
      () => ({
        headers: {
          ...recordsOf(PENSIONS)[0]?.headers,
          [HEADER.ownSubject]: Buffer.from(`urn:khidi:vehicle:${String(recordsOf(PENSIONS)[0]?.key)}`),
        },
      }),
    ],
  ])('refuses another %s', async (_, change) => {
    await delivered();
    expect(read(PENSIONS, 0, change())).toMatchObject({ ok: false, fault: { code: 'DELIVERY_MESSAGE' } });
  });

  it('does not take a pseudonym beside a subject that the envelope shows', async () => {
    policy.set(policyOf([terms(PENSIONS, { fields: ['/birth'] }), own(TAXES)]));
    await delivered();
    const [record] = recordsOf(PENSIONS);
    const headers = { ...record?.headers, [HEADER.ownSubject]: Buffer.from(`urn:khidi:population:${String(record?.key)}`) };
    expect(read(PENSIONS, 0, { headers })).toMatchObject({ ok: false, fault: { code: 'DELIVERY_MESSAGE' } });
  });
});

it('is signed with the request where the consumer has a webhook, and fetched beside the envelope', async () => {
  const calls: { headers: Record<string, string | string[] | undefined>; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.headers['khidi-loaded'] === undefined) calls.push({ headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
    policy = new FakePolicy(policyOf([own(PENSIONS), own(TAXES)]), [{ consumer: PENSIONS, url, order: 'subject' }]);
    policy.pseudonyms = pseudonyms;
    await scene.seal(['e1'], { disclosable: true });
    scene.log(0, 0);
    const delivery = await scene.start(policy);
    await until(() => calls.length === 1);
    const [call] = calls;
    if (call === undefined) throw new Error('nobody called');
    const hook = readWebhook(call, { secrets: [SECRET], consumer: PENSIONS, now: SEALED_AT });
    const taken =
      'message' in hook ? readDelivery(hook.message, { keys: issuerKeys, now: SEALED_AT, decode: (one) => one }) : hook;
    expect(taken).toMatchObject({ ok: true, delivery: { sub: subOf(PENSIONS), number: 1, ownPseudonym: true } });
    const forged = { ...call, headers: { ...call.headers, 'webhook-id': `${PENSIONS}/${TYPE}/1/${'A'.repeat(43)}` } };
    expect(readWebhook(forged, { secrets: [SECRET], consumer: PENSIONS, now: SEALED_AT })).toMatchObject({
      fault: { code: 'DELIVERY_SIGNATURE' },
    });
    const lane = { consumer: TAXES, type: TYPE };
    const { deliveries } = await delivery.pull.page(lane, { max: 1, waitMs: 0 }, new AbortController().signal);
    expect(deliveries).toMatchObject([{ subject: subOf(TAXES) }]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe('when terms change after something was delivered', () => {
  it('hides the subject on the way out where own pseudonyms are agreed on later', async () => {
    policy.set(policyOf([terms(PENSIONS, { fields: ['/birth'] }), own(TAXES)]));
    await scene.seal(['e1'], { disclosable: true });
    scene.log(0, 0);
    const delivery = await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 1);
    policy.set(policyOf([own(PENSIONS), own(TAXES)], { version: 'p2' }));
    const lane = { consumer: PENSIONS, type: TYPE };
    const { deliveries } = await delivery.pull.page(lane, { max: 1, waitMs: 0 }, new AbortController().signal);
    const registry = String(scene.stream.records(`sealed.${TYPE}`)[0]?.key);
    const subject = pseudonyms.of(PENSIONS, `urn:khidi:population:${registry}` as SubjectUrn);
    expect(deliveries[0]?.subject).toBe(subject);
    const hidden = String(deliveries[0]?.envelope).split('~').slice(1);
    expect(hidden.map((one) => Buffer.from(one, 'base64url').toString()).join()).not.toContain(registry);
  });

  it('gives nothing that was encrypted with the subject inside', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(decryptionKeys([privateKey]).size).toBe(1);
    policy.key = { kid: kidOf(publicJwkOf(publicKey)), publicKey };
    policy.set(policyOf([terms(PENSIONS, { fields: ['/birth'], encryption: 'consumer' })]));
    await scene.seal(['e1'], { disclosable: true });
    scene.log(0, 0);
    const delivery = await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 1);
    policy.set(policyOf([own(PENSIONS, { encryption: 'consumer' })], { version: 'p2' }));
    const page = delivery.pull.page({ consumer: PENSIONS, type: TYPE }, { max: 1, waitMs: 0 }, new AbortController().signal);
    await expect(page).rejects.toMatchObject({ code: 'DELIVERY_TERMS_UNMET' });
  });
});

describe('the names that consumers have for subjects', () => {
  const subject = `urn:khidi:population:${'B'.repeat(43)}` as SubjectUrn;

  it('are of the registry, and others for another consumer, subject or key', () => {
    const one = pseudonyms.of(PENSIONS, subject);
    expect(one).toMatch(/^urn:khidi:population:[A-Za-z0-9_-]{43}$/);
    const all = [
      one,
      pseudonyms.of(TAXES, subject),
      pseudonyms.of(PENSIONS, `${subject.slice(0, -1)}A` as SubjectUrn),
      consumerPseudonyms(Buffer.alloc(32, 8)).of(PENSIONS, subject),
      subject,
    ];
    expect(new Set(all.map(pseudonymIn)).size).toBe(5);
    expect(pseudonyms.of(PENSIONS, subject)).toBe(one);
  });

  it('need a whole key', () => {
    expect(() => consumerPseudonyms(Buffer.alloc(16))).toThrow('KEY_FILE_UNREADABLE');
  });
});
