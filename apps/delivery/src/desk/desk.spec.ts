import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256Digest } from '#canonical';
import { contentKeyOf, decryptionKeys, kidOf, publicJwkOf } from '#envelope';
import { deliveryTopic, sealedTopic } from '#record';
import { DEAD_LETTER_BODY, deadLetter, deadLetterSeal, deadLetterTopic } from '#stream';
import { FakePolicy, ids, PENSIONS, policyOf, Scene, TYPE, terms, until } from '../delivery.fixture.js';
import type { Delivery } from '../delivery.js';

jest.setTimeout(60_000);

let scene: Scene;
let server: Server;
let status: number;
let seen: string[];
let url: string;
beforeEach(async () => {
  scene = new Scene();
  status = 500;
  seen = [];
  server = createServer((request, response) => {
    if (request.headers['khidi-loaded'] !== undefined) return void response.writeHead(204).end();
    seen.push(String(request.headers['webhook-id']));
    request.resume();
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  await scene.stop();
  server.closeAllConnections();
  server.close();
});

const policy = (webhook = true) =>
  new FakePolicy(policyOf([terms(PENSIONS)]), webhook ? [{ consumer: PENSIONS, url, order: 'subject' as const }] : []);

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = publicJwkOf(pair.publicKey);
const seal = deadLetterSeal({ keys: [{ ...jwk, kid: kidOf(jwk), alg: 'ECDH-ES', use: 'enc' }] }, new Date());

/** A delivery with dead letters of a webhook that answered 500. */
async function failed(count: number, more: { seal?: typeof seal } = {}): Promise<Delivery> {
  const delivery = await scene.start(policy(), { pace: { attempts: 1 }, ...more });
  await scene.seal(ids(count));
  scene.log(0, count - 1);
  await until(() => delivery.desk.list({}).length === count);
  return delivery;
}

describe('when a webhook failed and is well again', () => {
  it('gets the same delivery again under the same identity, and the dead letter is dealt with', async () => {
    const { desk } = await failed(2);
    const [first] = desk.list({});
    expect(first).toMatchObject({ id: 'delivery/0', code: 'DELIVERY_PUSH_FAILED', consumer: PENSIONS, type: TYPE });
    await expect(desk.replay('delivery/0', 'nino')).rejects.toMatchObject({ code: 'DELIVERY_PUSH_FAILED' });
    expect(desk.list({})).toHaveLength(2);
    status = 200;
    const replayed = await desk.replay('delivery/0', 'nino');
    expect(replayed.resolution).toMatchObject({ state: 'replayed', by: 'nino' });
    expect(seen.at(-1)).toBe(seen[0]);
    expect(desk.list({}).map(({ code }) => code)).toEqual(['DELIVERY_PUSH_FAILED']);
    await expect(desk.replay('delivery/0', 'nino')).rejects.toMatchObject({ code: 'DEAD_LETTER_CLOSED' });
  });

  it('still gets nothing that it may no longer have', async () => {
    const given = policy();
    const delivery = await scene.start(given, { pace: { attempts: 1 } });
    await scene.seal(ids(1));
    scene.log(0, 0);
    await until(() => delivery.desk.list({}).length === 1);
    status = 200;
    const before = seen.length;
    given.set(policyOf([terms(PENSIONS)], { revoked: ['a-pensions'], version: 'p2' }));
    await expect(delivery.desk.replay('delivery/0', 'nino')).rejects.toMatchObject({ code: 'POLICY_REVOKED' });
    expect(seen).toHaveLength(before);
  });
});

describe('when an operator gives a dead letter up', () => {
  it('keeps the reason as an administrative act, and forgets nothing at a restart', async () => {
    const { desk } = await failed(1);
    await desk.discard('delivery/0', 'giorgi', 'the consumer was closed');
    const [act] = scene.stream.records('audit').map(({ value }) => JSON.parse(String(value)) as object);
    const body = scene.stream.records(deadLetterTopic('delivery'))[0]?.value ?? Buffer.alloc(0);
    expect(act).toMatchObject({
      kind: 'override',
      by: 'giorgi',
      action: 'dead-letter.discard delivery/0',
      before: sha256Digest(body),
      why: 'the consumer was closed',
    });
    await scene.stop();
    const again = await scene.start(policy());
    await until(() => again.desk.list({ all: true }).length === 1);
    expect(again.desk.list({})).toEqual([]);
    expect(again.desk.show('delivery/0').resolution?.state).toBe('discarded');
  });
});

describe('when another service gave a record up', () => {
  it('is shown and can be discarded, but has no way on from here', async () => {
    const delivery = await scene.start(policy(false));
    const original = {
      ...{ topic: 'ingress.GE-GOV-7001.population.person', partition: 0, offset: '4', timestamp: 1 },
      ...{ key: Buffer.from('k'), value: Buffer.from('body'), headers: { ce_id: Buffer.from('e1') } },
    };
    const { headers, key, value } = deadLetter('validation', original, 'STREAM_DEFECT');
    const topic = deadLetterTopic('validation');
    scene.stream.append({ topic, partition: 0, key: key ?? '', value, headers: headers as Record<string, Buffer> });
    await until(() => delivery.desk.list({ service: 'validation' }).length === 1);
    await expect(delivery.desk.replay('validation/0', 'nino')).rejects.toMatchObject({ code: 'DEAD_LETTER_STUCK' });
    await delivery.desk.discard('validation/0', 'nino', 'sent again by its agency');
    expect(delivery.desk.list({})).toEqual([]);
    expect(scene.stream.records(original.topic)).toEqual([]);
  });
});

describe('when there is no way on', () => {
  it('says so for what somebody else wrote to a sealed topic, and for a delivery without a webhook', async () => {
    const delivery = await scene.start(policy(false));
    scene.stream.append({ topic: sealedTopic(TYPE), key: 'k', value: Buffer.from('forged'), headers: {}, partition: 0 });
    scene.log(0, 0);
    await until(() => delivery.desk.list({}).length === 1);
    await expect(delivery.desk.replay('delivery/0', 'nino')).rejects.toMatchObject({ code: 'ENVELOPE_GRAMMAR' });
    await expect(delivery.desk.replay('delivery/9', 'nino')).rejects.toMatchObject({ code: 'DEAD_LETTER_UNKNOWN' });
  });
});

describe('when dead letters are looked for', () => {
  it('finds them by code, consumer, service and time', async () => {
    const { desk } = await failed(1);
    const found = (query: object) => desk.list(query).length;
    expect([found({ code: 'DELIVERY_PUSH_FAILED' }), found({ code: 'STREAM_DEFECT' })]).toEqual([1, 0]);
    expect([
      found({ consumer: PENSIONS }),
      found({ consumer: 'x' }),
      found({ service: 'delivery' }),
      found({ service: 'signing' }),
    ]).toEqual([1, 0, 1, 0]);
    const at = Date.parse(desk.list({})[0]?.at ?? '');
    expect([found({ since: at }), found({ since: at + 1 }), found({ until: at }), found({ until: at + 1 })]).toEqual([
      1, 0, 0, 1,
    ]);
  });
});

describe('when bodies are encrypted to the operators', () => {
  it('replays only with the key of that one message, under the same identity, and shows nobody a plain body', async () => {
    const { desk } = await failed(2, { seal });
    const [first, second] = desk.list({});
    expect(first).toMatchObject({ id: 'delivery/0', encryptedTo: kidOf(jwk) });
    const kept = scene.stream.records(deadLetterTopic('delivery')).map(({ value }) => String(value));
    const delivered = scene.onTopic(deliveryTopic(PENSIONS, TYPE)).map(({ value }) => String(value));
    expect(kept.some((body) => delivered.includes(body))).toBe(false);
    expect(String(await desk.body('delivery/0'))).toBe(kept[0]);
    status = 200;
    const keyOf = async (id: string) => contentKeyOf(await desk.body(id), DEAD_LETTER_BODY, decryptionKeys([pair.privateKey]));
    await expect(desk.replay('delivery/0', 'nino')).rejects.toMatchObject({ code: 'DEAD_LETTER_SEALED' });
    const foreign = await keyOf(second?.id ?? '');
    await expect(desk.replay('delivery/0', 'nino', foreign)).rejects.toMatchObject({ code: 'DEAD_LETTER_SEALED' });
    await expect(desk.replay('delivery/0', 'nino', Buffer.alloc(5))).rejects.toMatchObject({ code: 'DEAD_LETTER_SEALED' });
    const before = seen.length;
    await desk.replay('delivery/0', 'nino', await keyOf('delivery/0'));
    expect(seen.slice(before)).toEqual([seen[0]]);
  });

  it('gives no body away that is not encrypted', async () => {
    const { desk } = await failed(1);
    await expect(desk.body('delivery/0')).rejects.toMatchObject({ code: 'DOOR_NOT_FOUND' });
  });
});
