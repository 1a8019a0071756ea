import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningService } from '#http';
import { deadLetterTopic } from '#stream';
import { FakePolicy, PENSIONS, policyOf, Scene, TYPE, terms, until } from '../delivery.fixture.js';
import type { Delivery } from '../delivery.js';
import { basic, openDoor } from '../door.fixture.js';

jest.setTimeout(60_000);

const ROOM = '/r1/GE/GOV/0001/khidi';
let scene: Scene;
let delivery: Delivery;
let service: RunningService;
let hook: Server;
/** What the webhook was asked for, and what it answers. */
let posted: number[];
let status: number;

/** A delivery whose consumer has a webhook, or none. */
async function start(webhook: boolean): Promise<void> {
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  const webhooks = webhook ? [{ consumer: PENSIONS, url, order: 'subject' as const }] : [];
  delivery = await scene.start(new FakePolicy(policyOf([terms(PENSIONS)]), webhooks), { pace: { attempts: 1000 } });
  await until(() => delivery.lanes.open().length === 1);
  service = await openDoor(scene, delivery, PENSIONS);
}

const ask = (path: string, method = 'GET', body?: object) =>
  fetch(`${service.url}${ROOM}${path}`, {
    method,
    headers: { authorization: basic(PENSIONS), 'x-govstack-client': PENSIONS },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const subs = (method = 'GET', body?: object) => ask(`/api/v1/subs/${TYPE}`, method, body);
const want = (more: object = {}) => ({ eventType: TYPE, ...more });
const deliver = async (ids: readonly string[], first: number, subject = 'a person') => {
  await scene.seal(ids, { subject });
  scene.log(first, first + ids.length - 1);
  await until(() => scene.delivered(PENSIONS).length === first + ids.length);
};

beforeEach(async () => {
  scene = new Scene();
  posted = [];
  status = 204;
  hook = createServer((request, response) => {
    request.resume();
    if (request.headers['khidi-loaded'] !== undefined) return void response.writeHead(204).end();
    posted.push(Number(request.headers['khidi-number']));
    setTimeout(() => response.writeHead(status).end(), 5);
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await service.close();
  await scene.stop();
  hook.closeAllConnections();
  hook.close();
});

describe('when a consumer subscribes by GovStack’s contract', () => {
  it('adds, shows, lists, changes and cancels, in the forms of the contract', async () => {
    await start(true);
    expect((await subs()).status).toBe(404);
    const added = await subs('POST', want());
    const item = {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      subscriberId: { instanceId: 'GE', memberClass: 'GOV', memberCode: '7002', applicationCode: 'pensions' },
      eventType: TYPE,
      delivery: 'PUSH',
      options: { TTL: 3600, FIFO: false },
    };
    expect([added.status, await added.json()]).toEqual([200, item]);
    expect((await subs('POST', want())).status).toBe(409);
    const changed = await subs('PATCH', want({ delivery: 'PULL', options: { TTL: 60, FIFO: true } }));
    const after = { ...item, delivery: 'PULL', options: { TTL: 60, FIFO: true } };
    expect([changed.status, await changed.json()]).toEqual([201, after]);
    expect(await (await ask('/api/v1/subs')).json()).toEqual([after]);
    expect((await subs('DELETE')).status).toBe(204);
    expect([(await subs()).status, (await subs('DELETE')).status, (await ask(`/pull/v1/${TYPE}`)).status]).toEqual([
      404, 404, 404,
    ]);
    expect((await subs('POST', want({ delivery: 'PULL' }))).status).toBe(200);
  });

  it.each<[string, object, number]>([
    ['another type in the body', want({ eventType: 'address.locality' }), 400],
    ['another word', want({ delivery: 'POST' }), 400],
    ['a TTL of nothing', want({ options: { TTL: 0 } }), 400],
    ['a FIFO that is neither', want({ options: { FIFO: 'yes' } }), 400],
    ['PUSH to nowhere', want(), 400],
  ])('is refused: %s', async (_, body, expected) => {
    await start(false);
    expect((await subs('POST', body)).status).toBe(expected);
  });

  it('is subscribed once where it asks twice at the same time', async () => {
    await start(true);
    const answers = await Promise.all([subs('POST', want()), subs('POST', want({ delivery: 'PULL' }))]);
    expect(answers.map(({ status: code }) => code).sort()).toEqual([200, 409]);
    const taken = (await answers.find(({ ok }) => ok)?.json()) as { id: string };
    expect(await (await subs()).json()).toMatchObject({ id: taken.id });
  });

  it('gets nothing without an agreement', async () => {
    await start(true);
    expect((await ask('/api/v1/subs/address.locality', 'POST', { eventType: 'address.locality' })).status).toBe(404);
  });
});

describe('when the subscription says how', () => {
  it('brings nothing while it is PULL, and brings what is there once it is PUSH', async () => {
    await start(true);
    await subs('POST', want({ delivery: 'PULL' }));
    await deliver(['e1', 'e2'], 0);
    const next = (await (await ask(`/pull/v1/${TYPE}`)).json()) as { sequence: number };
    expect([next.sequence, posted]).toEqual([1, []]);
    await subs('PATCH', want({ delivery: 'PUSH' }));
    await until(() => posted.length === 2);
    expect(posted).toEqual([1, 2]);
  });

  it('brings with FIFO one after another over all subjects', async () => {
    await start(true);
    await subs('POST', want({ options: { FIFO: true } }));
    status = 500;
    await deliver(['e1'], 0, 'one');
    await deliver(['e2'], 1, 'another');
    await until(() => posted.length >= 3);
    expect(new Set(posted)).toEqual(new Set([1]));
    status = 204;
    await until(() => posted.includes(2));
  });

  it('fetches nothing that has outlived its TTL', async () => {
    await start(false);
    await subs('POST', want({ delivery: 'PULL', options: { TTL: 60 } }));
    await deliver(['e1'], 0);
    scene.clock.pass(50);
    await deliver(['e2'], 1);
    scene.clock.pass(20);
    const next = async () => ((await (await ask(`/pull/v1/${TYPE}`)).json()) as { sequence?: number }).sequence;
    expect(await next()).toBe(2);
    scene.clock.pass(60);
    expect(await next()).toBeUndefined();
  });

  it('keeps what could not be brought within its TTL as a dead letter instead of dropping it', async () => {
    await start(true);
    await subs('POST', want({ options: { TTL: 60 } }));
    status = 500;
    await deliver(['e1'], 0);
    await until(() => posted.length > 1);
    scene.clock.pass(61);
    const dead = () => scene.onTopic(deadLetterTopic('delivery')).map(({ headers }) => String(headers.khidi_fault));
    await until(() => dead().length === 1);
    expect(dead()).toEqual(['DELIVERY_OUTLIVED']);
  });
});
