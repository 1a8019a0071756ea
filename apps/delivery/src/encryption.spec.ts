import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readDelivery } from '#consumer';
import { decryptEnvelope, decryptionKeys, type EncryptionKey, isEncrypted, kidOf, publicJwkOf } from '#envelope';
import { deliveryTopic, HEADER } from '#record';
import { PERSON, SEALED_AT } from '#testkit';
import { FakePolicy, issuerKeys, PENSIONS, policyOf, Scene, TAXES, TYPE, terms, until } from './delivery.fixture.js';

jest.setTimeout(60_000);

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key: EncryptionKey = { kid: kidOf(publicJwkOf(publicKey)), publicKey };
  return { key, keys: decryptionKeys([privateKey]) };
};
const own = pair();
const lane = { consumer: PENSIONS, type: TYPE };
const topic = deliveryTopic(PENSIONS, TYPE);
const secret = terms(PENSIONS, { encryption: 'consumer' });
const fieldwise = (fields: readonly string[], version = 1) =>
  terms(PENSIONS, { encryption: 'consumer', fields, version, from: `2099-01-0${version}T00:00:00Z` });

let scene: Scene;
let policy: FakePolicy;
beforeEach(() => {
  scene = new Scene();
  policy = new FakePolicy(policyOf([secret, terms(TAXES)]));
});
afterEach(() => scene.stop());

const read = (index = 0) => {
  const record = scene.onTopic(topic)[index];
  if (record === undefined) throw new Error('nothing was delivered');
  return readDelivery(record, { keys: issuerKeys, now: SEALED_AT, decode: (one) => one, decryption: own.keys });
};

describe('when an agreement asks for encryption', () => {
  it('delivers around the very envelope, to the key of the consumer, and in plain to nobody but those who agreed on that', async () => {
    policy.key = own.key;
    await scene.seal(['e1']);
    scene.log(0, 0);
    await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 1 && scene.delivered(TAXES).length === 1);
    const [sealed] = scene.stream.records(`sealed.${TYPE}`);
    const [plain] = scene.onTopic(deliveryTopic(TAXES, TYPE));
    const [encrypted] = scene.onTopic(topic);
    expect(plain?.value).toEqual(sealed?.value);
    expect(isEncrypted(encrypted?.value ?? Buffer.alloc(0))).toBe(true);
    expect(decryptEnvelope(encrypted?.value ?? Buffer.alloc(0), own.keys)).toMatchObject({ ok: true, content: sealed?.value });
    expect(decryptEnvelope(encrypted?.value ?? Buffer.alloc(0), pair().keys)).toMatchObject({ code: 'ENCRYPTED_KEY_UNKNOWN' });
    expect(read()).toMatchObject({ ok: true, delivery: { number: 1, record: PERSON } });
  });

  it('lets records wait while the consumer has no key, and delivers them then, none lost and none in plain', async () => {
    await scene.seal(['e1', 'e2']);
    scene.log(0, 1);
    const delivery = await scene.start(policy);
    await until(() => scene.delivered(TAXES).length === 2);
    const waits = () => delivery.lanes.open().find(({ name }) => name.consumer === PENSIONS)?.waiting;
    await until(() => waits() === 'DELIVERY_KEY_MISSING');
    expect([scene.delivered(PENSIONS), scene.handed(PENSIONS)]).toEqual([[], []]);
    policy.key = own.key;
    policy.set(policyOf([secret, terms(TAXES)], { version: 'p2' }));
    await until(() => scene.delivered(PENSIONS).length === 2);
    expect(scene.onTopic(topic).every(({ value }) => isEncrypted(value ?? Buffer.alloc(0)))).toBe(true);
  });

  it('gives the agreed fields only, inside', async () => {
    policy.key = own.key;
    policy.set(policyOf([fieldwise(['/birth'])]));
    await scene.seal(['e1'], { disclosable: true });
    scene.log(0, 0);
    await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 1);
    expect(read()).toMatchObject({ ok: true, delivery: { record: { birth: '2099-02-28' }, whole: false } });
    expect(JSON.stringify(read())).not.toContain('01001099001');
  });
});

describe('when the terms change after something was encrypted', () => {
  const page = (delivery: Awaited<ReturnType<Scene['start']>>) =>
    delivery.pull.page(lane, { max: 10, waitMs: 0 }, new AbortController().signal);

  it.each<[string, readonly string[], string]>([
    ['to more fields', ['/birth', '/given'], 'given'],
    ['to other fields', ['/given'], 'DELIVERY_FIELDS_WIDER'],
  ])('gives %s only what shows no more than is agreed on now', async (_, fields, expected) => {
    policy.key = own.key;
    policy.set(policyOf([fieldwise(['/birth'])]));
    await scene.seal(['e1'], { disclosable: true });
    scene.log(0, 0);
    const delivery = await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 1);
    policy.set(policyOf([fieldwise(['/birth']), fieldwise(fields, 2)], { version: 'p2' }));
    const answer = await page(delivery).then(
      ({ deliveries }) => (deliveries.length === 1 ? 'given' : 'nothing'),
      (error: { code: string }) => error.code,
    );
    expect(answer).toBe(expected);
  });

  it('encrypts on the way out what was written before encryption was agreed on', async () => {
    policy.key = own.key;
    policy.set(policyOf([terms(PENSIONS)]));
    await scene.seal(['e1']);
    scene.log(0, 0);
    const delivery = await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 1);
    policy.set(policyOf([secret]));
    const { deliveries } = await page(delivery);
    const envelope = Buffer.from(deliveries[0]?.envelope ?? '');
    expect(decryptEnvelope(envelope, own.keys)).toMatchObject({ ok: true, content: scene.onTopic(topic)[0]?.value });
  });

  it('refuses what nobody noted the origin of', async () => {
    policy.key = own.key;
    await scene.seal(['e1']);
    scene.log(0, 0);
    const delivery = await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 1);
    const record = scene.onTopic(topic)[0];
    if (record === undefined) throw new Error('nothing was delivered');
    const { [HEADER.proved]: _, ...headers } = record.headers;
    scene.stream.append({
      topic,
      partition: 0,
      key: record.key ?? '',
      value: record.value ?? Buffer.alloc(0),
      headers: headers as never,
    });
    const first = await page(delivery);
    expect(first.deliveries).toHaveLength(1);
    const behind = delivery.pull.page(lane, { max: 10, waitMs: 0, after: first.next }, new AbortController().signal);
    await expect(behind).rejects.toMatchObject({ code: 'DELIVERY_MESSAGE' });
  });
});

describe('when the consumer has a webhook', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('gets what stands on its topic, which nobody on the way can read', async () => {
    const bodies: Buffer[] = [];
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (request.headers['khidi-loaded'] === undefined) bodies.push(Buffer.concat(parts));
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
    const pushed = new FakePolicy(policyOf([secret]), [{ consumer: PENSIONS, url, order: 'subject' }]);
    pushed.key = own.key;
    await scene.seal(['e1']);
    scene.log(0, 0);
    await scene.start(pushed);
    await until(() => bodies.length === 1);
    expect(bodies[0]).toEqual(scene.onTopic(topic)[0]?.value);
    expect(decryptEnvelope(bodies[0] ?? Buffer.alloc(0), own.keys).ok).toBe(true);
  });
});
