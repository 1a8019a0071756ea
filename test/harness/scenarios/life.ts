import getPort from 'get-port';
import { ServiceProcess } from '../../instance/service-process.js';
import type { Road } from '../road.js';
import type { Scenario } from '../scenario.js';

/** Longer than a session (6 s) that a silent member of a group has. */
const BEYOND_SESSION_MS = 9000;

/** In the order of docs/runbooks/upgrade.md. */
export const servicesOf = ({ instance, delivery }: Road): readonly ServiceProcess[] => [
  instance.registry,
  instance.ledger,
  instance.signing,
  instance.validation,
  delivery,
  ...instance.agencies.map(({ adapter }) => adapter),
];

/** A second instance of a service on a port of its own. */
async function twinOf({ command }: ServiceProcess, n: number): Promise<ServiceProcess> {
  const port = await getPort();
  const env = { ...command.env, KHIDI_PORT: String(port) };
  return new ServiceProcess({ ...command, port, env, name: `${command.name}-${n}`, log: `${command.log}.${n}` });
}

const signal = (service: ServiceProcess, name: NodeJS.Signals): void => {
  if (service.pid !== undefined) process.kill(service.pid, name);
};

export const LIFE: readonly Scenario[] = [
  {
    name: 'rolling-restart',
    faults: [6],
    what: 'SIGTERM and a new start of every service, one after another; none may end uncleanly',
    stage: 'plain',
    async disturb(road, { tell, wrong }) {
      for (const service of servicesOf(road)) {
        const before = service.unclean;
        tell(`SIGTERM ${service.command.name}`);
        await service.stop();
        if (service.unclean > before) wrong(`${service.command.name} did not end cleanly`);
        service.start();
        await service.ready();
      }
    },
  },
  {
    name: 'zombies',
    faults: [7],
    what: 'SIGSTOP of validation, signing, delivery beyond a session while a twin takes over, then SIGCONT: the zombie may do nothing',
    stage: 'plain',
    async disturb(road, { tell, pause, moves }) {
      const { validation, signing } = road.instance;
      // No second ledger can take over: its log lets one process in, also while that one stands still.
      for (const service of [validation, signing, road.delivery]) {
        const twin = await twinOf(service, 2);
        tell(`SIGSTOP ${service.command.name}; its twin takes over`);
        signal(service, 'SIGSTOP');
        twin.start();
        await twin.ready();
        await pause(BEYOND_SESSION_MS);
        await moves();
        tell(`SIGCONT ${service.command.name}`);
        signal(service, 'SIGCONT');
        await pause(1500);
        await twin.stop();
        await moves();
      }
    },
  },
  {
    name: 'stalled',
    faults: [11],
    what: 'validation, signing, ledger or delivery stands still for longer than a session, with nobody to take over',
    stage: 'plain',
    async disturb(road, { tell, pause, random, moves }) {
      const { validation, signing, ledger } = road.instance;
      const services = [validation, signing, ledger, road.delivery];
      const service = services[Math.floor(random() * services.length)] ?? road.delivery;
      tell(`SIGSTOP ${service.command.name} for ${BEYOND_SESSION_MS / 1000} s`);
      signal(service, 'SIGSTOP');
      await pause(BEYOND_SESSION_MS);
      signal(service, 'SIGCONT');
      await moves();
    },
  },
  {
    name: 'rebalance-storm',
    faults: [10],
    what: 'second instances of validation and signing join and leave every one to three seconds',
    stage: 'plain',
    async disturb({ instance }, { tell, pause, random, moves }) {
      tell('twins of validation and signing come and go six times');
      const storm = async (service: ServiceProcess): Promise<void> => {
        const twin = await twinOf(service, 3);
        for (let i = 0; i < 6; i++) {
          twin.start();
          await pause(1000 + random() * 2000);
          if (random() < 0.5) twin.kill();
          await twin.stop();
        }
      };
      await Promise.all([storm(instance.validation), storm(instance.signing)]);
      await moves();
    },
  },
];
