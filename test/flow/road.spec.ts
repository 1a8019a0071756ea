import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { recordType } from '#record';
import { type Agency, type Instance, startInstance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import { disturb } from './disturb.js';
import { breaches, type Count, type Delivered, judge, printCount, type Told } from './judge.js';
import { Ledger } from './ledger.js';
import { parcel, seeded } from './parcels.js';
import { readOutcomes, readSealed } from './reader.js';
import { sendAll } from './sender.js';

const LOCALITY = recordType('address.locality')!;
const SEED = Number(process.env.KHIDI_FLOW_SEED ?? 2099);
const SUBJECTS = 100;
const CHANGES = 70;
const MOST_CHANGES = 400;
const FAULTY = 0.02;
const REPEATED = 0.01;
/** Kills of each service at random moments; three more at random and three at named points come with the named points. */
const AT_RANDOM = 2;
const KILLS = 16;
/** Transaction markers that may stand at the end of a partition. */
const MARKERS = 9;

/**
 * Sends changes of `SUBJECTS` subjects, one change of each a batch, so that the order is known: at least `CHANGES`, and more for as
 * long as the disturbances last.
 */
async function sendAsAgency(agency: Agency, ledger: Ledger, random: () => number, goOn: () => boolean): Promise<void> {
  for (let change = 1; change <= CHANGES || (goOn() && change <= MOST_CHANGES); change++) {
    const batch = Array.from({ length: SUBJECTS }, (_, subject) =>
      parcel(agency, subject, change, random() < FAULTY ? Math.floor(random() * 5) : undefined),
    );
    await sendAll(agency, batch, ledger);
    const again = batch.filter(() => random() < REPEATED);
    await sendAll(agency, again, ledger);
    await pause((change < CHANGES ? 500 : 2500) + random() * 500); // enough has been sent: only keep something under way
  }
}

/** How far the services have committed, and how much lies before them. A partition may end in a marker that no reader sees. */
async function position(instance: Instance): Promise<{ left: number; at: string }> {
  const topics = (role: string) => instance.topics.filter((topic) => topic.role === role).map(({ name }) => name);
  const lags = await Promise.all([
    instance.client.admin.groupLag('validation', topics('ingress')),
    instance.client.admin.groupLag('signing', topics('validated')),
  ]);
  const left = lags.flat().reduce((sum, { lag }) => sum + (lag > MARKERS ? lag : 0), 0);
  return {
    left,
    at: lags
      .flat()
      .map(({ committed }) => committed ?? '-')
      .join(' '),
  };
}

/** Waits until nothing lies before the services and their offsets rest; reading everything costs far more than asking for that. */
async function settled(instance: Instance): Promise<void> {
  const end = Date.now() + 120_000;
  for (let before = ''; Date.now() < end; ) {
    const { left, at } = await position(instance);
    if (left === 0 && at === before) return;
    before = at;
    await pause(500);
  }
}

/** Waits until every acknowledged record has come out somewhere, or nothing has moved for a long time. */
async function drained(instance: Instance, ledger: Ledger): Promise<{ delivered: Delivered[]; told: Told[] }> {
  await Promise.all([instance.validation.ready(), instance.signing.ready()]);
  for (let before = -1, still = 0; ; ) {
    await settled(instance);
    const delivered = await readSealed(instance, LOCALITY);
    const told = (await Promise.all(instance.agencies.map((agency) => readOutcomes(instance, agency)))).flat();
    const out = new Set([...delivered, ...told.filter((one) => one.kind === 'rejected')].map((one) => one.event));
    const left = [...ledger.acked].filter((event) => !out.has(event)).length;
    still = out.size === before ? still + 1 : 0;
    if (left === 0 || still === 4) return { delivered, told };
    before = out.size;
    process.stdout.write(`  draining: ${left} of ${ledger.acked.size} not yet out\n`);
    await pause(2000);
  }
}

describe('when validation, signing, Kafka and Redis are killed while three agencies send', () => {
  let instance: Instance;
  let count: Count;
  let kills = 0;
  let conflicts = 0;

  beforeAll(async () => {
    instance = await startInstance();
    await registerSchema(instance, 'schemas/address/locality/1.0.json', LOCALITY);
    const ledger = new Ledger(join(instance.folder, 'ledger'));
    const random = seeded(SEED);
    let disturbed = false;
    const disturbance = disturb(instance, random, AT_RANDOM).finally(() => {
      disturbed = true;
    });
    await Promise.all([
      disturbance,
      ...instance.agencies.map((agency) => sendAsAgency(agency, ledger, random, () => !disturbed)),
    ]);
    const { delivered, told } = await drained(instance, ledger);
    conflicts = told.filter((one) => one.kind === 'conflict').length;
    count = judge(ledger, delivered, told);
    kills = instance.validation.killed + instance.signing.killed;
    ledger.close();
    process.stdout.write(
      `flow: ${printCount(count)} conflicts=${conflicts} kills=${kills} ` +
        `restarts=${instance.validation.failed + instance.signing.failed} seed=${SEED}\n`,
    );
  }, 420_000);

  afterAll(() => instance?.stop(), 60_000);

  it('was a real test: 20,000 records and more, ten kills and more, spoilt records and repeats among them', () => {
    expect(count.acked).toBeGreaterThanOrEqual(20_000);
    expect(kills).toBeGreaterThanOrEqual(KILLS);
    expect(count.rejected).toBeGreaterThan(200);
  });

  it('lost, doubled, misordered, altered, invented and left unsigned nothing', () => {
    expect(breaches(count)).toEqual([]);
  });

  it('called no repeat a conflict', () => {
    expect(conflicts).toBe(0);
  });
});
