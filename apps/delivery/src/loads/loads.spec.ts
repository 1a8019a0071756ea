import { readDelivery } from '#consumer';
import { deliveryTopic, isLoadMark, type SubsystemId, sealedTopic } from '#record';
import { SEALED_AT } from '#testkit';
import { FakePolicy, ids, issuerKeys, PENSIONS, policyOf, Scene, TAXES, TYPE, terms, until } from '../delivery.fixture.js';
import type { Delivery } from '../delivery.js';

jest.setTimeout(60_000);

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.stop());

const given = () => new FakePolicy(policyOf([terms(PENSIONS)]));
const order = { consumer: PENSIONS, type: TYPE, by: PENSIONS, why: 'the disk is gone', from: { whole: true } } as const;
const stateOf = (delivery: Delivery, consumer: SubsystemId = PENSIONS) =>
  delivery.lanes.open().find(({ name }) => name.consumer === consumer)?.load;

/** What a consumer's topic says, in order: number, load and replay of each delivery, and the marks among them. */
const told = () =>
  scene.stream.records(deliveryTopic(PENSIONS, TYPE)).map((record) => {
    if (isLoadMark(record)) return `loaded ${String(record.headers.khidi_loaded)}`;
    const read = readDelivery(record, { keys: issuerKeys, now: SEALED_AT, decode: (one) => one });
    if (!read.ok) throw new Error(read.fault.code);
    const { number, load, replay } = read.delivery;
    return [number, load, ...(replay === undefined ? [] : ['again'])].filter(Boolean).join(' ');
  });

