import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Consuming, consume, memorySink, receiptDoor, receiptFor } from '#consumer';
import {
  type DeliveryReceipt,
  generateSealingKey,
  openDeliveryReceipt,
  publishedKey,
  readKeySet,
  type SealingKey,
  signDeliveryReceipt,
  softwareSigner,
} from '#envelope';
import type { RunningService } from '#http';
import { type MemberId, RECEIPT_TOPIC } from '#record';
import { SEALED_AT } from '#testkit';
import { FakePolicy, issuerKeys, PENSIONS, policyOf, Scene, TAXES, TYPE, terms, until } from '../delivery.fixture.js';
import type { Delivery } from '../delivery.js';
import { basic, openDoor } from '../door.fixture.js';

jest.setTimeout(60_000);

const HOUR = 3600;
const PROVIDER = 'GE/GOV/7001/base-registry';

function keyOf(purpose: 'receipts' | 'agreement', member = 'GE/GOV/7002') {
  const key = { ...generateSealingKey(new Date(SEALED_AT.getTime() - 1000)), purpose } as SealingKey;
  return { signer: softwareSigner(key), published: publishedKey(key, member as MemberId) };
}
const own = keyOf('receipts');

let scene: Scene;
let policy: FakePolicy;
let delivery: Delivery;
let service: RunningService;
let running: Consuming | undefined;
beforeEach(async () => {
  scene = new Scene();
  policy = new FakePolicy(policyOf([terms(PENSIONS, { receipts: 'PT1H' }), terms(TAXES)]));
  policy.signingKeys = readKeySet({ keys: [own.published] });
  await start();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await service.close();
  await scene.stop();
});

async function start(): Promise<void> {
  delivery = await scene.start(policy);
  service = await openDoor(scene, delivery, PENSIONS, TAXES, PROVIDER);
}

async function delivered(count: number): Promise<void> {
  await scene.seal(Array.from({ length: count }, (_, i) => `e${i + 1}`));
  scene.log(0, count - 1);
  await until(() => scene.delivered(PENSIONS).length === count && scene.delivered(TAXES).length === count);
}

/** A consumer at work; gives its deliveries. */
async function consumer(
  more: { signer?: typeof own.signer; url?: string; refused?: string[]; sink?: ReturnType<typeof memorySink> } = {},
) {
  const door = receiptDoor({
    url: more.url ?? service.url,
    authorization: basic(PENSIONS),
    consumer: PENSIONS,
    signer: more.signer ?? own.signer,
    now: () => SEALED_AT,
    firstMs: 5,
    onRefused: (number, code) => more.refused?.push(`${number} ${code}`),
  });
  const taken: Parameters<typeof receiptFor>[0][] = [];
  running = await consume({
    transport: scene.stream.transport,
    consumer: PENSIONS,
    type: TYPE,
    keys: { current: () => issuerKeys, refresh: async () => undefined },
    sink: more.sink ?? memorySink(),
    decode: (one) => one,
    now: () => SEALED_AT,
    onApplied: (one) => taken.push(one),
    receipts: door,
  });
  return { door, taken };
}

const kept = () => scene.onTopic(RECEIPT_TOPIC).map(({ value }) => String(value));
async function seenBy(user: string, query = '?missing=yes') {
  const answer = await fetch(`${service.url}/v1/receipts${query}`, { headers: { authorization: basic(user) } });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as {
    lanes: { consumer: string; received: number; awaited: number; missing: number }[];
    missing: { number: number; jti: string }[];
  };
}
const bring = async (receipts: readonly string[], user: string = PENSIONS) => {
  const init = { method: 'POST', headers: { authorization: basic(user) }, body: JSON.stringify({ receipts }) };
  const answer = await fetch(`${service.url}/v1/receipts`, init);
  return ((await answer.json()) as { results: { ok: boolean; code?: string; pointer?: string }[] }).results;
};

