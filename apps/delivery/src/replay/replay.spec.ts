import { readDelivery } from '#consumer';
import { deliveryTopic, HEADER } from '#record';
import { SEALED_AT } from '#testkit';
import { FakePolicy, ids, issuerKeys, PENSIONS, policyOf, Scene, TAXES, TYPE, terms, until } from '../delivery.fixture.js';

jest.setTimeout(60_000);

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.stop());

const order = { consumer: PENSIONS, type: TYPE, by: 'operator-1', why: 'a restored backup' };
const from = (...offsets: readonly (readonly [number, bigint])[]) => ({ offsets: new Map(offsets) });
/** What a consumer reads: id, number, and whether it came by a replay. */
const read = () =>
  scene.onTopic(deliveryTopic(PENSIONS, TYPE)).map((record) => {
    const result = readDelivery(record, { keys: issuerKeys, now: SEALED_AT, decode: (one) => one });
    if (!result.ok) throw new Error(result.fault.code);
    return [String(record.headers[HEADER.id]), result.delivery.number, result.delivery.replay] as const;
  });

describe('when a consumer wants what it had once more', () => {
  it('gets it in order, under numbers that go on, marked as a replay, and then what is new', async () => {
    await scene.seal(ids(5));
    scene.log(0, 4);
    const delivery = await scene.start(new FakePolicy(policyOf([terms(PENSIONS)])), { chunkRecords: 2 });
    await until(() => scene.delivered(PENSIONS).length === 5);
    const { replay, complete } = await delivery.replays.begin({ ...order, from: from([0, 2n]) });
    await scene.seal(ids(1, 6));
    scene.log(5, 5);
    await until(() => scene.delivered(PENSIONS).length === 9);
    expect(complete).toBe(true);
    expect(read().slice(5)).toEqual([
      ['e3', 6, replay],
      ['e4', 7, replay],
      ['e5', 8, replay],
      ['e6', 9, undefined],
    ]);
    expect(scene.handed(PENSIONS).map(({ number, replay: by }) => [number, by === replay])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => [number, number > 5 && number < 9]),
    );
  });

  it('leaves a line of who wanted it and why, and touches no other consumer', async () => {
    await scene.seal(ids(2));
    scene.log(0, 1);
    const delivery = await scene.start(new FakePolicy(policyOf([terms(PENSIONS), terms(TAXES)])));
    await until(() => scene.delivered(PENSIONS).length === 2 && scene.delivered(TAXES).length === 2);
    const { replay } = await delivery.replays.begin({ ...order, from: { since: 0 } });
    await until(() => scene.delivered(PENSIONS).length === 4);
    const acts = scene.onTopic('audit').map(({ value }) => JSON.parse(value?.toString('utf8') ?? '{}') as object);
    expect(acts).toMatchObject([
      { kind: 'export', by: 'operator-1', subject: PENSIONS, after: replay, why: 'a restored backup' },
    ]);
    expect(scene.delivered(TAXES)).toHaveLength(2);
  });

  it('goes on after a restart in the middle, and delivers nothing of it twice', async () => {
    await scene.seal(ids(6));
    scene.log(0, 5);
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]));
    const first = await scene.start(policy, { chunkRecords: 1 });
    await until(() => scene.delivered(PENSIONS).length === 6);
    const { replay } = await first.replays.begin({ ...order, from: from([0, 0n]) });
    await until(() => scene.delivered(PENSIONS).length >= 8);
    await scene.stop();
    await scene.start(policy, { chunkRecords: 4 });
    await until(() => scene.delivered(PENSIONS).length === 12);
    expect(read().slice(6)).toEqual(ids(6).map((id, i) => [id, 7 + i, replay]));
  });

  it('gets nothing that is agreed on no more, and only what the named agreement gives', async () => {
    await scene.seal(ids(2));
    scene.log(0, 1);
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]));
    const delivery = await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 2);
    await delivery.replays.begin({ ...order, from: from([0, 0n]), agreement: 'another' });
    policy.set(policyOf([terms(PENSIONS)], { revoked: ['a-pensions'] }));
    await until(() => scene.onTopic('audit').length === 1);
    await scene.seal(ids(1, 3));
    scene.log(2, 2);
    await until(() => scene.handed(PENSIONS).length === 3);
    expect(scene.handed(PENSIONS).map(({ fate }) => fate)).toEqual(['delivered', 'delivered', 'refused']);
    expect(scene.delivered(PENSIONS)).toHaveLength(2);
  });

  it('is told what cannot be: no such lane, nothing there, one replay after another', async () => {
    await scene.seal(ids(3));
    scene.log(0, 2);
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]));
    const delivery = await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 3);
    const begin = (more: object) => delivery.replays.begin({ ...order, from: from([0, 0n]), ...more });
    await expect(begin({ consumer: TAXES })).rejects.toMatchObject({ code: 'DOOR_NOT_FOUND' });
    await expect(begin({ from: from([0, 3n]) })).rejects.toMatchObject({ code: 'DELIVERY_REPLAY_NOTHING' });
    policy.set('CONFIGURATION_EXPIRED');
    await begin({});
    await expect(begin({})).rejects.toMatchObject({ code: 'DELIVERY_REPLAYING' });
  });
});