describe('when a consumer is new', () => {
  it('gets the registry as it is, then is told so, then gets the changes', async () => {
    await scene.seal(ids(3));
    scene.log(0, 2);
    const delivery = await scene.start(given(), { chunkRecords: 2 });
    await until(() => scene.marks(PENSIONS).length === 1);
    await scene.seal(ids(1, 4));
    scene.log(3, 3);
    await until(() => scene.delivered(PENSIONS).length === 4);
    const [mark] = scene.marks(PENSIONS);
    const load = mark?.load ?? '';
    expect(mark?.through).toBe(3);
    expect(told()).toEqual([`1 ${load}`, `2 ${load}`, `3 ${load}`, `loaded ${load}`, '4']);
    expect(stateOf(delivery)).toMatchObject({ state: 'complete', load, through: 3 });
  });

  it('does not wait for what came after its beginning, and counts that as a change', async () => {
    await scene.seal(ids(3));
    scene.log(0, 1);
    await scene.start(given());
    await until(() => scene.marks(PENSIONS).length === 1);
    const load = scene.marks(PENSIONS)[0]?.load ?? '';
    scene.log(2, 2);
    await until(() => scene.delivered(PENSIONS).length === 3);
    expect(told()).toEqual([`1 ${load}`, `2 ${load}`, `loaded ${load}`, '3']);
  });

  it('is told at once where the registry is empty', async () => {
    const delivery = await scene.start(given());
    await until(() => scene.marks(PENSIONS).length === 1);
    expect(scene.marks(PENSIONS)).toMatchObject([{ through: 0 }]);
    expect(stateOf(delivery)).toMatchObject({ state: 'complete', through: 0 });
  });

  it('is told also where compaction took away all that the log covers, as after an erasure', async () => {
    await scene.seal(ids(3));
    scene.log(0, 2);
    scene.stream.forget(sealedTopic(TYPE));
    await scene.start(given());
    await until(() => scene.marks(PENSIONS).length === 1);
    expect([scene.marks(PENSIONS)[0]?.through, scene.handed(PENSIONS)]).toEqual([0, []]);
  });

  it.each<[string, object, (() => void) | undefined, readonly number[]]>([
    ['refused', { origin: 'seal' }, undefined, []],
    ['dead letters', {}, () => scene.stream.append(forged(2)), []],
    ['withheld', {}, undefined, [2, 3]],
  ])('is told also where the last ones of the registry are %s', async (_, more, spoil, without) => {
    await scene.seal(ids(2));
    if (spoil === undefined) await scene.seal(ids(2, 3));
    spoil?.();
    scene.log(0, spoil === undefined ? 3 : 2, without);
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS, more)])), { chunkRecords: 2 });
    await until(() => scene.marks(PENSIONS).length === 1);
    const delivered = scene.delivered(PENSIONS).length;
    expect(scene.marks(PENSIONS)).toMatchObject([{ through: delivered }]);
  });

  it('is not told while the last of it waits, and is asked how far it is', async () => {
    await scene.seal(ids(3));
    scene.log(0, 2);
    const policy = new FakePolicy(policyOf([terms(PENSIONS, { from: '2099-06-01T00:00:00Z' })]));
    const delivery = await scene.start(policy);
    await until(() => delivery.lanes.open()[0]?.waiting !== undefined);
    expect(stateOf(delivery)).toMatchObject({ state: 'loading', left: 3, waits: 'POLICY_NOT_YET_EFFECTIVE' });
    expect(scene.marks(PENSIONS)).toEqual([]);
    policy.set(policyOf([terms(PENSIONS)], { version: 'p2' }));
    await until(() => scene.marks(PENSIONS).length === 1);
    expect(scene.delivered(PENSIONS)).toHaveLength(3);
  });

  it('is told once, whatever Kafka does with the answer and however often delivery starts', async () => {
    await scene.seal(ids(4));
    scene.log(0, 3);
    const policy = given();
    scene.stream.fail('after', 'torn', 'before', 'after', 'torn', 'after', 'torn');
    await scene.start(policy, { chunkRecords: 1 });
    await until(() => scene.delivered(PENSIONS).length > 1);
    await scene.stop();
    await scene.start(policy, { chunkRecords: 1 });
    await until(() => scene.marks(PENSIONS).length === 1);
    await scene.stop();
    await scene.start(policy);
    await scene.seal(ids(1, 5));
    scene.log(4, 4);
    await until(() => scene.delivered(PENSIONS).length === 5);
    const load = scene.marks(PENSIONS)[0]?.load ?? '';
    expect(told()).toEqual([...[1, 2, 3, 4].map((number) => `${number} ${load}`), `loaded ${load}`, '5']);
  });

  it('gets no other end of the load after a restart in the middle, although more is there by then', async () => {
    await scene.seal(ids(3));
    scene.log(0, 2);
    const policy = given();
    const first = await scene.start(policy, { chunkRecords: 1 });
    await until(() => scene.delivered(PENSIONS).length >= 1);
    await scene.stop();
    const before = stateOf(first);
    await scene.seal(ids(3, 4));
    scene.log(3, 5);
    await scene.start(policy, { chunkRecords: 1 });
    await until(() => scene.delivered(PENSIONS).length === 6);
    expect(scene.marks(PENSIONS)).toMatchObject([
      { load: before !== undefined && 'load' in before ? before.load : '', through: 3 },
    ]);
  });
});

describe('when a consumer wants changes only', () => {
  const changes = (more: object = {}) => terms(TAXES, { begins: 'changes', ...more });

  it('gets what was sealed since its agreement began, nothing before, and no load is told', async () => {
    await scene.seal(ids(2));
    scene.log(0, 1);
    const begun = new Date(SEALED_AT.getTime() + 1000);
    const from = begun.toISOString().replace('.000Z', 'Z');
    scene.clock.set(begun);
    const delivery = await scene.start(new FakePolicy(policyOf([changes({ from }), terms(PENSIONS)])));
    await until(() => scene.delivered(PENSIONS).length === 2);
    expect(stateOf(delivery, TAXES)).toEqual({ state: 'changes', begun: begun.toISOString() });
    expect([scene.delivered(TAXES), scene.handed(TAXES), scene.marks(TAXES)]).toEqual([[], [], []]);
  });

  it('is refused what is older where another of its agreements gives the registry first', async () => {
    await scene.seal(ids(1));
    scene.log(0, 0);
    const other = { ...changes({ from: '2099-05-01T00:00:00Z' }), id: 'b-taxes', provider: 'GE/GOV/7009', begins: undefined };
    const { begins: _, ...registry } = other;
    scene.clock.set(new Date('2099-06-01T00:00:00Z'));
    const policy = policyOf([changes({ from: '2099-05-31T00:00:00Z' }), registry as ReturnType<typeof terms>]);
    await scene.start(new FakePolicy(policy));
    await until(() => scene.handed(TAXES).length === 1);
    expect(scene.handed(TAXES)[0]?.faults?.map(({ code }) => code)).toContain('POLICY_BEFORE_BEGIN');
  });
});

