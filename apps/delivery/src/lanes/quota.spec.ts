import { LocalQuotas } from '#seen';
import { FakePolicy, ids, PENSIONS, policyOf, Scene, TAXES, terms, until } from '../delivery.fixture.js';
import type { Delivery } from '../delivery.js';

jest.setTimeout(60_000);

const numbered = (count: number) => Array.from({ length: count }, (_, i) => [`e${i + 1}`, i + 1]);
const few = (records: number, more: object = {}) => terms(PENSIONS, { quota: { records, per: 'hour' }, ...more });

let scene: Scene;
let policy: FakePolicy;
let delivery: Delivery;
beforeEach(async () => {
  scene = new Scene();
  policy = new FakePolicy(policyOf([few(3), terms(TAXES)]));
  delivery = await scene.start(policy);
});
afterEach(() => scene.stop());

const waits = () => delivery.lanes.open().find(({ name }) => name.consumer === PENSIONS)?.waiting;
/** Records are sealed, and the consumer's lane has given what its quota allows. */
async function usedUp(count: number): Promise<void> {
  await scene.seal(ids(count));
  scene.log(0, count - 1);
  await until(() => waits() === 'DELIVERY_QUOTA');
}
const nextHour = (): void => {
  scene.clock.pass(3_600);
};

describe('when the quota of an agreement is used up', () => {
  it('waits in order until the next window, with nothing lost, and holds up nobody else', async () => {
    await usedUp(8);
    expect(scene.delivered(PENSIONS)).toEqual(numbered(3));
    await until(() => scene.delivered(TAXES).length === 8);
    nextHour();
    policy.set(policyOf([few(3), terms(TAXES)])); // wakes lanes, as the clock would
    await until(() => scene.delivered(PENSIONS).length === 6 && waits() === 'DELIVERY_QUOTA');
    nextHour();
    policy.set(policyOf([few(3), terms(TAXES)]));
    await until(() => scene.delivered(PENSIONS).length === 8);
    expect([scene.delivered(PENSIONS), scene.handed(PENSIONS).length]).toEqual([numbered(8), 8]);
  });

  it('goes on at once where a new version allows more', async () => {
    await usedUp(5);
    policy.set(policyOf([few(3), few(4, { version: 2, from: '2099-02-01T00:00:00Z' }), terms(TAXES)], { version: 'p2' }));
    await until(() => scene.delivered(PENSIONS).length === 4 && waits() === 'DELIVERY_QUOTA');
  });

  it.each([
    ['of the same window, which it tells a Redis that was emptied', 0, 3],
    ['of no window that is over', 3_600, 6],
  ])('remembers after a kill what left under it: %s', async (_, laterSeconds, expected) => {
    await usedUp(8);
    await scene.stop();
    scene.quotas = new LocalQuotas(); // Redis forgot with it
    scene.clock.pass(laterSeconds);
    delivery = await scene.start(policy);
    await until(() => waits() === 'DELIVERY_QUOTA');
    expect(scene.delivered(PENSIONS)).toEqual(numbered(expected));
  });

  it('remembers over a restart what was used', async () => {
    await usedUp(5);
    await scene.stop();
    delivery = await scene.start(policy);
    await until(() => waits() === 'DELIVERY_QUOTA');
    expect(scene.delivered(PENSIONS)).toEqual(numbered(3));
  });
});

it('counts what is delivered and nothing that is refused', async () => {
  policy.set(policyOf([few(3, { origin: 'seal' }), terms(TAXES)], { version: 'p2' }));
  await scene.seal(ids(5));
  scene.log(0, 4);
  await until(() => scene.handed(PENSIONS).length === 5);
  expect([waits(), scene.handed(PENSIONS).map(({ fate }) => fate)]).toEqual([undefined, Array(5).fill('refused')]);
});
