import type { ServiceProcess } from '../../instance/service-process.js';
import type { Road } from '../road.js';
import type { Scenario, Tools } from '../scenario.js';

/** SIGKILL at a random moment, and by itself at one of the named points of its work (reference/reliability.md 7.4, 1 to 5). */
function killed(
  name: string,
  pick: (road: Road) => ServiceProcess,
  points: readonly string[],
  faults: readonly number[],
): Scenario {
  return {
    name: `kill-${name}`,
    faults,
    what: `SIGKILL of ${name} at a random moment, then by itself ${points.join(', ')}`,
    stage: 'plain',
    async disturb(road, tools) {
      const service = pick(road);
      await tools.pause(tools.random() * 1500);
      tools.tell(`SIGKILL ${service.command.name}`);
      service.kill();
      await tools.moves();
      for (const point of points) await atPoint(service, point, tools);
    },
  };
}

async function atPoint(service: ServiceProcess, point: string, { tell, until, random, moves }: Tools): Promise<void> {
  await service.ready(); // not while it is still starting after the kill before
  const before = service.killed;
  tell(`SIGKILL ${service.command.name}, and again by itself ${point}`);
  service.kill({ KHIDI_CRASH_AT: point, KHIDI_CRASH_NTH: String(1 + Math.floor(random() * 3)) });
  await until(`${service.command.name} kills itself ${point}`, () => service.killed >= before + 2);
  await moves();
}

const STREAM = ['after-read', 'after-produce', 'after-commit'];

export const KILLS: readonly Scenario[] = [
  {
    name: 'kill-adapter',
    faults: [1],
    what: 'SIGKILL of each adapter in turn, so that agencies get no answer and send again',
    stage: 'plain',
    async disturb({ instance }, { tell, random, pause, moves }) {
      for (const { adapter } of instance.agencies) {
        await pause(random() * 1000);
        tell(`SIGKILL ${adapter.command.name}`);
        adapter.kill();
        await adapter.ready();
      }
      await moves();
    },
  },
  killed('validation', ({ instance }) => instance.validation, STREAM, [2]),
  killed('signing', ({ instance }) => instance.signing, STREAM, [3]),
  killed('delivery', ({ delivery }) => delivery, ['after-read', 'after-decision', 'after-commit', 'after-post'], [4]),
  killed('ledger', ({ instance }) => instance.ledger, ['after-read', 'after-tiles', 'after-decision', 'after-checkpoint'], [5]),
];