describe('when the agreement asks for receipts', () => {
  it('gets one for each delivery that the consumer accepted, keeps them, and awaits none from others', async () => {
    await delivered(3);
    const { door } = await consumer();
    await until(() => kept().length === 3);
    await door.idle();
    const keys = policy.signingKeys;
    const opened = kept().map((jws) => openDeliveryReceipt(jws, keys, SEALED_AT));
    const said = opened.map((one) => (one.ok ? [one.receipt.number, one.receipt.envelope.jti] : one.code));
    expect(said).toEqual(scene.handed(PENSIONS).map(({ number, jti }) => [number, jti]));
    const count = { consumer: PENSIONS, type: TYPE, received: 3, awaited: 0, missing: 0 };
    expect((await seenBy('operator-1')).lanes).toEqual([count]);
  });

  it('shows both sides and the operators what is overdue, and nobody else', async () => {
    await delivered(2);
    await until(() => delivery.receipts.counts('everything')[0]?.awaited === 2);
    expect((await seenBy(PENSIONS)).missing).toEqual([]);
    scene.clock.setAfter(HOUR);
    for (const user of [PENSIONS, PROVIDER, 'operator-1']) {
      const { lanes, missing } = await seenBy(user);
      expect([lanes[0]?.missing, missing.map(({ number }) => number)]).toEqual([2, [1, 2]]);
    }
    expect(await seenBy(TAXES)).toEqual({ lanes: [], missing: [] });
    await consumer();
    await until(() => kept().length === 2);
    expect((await seenBy(PROVIDER)).missing).toEqual([]);
  });

  it('lists what is overdue of the consumer that is asked for, however much is overdue elsewhere', async () => {
    const wide = { receipts: 'PT1H', quota: { records: 10_000, per: 'hour' } };
    policy.set(policyOf([terms(PENSIONS, wide), terms(TAXES, wide)], { version: 'p2' }));
    await delivered(1001);
    await until(() => delivery.receipts.counts('everything').every(({ awaited }) => awaited === 1001));
    scene.clock.setAfter(HOUR);
    for (const consumer of [PENSIONS, TAXES]) {
      const { lanes, missing } = await seenBy('operator-1', `?missing=yes&consumer=${consumer}`);
      expect([lanes.map((lane) => [lane.consumer, lane.missing]), missing.length]).toEqual([[[consumer, 1001]], 1000]);
    }
    expect(await seenBy('operator-1', '?missing=yes&type=address.locality')).toEqual({ lanes: [], missing: [] });
  });

  it('gets at its next start what a consumer that was killed after the effect could not send', async () => {
    await delivered(3);
    const sink = memorySink();
    const killed = await consumer({ url: 'http://127.0.0.1:9', sink });
    await until(() => killed.taken.length === 3);
    await running?.stop();
    expect(killed.door.stop()).toBe(3);
    scene.clock.setAfter(HOUR);
    await until(() => delivery.receipts.missing(PENSIONS).length === 3);
    const { taken } = await consumer({ sink });
    await until(() => kept().length === 3);
    expect([taken, delivery.receipts.missing(PENSIONS)]).toEqual([[], []]);
  });

  it('is asked again where somebody else answered in its place', async () => {
    await delivered(1);
    const answers = ['<html>a proxy</html>', '{}', '{"results":[{"ok":true}]}'];
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      request.on('data', (part: Buffer) => bodies.push(String(part)));
      request.on('end', () => response.writeHead(200).end(answers.shift()));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { door } = await consumer({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    await until(() => bodies.length === 3);
    await door.idle();
    expect([new Set(bodies).size, answers]).toEqual([1, []]);
    server.close();
  });

  it('lets a consumer send four requests at once', async () => {
    const begun = Array.from({ length: 4 }, () => {
      const post = request(`${service.url}/v1/receipts`, { method: 'POST', headers: { authorization: basic(PENSIONS) } });
      post.on('error', () => undefined);
      post.write('{');
      return post;
    });
    const codes: number[] = [];
    await until(() => {
      void fetch(`${service.url}/v1/receipts`, { method: 'POST', headers: { authorization: basic(PENSIONS) }, body: '{}' }).then(
        ({ status }) => codes.push(status),
      );
      return codes.includes(503);
    });
    for (const post of begun) post.destroy();
    const other = await fetch(`${service.url}/v1/receipts`, {
      method: 'POST',
      headers: { authorization: basic(TAXES) },
      body: '{}',
    });
    expect(other.status).toBe(400);
  });

  it('takes each once, and still knows it after a restart', async () => {
    await delivered(2);
    const { taken } = await consumer();
    await until(() => kept().length === 2);
    const again = await Promise.all(
      taken.map((one) => receiptFor(one, { consumer: PENSIONS, signer: own.signer, now: () => SEALED_AT })),
    );
    expect(await bring([...again, ...again])).toEqual([{ ok: true }, { ok: true }, { ok: true }, { ok: true }]);
    await running?.stop();
    await service.close();
    await scene.stop();
    await start();
    await until(() => delivery.receipts.counts(PENSIONS)[0]?.received === 2);
    expect(await bring(again)).toEqual([{ ok: true }, { ok: true }]);
    expect([kept().length, delivery.receipts.counts(PENSIONS)[0]?.awaited]).toEqual([2, 0]);
  });
});

describe('when a receipt does not hold', () => {
  const jwsOf = async (change: Partial<DeliveryReceipt>, signer = own.signer): Promise<string> => {
    const { digest } = scene.handed(PENSIONS)[0]?.receipt ?? { digest: '' };
    const jti = scene.handed(PENSIONS)[0]?.jti ?? '';
    const receipt = {
      iss: 'GE/GOV/7002',
      iat: SEALED_AT.getTime() / 1000,
      consumer: PENSIONS,
      type: TYPE,
      number: 1,
      agreement: 'a-pensions/1',
      envelope: { iss: 'GE/GOV/0001', jti, digest },
      ...change,
    };
    return signDeliveryReceipt(receipt as DeliveryReceipt, signer);
  };
  const other = 'sha-256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

  it.each<[string, () => Promise<string>, object]>([
    ['signed by a key for agreements', () => jwsOf({}, keyOf('agreement').signer), { code: 'RECEIPT_SIGNATURE' }],
    ['signed by nobody that is known', () => jwsOf({}, keyOf('receipts').signer), { code: 'RECEIPT_SIGNATURE' }],
    ['of tomorrow', () => jwsOf({ iat: SEALED_AT.getTime() / 1000 + 86_400 }), { code: 'RECEIPT_CLAIMS', pointer: '/iat' }],
    ['with a claim of its own', () => jwsOf({ note: 'x' } as object), { code: 'RECEIPT_CLAIMS', pointer: '/*' }],
    ['of another system', () => jwsOf({ consumer: 'GE/GOV/7002/other' as never }), { code: 'RECEIPT_FOREIGN' }],
    ['of a number that never was', () => jwsOf({ number: 9 }), { code: 'RECEIPT_UNKNOWN', pointer: '/number' }],
    [
      'for another exchange',
      async () => jwsOf({ envelope: { iss: 'GE/GOV/0001', jti: other.slice(8), digest: other } as never }),
      { code: 'RECEIPT_CONTRADICTS', pointer: '/envelope/jti' },
    ],
    [
      'under another agreement',
      () => jwsOf({ agreement: 'a-pensions/2' }),
      { code: 'RECEIPT_CONTRADICTS', pointer: '/agreement' },
    ],
  ])('refuses one %s, and still awaits the right one', async (_, jws, expected) => {
    await delivered(1);
    await until(() => delivery.receipts.counts('everything')[0]?.awaited === 1);
    expect(await bring([await jws()])).toMatchObject([{ ok: false, ...expected }]);
    expect([kept(), delivery.receipts.counts(PENSIONS)[0]?.awaited]).toEqual([[], 1]);
  });

  it('refuses one for other bytes of the same exchange', async () => {
    await delivered(1);
    await until(() => delivery.receipts.counts('everything')[0]?.awaited === 1);
    const { jti } = scene.handed(PENSIONS)[0] ?? {};
    const jws = await jwsOf({ envelope: { iss: 'GE/GOV/0001', jti, digest: other } as never });
    expect(await bring([jws])).toMatchObject([{ ok: false, code: 'RECEIPT_CONTRADICTS', pointer: '/envelope/digest' }]);
  });

  it('tells the consumer, and goes on with its deliveries', async () => {
    await delivered(1);
    const refused: string[] = [];
    const { taken } = await consumer({ signer: keyOf('agreement').signer, refused });
    await until(() => refused.length === 1);
    expect([refused, taken.length]).toEqual([['1 RECEIPT_SIGNATURE'], 1]);
  });

  it('waits for a delivery that is away without holding up the consumer', async () => {
    await delivered(2);
    const { door, taken } = await consumer({ url: 'http://127.0.0.1:9' });
    await until(() => taken.length === 2);
    await running?.stop();
    expect([door.stop(), kept()]).toEqual([2, []]);
  });

  it.each([
    ['nothing', ''],
    ['no list', '{"receipts":"x"}'],
    ['none', '{"receipts":[]}'],
  ])('answers 400 to %s', async (_, body) => {
    const init = { method: 'POST', headers: { authorization: basic(PENSIONS) }, body };
    expect((await fetch(`${service.url}/v1/receipts`, init)).status).toBe(400);
  });
});

it('reads, when it starts, no more of what was handed over than what is still awaited', async () => {
  await delivered(3);
  const { door } = await consumer();
  await until(() => kept().length === 3);
  await door.idle();
  const begin = async () => {
    await delivery.receipts.remember();
    return JSON.parse(String(delivery.decisions.get('receipts-from'))) as { from: string };
  };
  const all = scene.onTopic('handovers').length;
  expect(Number((await begin()).from)).toBeGreaterThanOrEqual(all);
  await running?.stop();
  await scene.seal(['e4']);
  scene.log(3, 3);
  await until(() => delivery.receipts.counts(PENSIONS)[0]?.awaited === 1);
  expect(Number((await begin()).from)).toBeGreaterThanOrEqual(all);
  await service.close();
  await scene.stop();
  await start();
  await until(() => delivery.receipts.counts(PENSIONS)[0]?.awaited === 1);
});