describe('when a consumer lost everything', () => {
  it('gets the whole registry again as a load of its own, told complete once', async () => {
    await scene.seal(ids(3));
    scene.log(0, 2);
    const delivery = await scene.start(given(), { chunkRecords: 2 });
    await until(() => scene.marks(PENSIONS).length === 1);
    const { replay, complete } = await delivery.replays.begin(order);
    await scene.seal(ids(1, 4));
    scene.log(3, 3);
    await until(() => scene.delivered(PENSIONS).length === 7);
    await until(() => scene.marks(PENSIONS).length === 2);
    expect(complete).toBe(true);
    expect(told().slice(4)).toEqual([...[4, 5, 6].map((number) => `${number} ${replay} again`), `loaded ${replay}`, '7']);
    const [act] = scene.onTopic('audit').map(({ value }) => JSON.parse(String(value)) as object);
    expect(act).toMatchObject({ by: PENSIONS, after: replay, why: 'the disk is gone' });
  });

  it('may ask again before the first one is complete: that one is never told, the other once', async () => {
    await scene.seal(ids(4));
    scene.log(0, 3);
    const policy = given();
    const delivery = await scene.start(policy, { chunkRecords: 1 });
    await until(() => scene.marks(PENSIONS).length === 1);
    policy.set('CONFIGURATION_EXPIRED');
    const first = await delivery.replays.begin(order);
    const second = await delivery.replays.begin(order);
    policy.set(policyOf([terms(PENSIONS)], { version: 'p2' }));
    await until(() => scene.marks(PENSIONS).length === 2);
    expect(scene.marks(PENSIONS)[1]?.load).toBe(second.replay);
    expect(told().filter((line) => line.includes(first.replay))).toEqual([]);
    expect(told().filter((line) => line.endsWith('again'))).toHaveLength(4);
  });

  it('is told so too where there is nothing', async () => {
    const delivery = await scene.start(given());
    await until(() => scene.marks(PENSIONS).length === 1);
    const { replay } = await delivery.replays.begin(order);
    await until(() => scene.marks(PENSIONS).length === 2);
    expect(scene.marks(PENSIONS)[1]).toMatchObject({ load: replay, through: 0 });
  });
});

describe('when the evidence topic has forgotten what the ledger said of a register', () => {
  it('still knows what is proven and what is withheld', async () => {
    await scene.seal(ids(4));
    scene.log(0, 3, [1]);
    const first = await scene.start(given());
    await until(() => scene.delivered(PENSIONS).length === 3);
    await first.evidence.save();
    await scene.stop();
    scene.stream.forget('evidence');
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS), terms(TAXES)])));
    await until(() => scene.marks(TAXES).length === 1);
    expect(scene.handed(TAXES).map(({ fate }) => fate)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(scene.delivered(TAXES).map(([id]) => id)).toEqual(['e1', 'e3', 'e4']);
  });
});

const forged = (offset: number) => ({
  ...{ topic: sealedTopic(TYPE), key: `k${offset}`, value: Buffer.from('forged'), headers: {}, partition: 0 },
});
