import type { RunningService } from '#http';
import { FakePolicy, PENSIONS, policyOf, Scene, TYPE, terms, until } from '../delivery.fixture.js';
import { basic, openDoor } from '../door.fixture.js';

jest.setTimeout(60_000);

const scene = new Scene();
let service: RunningService;

beforeAll(async () => {
  const delivery = await scene.start(new FakePolicy(policyOf([terms(PENSIONS)])));
  await scene.seal(['e1', 'e2']);
  scene.log(0, 1);
  await until(() => scene.delivered(PENSIONS).length === 2);
  service = await openDoor(scene, delivery, PENSIONS);
});
afterAll(async () => {
  await service.close();
  await scene.stop();
});

const ask = (path: string, init: RequestInit & { as?: string } = {}) =>
  fetch(`${service.url}${path}`, { ...init, headers: { authorization: init.as ?? basic(PENSIONS) } });

describe('when a consumer comes to the door', () => {
  it('gets its deliveries, acknowledges them, and gets what is behind', async () => {
    const page = (await (await ask(`/v1/deliveries/${TYPE}?max=1`)).json()) as {
      deliveries: { number: number; cursor: string }[];
    };
    expect(page.deliveries.map(({ number }) => number)).toEqual([1]);
    const cursor = page.deliveries[0]?.cursor ?? '';
    expect((await ask(`/v1/deliveries/${TYPE}?through=${cursor}`, { method: 'DELETE' })).status).toBe(204);
    const next = (await (await ask(`/v1/deliveries/${TYPE}`)).json()) as { deliveries: { number: number }[] };
    expect(next.deliveries.map(({ number }) => number)).toEqual([2]);
  });

  it('is told how far its initial load is, and nothing of others', async () => {
    const told = (await (await ask('/v1/loads')).json()) as { loads: object[] };
    expect(told.loads).toMatchObject([{ consumer: PENSIONS, type: TYPE, state: 'complete' }]);
    expect(await (await ask('/v1/loads?type=address.locality')).json()).toEqual({ loads: [] });
    expect((await ask('/v1/loads', { as: 'Basic eDp5' })).status).toBe(401);
  });

  it.each<[string, object, string | undefined, number, string]>([
    ['another consumer', { consumer: 'GE/GOV/7003/taxes' }, undefined, 403, 'DOOR_FORBIDDEN'],
    ['a stranger', {}, basic(PENSIONS, 'x'), 401, 'DOOR_UNAUTHENTICATED'],
    ['no reason', { why: ' ' }, undefined, 400, 'DOOR_PARAMETER'],
    ['no beginning', { since: undefined }, undefined, 400, 'DOOR_PARAMETER'],
    ['two beginnings', { offsets: { 0: '1' } }, undefined, 400, 'DOOR_PARAMETER'],
    ['what lies ahead', { since: undefined, offsets: { 0: '99' } }, undefined, 422, 'DELIVERY_REPLAY_NOTHING'],
    ['a type without an agreement', { type: 'address.locality' }, basic('operator-1'), 404, 'DOOR_NOT_FOUND'],
  ])('has nothing replayed for %s', async (_, change, as, status, code) => {
    const body = { consumer: PENSIONS, type: TYPE, since: '2026-01-01T00:00:00Z', why: 'a test', ...change };
    const answer = await ask('/v1/replays', { method: 'POST', body: JSON.stringify(body), ...(as === undefined ? {} : { as }) });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });

  it.each<[string, string, RequestInit & { as?: string }, number, string]>([
    ['without a secret', `/v1/deliveries/${TYPE}`, { as: basic(PENSIONS, 'x') }, 401, 'DOOR_UNAUTHENTICATED'],
    ['as somebody else', `/v1/deliveries/${TYPE}`, { as: basic('GE/GOV/7003/taxes') }, 401, 'DOOR_UNAUTHENTICATED'],
    ['as an operator', `/v1/deliveries/${TYPE}`, { as: basic('operator-1') }, 401, 'DOOR_UNAUTHENTICATED'],
    ['for a type without an agreement', '/v1/deliveries/address.locality', {}, 404, 'DOOR_NOT_FOUND'],
    ['for what is no type', '/v1/deliveries/..', {}, 404, 'DOOR_NOT_FOUND'],
    ['with a cursor of its own making', `/v1/deliveries/${TYPE}?after=x`, {}, 400, 'DOOR_CURSOR'],
    ['with a wait that is too long', `/v1/deliveries/${TYPE}?wait=61`, {}, 400, 'DOOR_PARAMETER'],
    ['to acknowledge nothing', `/v1/deliveries/${TYPE}`, { method: 'DELETE' }, 400, 'DOOR_PARAMETER'],
    ['to the desk of operators', '/v1/dead-letters', {}, 401, 'DOOR_UNAUTHENTICATED'],
  ])('is refused %s', async (_, path, init, status, code) => {
    const answer = await ask(path, init);
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
  });
});

