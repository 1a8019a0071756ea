import { type ChildProcess, spawn } from 'node:child_process';
import { memberId } from '#record';
import { parcel } from '../../flow/parcels.js';
import { sendAll } from '../../flow/sender.js';
import { agencyOf } from '../../instance/instance.js';
import type { Scenario } from '../scenario.js';
import { servicesOf } from './life.js';

const BURNERS = 4;
const BACKLOG = 3000;
const AT_ONCE = 500;
const MEMBER = memberId('GE/GOV/7002')!;
let runs = 0;

const burn = (): ChildProcess => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });

export const LOAD: readonly Scenario[] = [
  {
    name: 'pressure',
    faults: [25],
    what: 'four processes take all the processor time there is, and event loops stand still for moments',
    stage: 'plain',
    async disturb(road, { tell, pause, random, moves }) {
      tell(`${BURNERS} processes that only compute`);
      const burners = Array.from({ length: BURNERS }, burn);
      try {
        for (const { pid } of servicesOf(road)) {
          if (pid === undefined) continue;
          process.kill(pid, 'SIGSTOP');
          await pause(300 + random() * 900);
          process.kill(pid, 'SIGCONT');
        }
        await moves();
      } finally {
        for (const burner of burners) burner.kill('SIGKILL');
      }
    },
  },
  {
    name: 'backlog',
    faults: [26],
    what: `${BACKLOG} records wait while validation is away; how fast they are caught up with is printed`,
    stage: 'plain',
    async disturb({ instance, observer }, { tell, until, ledger, subject }) {
      const { validation } = instance;
      const agency = agencyOf(instance, MEMBER);
      await validation.stop();
      runs += 1;
      for (let at = 0; at < BACKLOG; at += AT_ONCE) {
        const batch = Array.from({ length: AT_ONCE }, (_, i) => parcel(agency, subject + at + i, runs));
        await sendAll(agency, batch, ledger);
      }
      const before = observer.delivered.length;
      const began = Date.now();
      validation.start();
      await until('the backlog is delivered', () => observer.delivered.length >= before + BACKLOG);
      const seconds = (Date.now() - began) / 1000;
      tell(`${BACKLOG} records caught up in ${seconds.toFixed(1)} s, the start of validation included`);
    },
  },
];
