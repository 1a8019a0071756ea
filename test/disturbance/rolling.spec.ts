import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { recordType } from '#record';
import { breaches, type Count, judge, printCount } from '../flow/judge.js';
import { Ledger } from '../flow/ledger.js';
import { parcel, seeded } from '../flow/parcels.js';
import { readOutcomes, readSealed } from '../flow/reader.js';
import { sendAll } from '../flow/sender.js';
import { type Agency, type Instance, startInstance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import type { ServiceProcess } from '../instance/service-process.js';

const LOCALITY = recordType('address.locality')!;
const SEED = Number(process.env.KHIDI_FLOW_SEED ?? 2099);
const SUBJECTS = 50;
const FAULTY = 0.02;

describe('when every service is started anew, one after another, while agencies send', () => {
  let instance: Instance;
  let count: Count;
  /** How each service ended: by itself and cleanly, or not. */
  let unclean = 0;

  beforeAll(async () => {
    instance = await startInstance();
    await registerSchema(instance, 'schemas/address/locality/1.0.json', LOCALITY);
    const ledger = new Ledger(join(instance.folder, 'ledger'));
    const random = seeded(SEED);
    let rolled = false;
    const rolling = roll(instance).finally(() => {
      rolled = true;
    });
    await Promise.all([rolling, ...instance.agencies.map((agency) => sendWhile(agency, ledger, random, () => !rolled))]);
    unclean = services(instance).reduce((sum, service) => sum + service.failed + service.killed + service.unclean, 0);
    count = await counted(instance, ledger);
    ledger.close();
    process.stdout.write(`rolling: ${printCount(count)} restarts=${services(instance).length} unclean=${unclean} seed=${SEED}\n`);
  }, 400_000);

  afterAll(() => instance?.stop(), 60_000);

  it('was a real test', () => {
    expect(count.acked).toBeGreaterThan(1000);
    expect(count.rejected).toBeGreaterThan(0);
  });

  it('loses nothing, doubles nothing, and every service ends cleanly when it is asked to', () => {
    expect(breaches(count)).toEqual([]);
    expect(unclean).toBe(0);
  });
});

/** In the order of docs/runbooks/upgrade.md. */
const services = ({ registry, ledger, signing, validation, agencies }: Instance): readonly ServiceProcess[] => [
  registry,
  ledger,
  signing,
  validation,
  ...agencies.map(({ adapter }) => adapter),
];

async function roll(instance: Instance): Promise<void> {
  for (const service of services(instance)) {
    await service.stop();
    service.start();
    await service.ready();
    await pause(2000); // something comes through between two restarts
  }
}

async function sendWhile(agency: Agency, ledger: Ledger, random: () => number, goOn: () => boolean): Promise<void> {
  for (let change = 1; goOn(); change++) {
    const batch = Array.from({ length: SUBJECTS }, (_, subject) =>
      parcel(agency, subject, change, random() < FAULTY ? Math.floor(random() * 5) : undefined),
    );
    await sendAll(agency, batch, ledger);
    await pause(500 + random() * 500);
  }
}

/** Waits until every acknowledged record has come out somewhere, and counts. */
async function counted(instance: Instance, ledger: Ledger): Promise<Count> {
  for (let tries = 0; ; tries++) {
    const delivered = await readSealed(instance, LOCALITY);
    const told = (await Promise.all(instance.agencies.map((agency) => readOutcomes(instance, agency)))).flat();
    const out = new Set([...delivered, ...told.filter(({ kind }) => kind === 'rejected')].map(({ event }) => event));
    if (tries === 30 || [...ledger.acked].every((event) => out.has(event))) return judge(ledger, delivered, told);
    await pause(2000);
  }
}
