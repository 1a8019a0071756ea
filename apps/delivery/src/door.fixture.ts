import { hashSecret, newSecret, type RunningService, runService } from '#http';
import { createLogger, createMetrics } from '#telemetry';
import { CitizenDesk } from './citizens/citizen-desk.js';
import { type Scene, TYPE } from './delivery.fixture.js';
import type { Delivery } from './delivery.js';
import { deliveryModule } from './delivery.module.js';

const { secret } = newSecret();

/** What proves a caller of a door under test; with another password it proves nobody. */
export const basic = (user: string, password = secret): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** The HTTP service of a delivery of the scene, to which these consumers and `operator-1` may come. */
export async function openDoor(scene: Scene, delivery: Delivery, ...consumers: readonly string[]): Promise<RunningService> {
  const metrics = createMetrics('delivery');
  const known =
    (...users: readonly string[]) =>
    () =>
      new Map(users.map((user) => [user, [hashSecret(secret)]]));
  const [callers, operators, portals] = [known(...consumers), known('operator-1'), known('portal')];
  const { now } = scene.clock;
  const { desk, pull, subscriptions, replays, lanes, receipts } = delivery;
  const citizens = new CitizenDesk({
    handovers: undefined,
    keeper: { pseudonyms: () => Promise.reject(new Error('nobody is asked')) },
    audit: { write: () => Promise.reject(new Error('nothing is written')) },
    names: { member: () => undefined, system: () => undefined, purpose: () => undefined },
    types: [TYPE],
    now,
  });
  return runService({
    service: 'delivery',
    module: deliveryModule({
      desk: { desk, callers: operators, metrics },
      pull: { desk: pull, subscriptions, now, operator: scene.membership.operator, callers, metrics },
      replays: { desk: replays, operators, consumers: callers, metrics },
      loads: { lanes, operators, consumers: callers, metrics },
      citizens: { desk: citizens, operators, portals, metrics },
      contents: { desk: undefined, callers, metrics },
      receipts: { desk: receipts, callers, operators, metrics },
      close: async () => undefined,
    }),
    host: '127.0.0.1',
    port: 0,
    log: createLogger('delivery', 'debug', { write: () => undefined }),
    metrics,
    checks: delivery.checks,
  });
}
