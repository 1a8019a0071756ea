import { PERSON, persons } from '../../examples/registries/index.js';
import type { Instance } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { fill, type Load } from './fill.js';
import { type Progress, type Row, row } from './measure.js';
import { Relay } from './relay.js';
import { type Pids, type Run, timed } from './timed-run.js';

/** How many records a chunk of the relay has, and of a service at most. */
export const CHUNK = 400;

/** Synthetic persons of 1 KB, all sound. */
function* load(count: number, from: number): Generator<Load> {
  for (const { bytes } of persons({ count, from })) yield { type: PERSON, body: bytes };
}

/** The topics of persons by their place on the road. */
export interface Topics {
  readonly ingress: readonly string[];
  readonly validated: readonly string[];
}

/** A road and the relay that it is held against. */
export interface Plan {
  readonly count: number;
  readonly relayHops: 2 | 3;
  /** The hops of the road, in order. */
  readonly services: Readonly<Record<string, ServiceProcess>>;
  /** How far the road has come; asked for the first time when its last hop alone is ready. */
  readonly progress: (topics: Topics) => () => Promise<Progress>;
}

export interface Both {
  readonly names: readonly string[];
  readonly road: Run;
  readonly relay: readonly [before: Run, after: Run];
}

/**
 * Half of the records through the relay, then all of them through the road, then the other half through the relay, so that a machine that
 * drifts does not decide. All other services rest.
 */
export async function besideRelay(
  instance: Instance,
  { count, relayHops, services, progress }: Plan,
  tell: (text: string) => void,
): Promise<Both> {
  const topics = (role: string) =>
    instance.topics.filter((one) => one.role === role && one.name.endsWith(PERSON)).map(({ name }) => name);
  const [ingress, validated] = [topics('ingress'), topics('validated')];
  const { validation, signing, ledger } = instance;
  await Promise.all(
    [validation, signing, ledger, ...instance.agencies.map(({ adapter }) => adapter)].map((service) => service.stop()),
  );
  const relay = new Relay(instance, ingress, CHUNK, relayHops);
  await relay.prepare();
  const names = Object.keys(services);
  const pidsOf = (pids: readonly number[]): Pids => ({
    ...Object.fromEntries(names.map((name, i) => [name, pids[i] ?? 0])),
    broker: instance.brokerPid(),
  });
  const relayed = async (records: number): Promise<Run> => {
    await relay.start();
    const run = await timed(pidsOf(relay.pids), records, () => relay.progress(), tell, 'the bare relay');
    await relay.stop();
    return run;
  };

  const half = Math.floor(count / 2);
  const filled = (run: string, records: number, from: number) =>
    fill(instance, `${run}-${relayHops}`, load(records, from), (done) =>
      tell(`filling the ingress topics: ${from + done} of ${count}`),
    );
  await filled('first', half, 0);
  const before = await relayed(half);
  await filled('second', count - half, half);
  const processes = Object.values(services);
  const asked = progress({ ingress, validated });
  for (const service of [...processes].reverse()) {
    service.start();
    await service.ready();
    await asked(); // the first answer is from before anything could come to the last hop
  }
  const pids = pidsOf(processes.map(({ pid }) => pid ?? 0));
  const road = await timed(pids, count, asked, tell, 'the road');
  const after = await relayed(count - half);
  return { names, road, relay: [before, after] };
}

/**
 * Rate and processor time of each hop beside the relay's. How much the relay itself gained from before the road to after it says how far the
 * broker was from warm: its compiler takes up to half of its time for the first 200,000 records, whoever sends them.
 */
export function comparison(what: string, { names, road, relay }: Both): Row[] {
  const [before, after] = relay;
  const per = (process: string) => (before.cpu[process] ?? Number.NaN) / 2 + (after.cpu[process] ?? Number.NaN) / 2;
  return [
    row(what, road.rate, 'records/s', {
      name: 'bare relay, stock kafkajs',
      value: 2 / (1 / before.rate + 1 / after.rate),
    }),
    ...names.map((name, i) =>
      row(`${name}: processor time`, road.cpu[name] ?? Number.NaN, 'µs/record', { name: `relay hop ${i + 1}`, value: per(name) }),
    ),
    row('relay after the road', after.rate, 'records/s', { name: 'relay before the road', value: before.rate }),
    row('broker: processor time', road.cpu.broker ?? Number.NaN, 'µs/record', { name: 'during the relay', value: per('broker') }),
  ];
}
