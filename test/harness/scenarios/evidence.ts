import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillDisk, putBack } from '../../instance/disk.js';
import { clockAt } from '../../instance/faketime.js';
import { WINDOW_SECONDS } from '../road.js';
import type { Scenario } from '../scenario.js';
import { without } from '../stages.js';

const readiness = async (url: string): Promise<number> => (await fetch(`${url}/health/ready`)).status;

export const EVIDENCE: readonly Scenario[] = [
  {
    name: 'witnesses-lost',
    faults: [24],
    what: 'two of three witnesses are away for longer than the window: the log rests and nothing is delivered, then it goes on',
    stage: 'evidence',
    async disturb({ witnesses, instance, observer }, { tell, until, pause }) {
      const [w1, w2] = witnesses;
      tell('two of three witnesses are away');
      await Promise.all([w1?.stop(), w2?.stop()]);
      await until('the log rests', async () => (await readiness(instance.ledger.url)) === 503, WINDOW_SECONDS + 30);
      // What was covered before still comes; agencies send on, so that where the log did not hold it back there would be no such pause.
      await until('nothing is delivered any more', async () => {
        const before = observer.delivered.length;
        await pause(2000);
        return observer.delivered.length === before;
      });
      w1?.start();
      w2?.start();
      await until('the log goes on', async () => (await readiness(instance.ledger.url)) === 200);
    },
  },
  {
    name: 'disk-full-tiles',
    faults: [14],
    what: 'the disk under the tiles of the log is full: nothing is delivered, then it goes on, and no tile is torn',
    stage: 'evidence',
    without: without.smallDisk,
    async disturb({ small, instance }, { tell, until, pause, wrong }) {
      if (small.log === undefined) return wrong('there is no small file system');
      tell('the disk under the tiles is full');
      fillDisk(join(small.log, 'filler'));
      await until('the ledger says so', async () => (await readiness(instance.ledger.url)) === 503);
      await pause(1500);
      rmSync(join(small.log, 'filler'));
    },
  },
  {
    name: 'log-rollback',
    faults: [23],
    what: "the files of the log are put back from earlier: the ledger does not start with them, and goes on with today's",
    stage: 'evidence',
    async disturb({ instance, leaves }, { tell, until }) {
      const { ledger, folder } = instance;
      const place = join(folder, 'log');
      const [earlier, today] = [join(folder, 'earlier'), join(folder, 'today')];
      cpSync(place, earlier, { recursive: true });
      await leaves.catchUp();
      const { size } = leaves;
      // What comes out meanwhile may have been logged long before; only a log that has grown differs from its files of earlier.
      await until('the log grows', async () => {
        await leaves.catchUp();
        return leaves.size > size;
      });
      await ledger.stop();
      cpSync(place, today, { recursive: true });
      putBack(earlier, place);
      tell('the files of the log are those of earlier');
      const { failed } = ledger;
      ledger.start();
      await until('the ledger refuses', () => ledger.failed > failed, 60);
      await ledger.stop();
      const said = readFileSync(ledger.command.log, 'utf8');
      putBack(today, place);
      for (const copy of [earlier, today]) rmSync(copy, { recursive: true });
      ledger.start();
      await ledger.ready();
      if (!said.includes('LOG_DIFFERS')) throw new Error('the ledger did not say LOG_DIFFERS');
    },
  },
  {
    name: 'clock-jumps',
    faults: [19],
    what: 'the clocks of ledger, validation, delivery and an adapter jump ten minutes back and ahead, that of signing back',
    stage: 'plain',
    without: without.clock,
    async disturb({ instance, delivery, observer }, { tell, moves, until }) {
      const rests = async () => (await fetch(`${delivery.url}/health/ready`).catch(() => undefined))?.status === 503;
      const { ledger, validation, signing } = instance;
      // A key that was made within these ten minutes is none yet by such a clock: then it must not start.
      const sealsOrRefuses = () => {
        const { length } = observer.delivered;
        const { failed } = signing;
        return () => observer.delivered.length > length || signing.failed > failed;
      };
      const adapters = instance.agencies.slice(0, 1).map(({ adapter }) => adapter);
      for (const service of [ledger, validation, delivery, signing, ...adapters]) {
        for (const shift of service === signing ? ['-10m'] : ['-10m', '+10m']) {
          tell(`the clock of ${service.command.name} at ${shift}`);
          service.kill(clockAt(shift));
          // To a clock that is behind, the configuration was signed in the future: then nothing may leave.
          if (service === delivery && shift === '-10m') await until('delivery says that it rests', rests);
          else if (service === signing) await until('signing seals, or says that its key is of the future', sealsOrRefuses());
          else await moves();
        }
        service.kill(clockAt('+0'));
        await moves();
      }
    },
  },
];
