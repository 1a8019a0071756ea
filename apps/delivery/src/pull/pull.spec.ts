import { FakePolicy, ids, PENSIONS, policyOf, Scene, TAXES, TYPE, terms, until } from '../delivery.fixture.js';
import type { Delivery } from '../delivery.js';
import { writeCursor } from './cursor.js';

jest.setTimeout(60_000);

const lane = { consumer: PENSIONS, type: TYPE };
const here = new AbortController().signal;

let scene: Scene;
let policy: FakePolicy;
let delivery: Delivery;
beforeEach(async () => {
  scene = new Scene();
  policy = new FakePolicy(policyOf([terms(PENSIONS)]));
  delivery = await scene.start(policy);
});
afterEach(() => scene.stop());

async function given(count: number): Promise<void> {
  await scene.seal(ids(count));
  scene.log(0, count - 1);
  await until(() => scene.delivered(PENSIONS).length === count);
}
const page = (more: { after?: string; max?: number; waitMs?: number } = {}, gone = here) =>
  delivery.pull.page(lane, { max: 100, waitMs: 0, ...more }, gone);
const numbers = ({ deliveries }: Awaited<ReturnType<typeof page>>) => deliveries.map(({ number }) => number);

describe('when a consumer fetches', () => {
  it('gets pages in order, each beginning where the one before ended, and the envelopes as they are', async () => {
    await given(5);
    const first = await page({ max: 2 });
    const second = await page({ max: 2, after: first.next });
    const third = await page({ after: second.deliveries[0]?.cursor ?? '' });
    expect([numbers(first), numbers(second), numbers(third)]).toEqual([
      [1, 2],
      [3, 4],
      [4, 5],
    ]);
    const kept = scene.onTopic('delivery.GE-GOV-7002-pensions.population.person').map(({ value }) => String(value));
    expect(first.deliveries.map(({ envelope }) => envelope)).toEqual(kept.slice(0, 2));
    expect(numbers(await page({ after: third.next }))).toEqual([]);
  });

  it('begins behind what was acknowledged, also after a restart, and an older acknowledgement takes nothing back', async () => {
    await given(3);
    const first = await page({ max: 1 });
    const two = await page({ max: 2 });
    await delivery.pull.acknowledge(lane, two.next);
    await delivery.pull.acknowledge(lane, first.next);
    await scene.stop();
    delivery = await scene.start(policy);
    await until(() => delivery.lanes.open().length === 1);
    expect(numbers(await page())).toEqual([3]);
  });

  it('takes nothing back by an older acknowledgement that comes while a newer one is being written', async () => {
    await given(3);
    const [first, two] = [await page({ max: 1 }), await page({ max: 2 })];
    await Promise.all([two.next, first.next].map((next) => delivery.pull.acknowledge(lane, next)));
    expect(numbers(await page())).toEqual([3]);
  });

  it('waits for the first one as long as it is asked to', async () => {
    await given(1);
    const { next } = await page();
    const waiting = page({ after: next, waitMs: 20_000 });
    await scene.seal(ids(1, 2));
    scene.log(1, 1);
    expect(numbers(await waiting)).toEqual([2]);
    expect(numbers(await page({ after: (await page()).next, waitMs: 10 }))).toEqual([]);
  });

  it('waits for eight pages at once at most, by whatever door', async () => {
    await given(1);
    const { next } = await page();
    const gone = new AbortController();
    const waiting = Array.from({ length: 8 }, () => page({ after: next, waitMs: 60_000 }, gone.signal));
    await expect(page()).rejects.toMatchObject({ code: 'DOOR_UNAVAILABLE' });
    gone.abort();
    await Promise.all(waiting);
    expect(numbers(await page())).toEqual([1]);
  });

  it('is let go when it hangs up', async () => {
    await given(1);
    const gone = new AbortController();
    const waiting = page({ after: (await page()).next, waitMs: 60_000 }, gone.signal);
    gone.abort();
    expect(numbers(await waiting)).toEqual([]);
  });
});

describe('when an initial load is complete', () => {
  it('is told by the page in which that happened, and by no later one', async () => {
    await given(2);
    const [mark] = scene.marks(PENSIONS);
    const first = await page();
    expect(mark?.through).toBe(0); // delivery began before there was anything
    expect([first.loaded, numbers(first)]).toEqual([mark, [1, 2]]);
    const { replay } = await delivery.replays.begin({ ...lane, by: PENSIONS, why: 'a test', from: { whole: true } });
    await until(() => scene.marks(PENSIONS).length === 2);
    const again = await page({ after: first.next });
    expect(again.deliveries.map(({ load }) => load)).toEqual([replay, replay]);
    expect(again.loaded).toMatchObject({ load: replay, through: 4 });
    expect(await page({ after: again.next })).not.toHaveProperty('loaded');
  });
});

describe('when a consumer may not have what it asks for', () => {
  it('is told the fault of the policy, also for what was given before', async () => {
    await given(2);
    policy.set(policyOf([terms(PENSIONS)], { revoked: ['a-pensions'], version: 'p2' }));
    await expect(page()).rejects.toMatchObject({ code: 'POLICY_REVOKED' });
    policy.set('STREAM_UNAVAILABLE');
    await expect(page()).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a type without an agreement',
      () => delivery.pull.page({ consumer: TAXES, type: TYPE }, { max: 1, waitMs: 0 }, here),
      'DOOR_NOT_FOUND',
    ],
    ['a cursor of another topic', () => page({ after: writeCursor('delivery.x', 1n) }), 'DOOR_CURSOR'],
    ['a cursor that is none', () => page({ after: '?' }), 'DOOR_CURSOR'],
    ['an acknowledgement of another topic', () => delivery.pull.acknowledge(lane, writeCursor('x', 1n)), 'DOOR_CURSOR'],
  ])('refuses %s', async (_, ask, code) => {
    await given(1);
    await expect(ask()).rejects.toMatchObject({ code });
  });
});
