import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillDisk } from '../../instance/disk.js';
import type { Scenario } from '../scenario.js';
import { without } from '../stages.js';

export const BROKERS: readonly Scenario[] = [
  {
    name: 'broker-restart',
    faults: [8],
    what: 'the only broker ends, cleanly and by SIGKILL, and starts again on its data',
    stage: 'plain',
    async disturb({ brokers }, { tell, pause, random, moves }) {
      tell('SIGTERM of the broker');
      await brokers.end(0);
      await pause(random() * 2000);
      await brokers.start(0);
      await moves();
      tell('SIGKILL of the broker');
      brokers.kill(0);
      await pause(500 + random() * 2000);
      await brokers.start(0);
    },
  },
  {
    name: 'leader-changes',
    faults: [8],
    what: 'of three brokers, one after another ends (cleanly or by SIGKILL) and comes back, so that every leader moves',
    stage: 'three brokers',
    async disturb({ brokers }, { tell, pause, random, moves }) {
      for (let i = 0; i < brokers.addresses.length; i++) {
        const hard = random() < 0.5;
        tell(`${hard ? 'SIGKILL' : 'SIGTERM'} of broker ${i + 1}`);
        if (hard) brokers.kill(i);
        else await brokers.end(i);
        await moves();
        await pause(random() * 2000);
        await brokers.start(i);
        await moves();
      }
    },
  },
  {
    name: 'broker-lost',
    faults: [8],
    what: 'of three brokers one stays dead by SIGKILL: the road goes on; with a second one gone it waits, and loses nothing',
    stage: 'three brokers',
    async disturb({ brokers }, { tell, pause, random, moves }) {
      const one = Math.floor(random() * 3);
      tell(`SIGKILL of broker ${one + 1}: the road goes on`);
      brokers.kill(one);
      await moves();
      const two = (one + 1) % 3;
      tell(`SIGKILL of broker ${two + 1}: the road waits`);
      brokers.kill(two);
      await pause(4000);
      await Promise.all([brokers.start(one), brokers.start(two)]);
    },
  },
  {
    name: 'disk-full-broker',
    faults: [14],
    what: 'the disk under the broker is full, so that it ends; with room again it is started',
    stage: 'full disk',
    without: without.smallDisk,
    async disturb({ brokers, small }, { tell, until, wrong, pause }) {
      if (small.broker === undefined) return wrong('there is no small file system');
      const filler = join(small.broker, 'filler');
      tell('the disk under the broker is full');
      const { pid } = { pid: brokers.pid(0) };
      fillDisk(filler);
      await until('the broker ends', () => !isRunning(pid), 60).catch(async () => {
        tell('the broker goes on without room; it is ended'); // what it has allocated before may be enough for a while
        await brokers.end(0);
      });
      await pause(500);
      rmSync(filler);
      await brokers.start(0);
    },
  },
];

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process
  }
}