describe('when an operator comes to the desk', () => {
  const as = basic('operator-1');

  it('lists dead letters', async () => {
    expect(await (await ask('/v1/dead-letters?all=yes', { as })).json()).toEqual({ deadLetters: [] });
  });

  it.each<[string, string, RequestInit, number, string]>([
    ['an unknown one', '/v1/dead-letters/delivery/7', {}, 404, 'DEAD_LETTER_UNKNOWN'],
    ['a discard without a reason', '/v1/dead-letters/delivery/7/discard', { method: 'POST', body: '{}' }, 400, 'DOOR_PARAMETER'],
    ['a replay of an unknown one', '/v1/dead-letters/delivery/7/replay', { method: 'POST' }, 404, 'DEAD_LETTER_UNKNOWN'],
    ['a time that is none', '/v1/dead-letters?since=yesterday', {}, 400, 'DOOR_PARAMETER'],
    ['an unknown filter', '/v1/dead-letters?colour=red', {}, 400, 'DOOR_PARAMETER'],
  ])('is told of %s', async (_, path, init, status, code) => {
    const answer = await ask(path, { ...init, as });
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
  });
});

describe('when a client of GovStack comes', () => {
  const room = `/r1/GE/GOV/0001/khidi/pull/v1/${TYPE}`;
  const client = (path: string, method = 'GET', name: string = PENSIONS) =>
    fetch(`${service.url}${path}`, { method, headers: { authorization: basic(PENSIONS), 'x-govstack-client': name } });

  it('gets the next event that is not acknowledged, the same one until it acknowledges it, and 404 behind the last', async () => {
    const event = (await (await client(room)).json()) as { id: string };
    expect(event).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      sequence: 2,
      publisherId: { instanceId: 'GE', memberClass: 'GOV', memberCode: '7001', applicationCode: 'base-registry' },
      eventType: TYPE,
      event: { agreement: 'a-pensions/1', purpose: 'pension' },
    });
    expect(await (await client(room)).json()).toEqual(event);
    expect((await client(`${room}/${event.id.replace(/.$/, 'x')}`, 'DELETE')).status).toBe(404);
    expect((await client(`${room}/${event.id}`, 'DELETE')).status).toBe(204);
    expect((await client(room)).status).toBe(404);
  });

  it.each<[string, string, string, number]>([
    ['under another name', room, 'GE/GOV/7003/taxes', 403],
    ['in another room', `/r1/GE/GOV/0002/khidi/pull/v1/${TYPE}`, PENSIONS, 404],
    ['for what is no type', '/r1/GE/GOV/0001/khidi/pull/v1/newBirth', PENSIONS, 404],
  ])('is refused %s', async (_, path, name, status) => {
    expect((await client(path, 'GET', name)).status).toBe(status);
  });
});

describe('when a consumer lost everything', () => {
  it('may have the whole registry once more, and names no other beginning beside', async () => {
    const body = { consumer: PENSIONS, type: TYPE, whole: true, why: 'a test' };
    const post = (more: object) => ask('/v1/replays', { method: 'POST', body: JSON.stringify({ ...body, ...more }) });
    expect((await post({ since: '2099-05-03T00:00:00Z' })).status).toBe(400);
    expect((await post({ whole: 'yes' })).status).toBe(400);
    expect((await post({})).status).toBe(202);
  });
});
