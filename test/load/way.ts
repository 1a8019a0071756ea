import { setTimeout as pause } from 'node:timers/promises';
import { deliveryTopic, HEADER, type SubsystemId } from '#record';
import type { Tail } from '#stream';
import { PERSON, persons } from '../../examples/registries/index.js';
import { directoryOf, PROVIDER } from '../flow/exchange.js';
import { besideInstance, prepareDelivery } from '../instance/delivery.js';
import { agencyOf, type Instance } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { eventLine, sendLines } from './door.js';
import { cpuSeconds, quantile, type Row, row } from './measure.js';
import { sendPaced } from './pace.js';

const CONSUMERS = ['GE/GOV/7002/base-registry', 'GE/GOV/7003/base-registry', 'GE/GOV/7003/statistics'] as SubsystemId[];
const PER_SECOND = 100;
/** What is sent before anything counts. */
const WARM = 15_000;

/**
 * The whole way: from the door of one agency's adapter to the delivery topics of three consumers, through validation, signing,
 * ledger and delivery. First records a second of one NDJSON file of `count` lines, from its first byte to the last record at the last consumer;
 * then the time from 202 to the last of the three at 100 single events a second.
 */
export async function benchWay(instance: Instance, count: number, tell: (text: string) => void): Promise<Row[]> {
  const agency = agencyOf(instance, PROVIDER);
  const { validation, signing, ledger } = instance;
  const delivery = await startDelivery(instance);
  const arrivals = new Arrivals();
  try {
    await delivery.ready();
    await arrivals.listen(instance);
    const file = async (run: string, lines: number, from: number): Promise<number> => {
      const begun = performance.now();
      const before = arrivals.complete;
      async function* body(): AsyncGenerator<Buffer> {
        for (const { id, bytes } of persons({ count: lines, from })) yield eventLine(agency, `${run}-${id}`, bytes);
      }
      if ((await sendLines(agency, body())) !== lines) throw new Error('a line was not accepted');
      await arrivals.until(before + lines, (done) => tell(`the whole way: ${done - before} of ${lines}`));
      return lines / ((performance.now() - begun) / 1000);
    };
    await file('way-warm', WARM, 600_000);
    const parts = { adapter: agency.adapter, validation, signing, ledger, delivery };
    const pids = { ...mapValues(parts, ({ pid }) => pid ?? 0), broker: instance.brokerPid(), 'this benchmark': process.pid };
    const before = mapValues(pids, cpuSeconds);
    const rate = await file('way', count, 610_000);
    const micros = mapValues(pids, (pid, name) => ((cpuSeconds(pid) - before[name]) / count) * 1e6);

    const answered = new Map<string, number>();
    const paced = { agency, perSecond: PER_SECOND, count: PER_SECOND * 30, from: 690_000, run: 'way-paced' };
    const had = arrivals.complete;
    await sendPaced(paced, (id) => answered.set(id, performance.now()), tell);
    await arrivals.until(had + paced.count, () => undefined);
    const durations = [...answered].map(([id, at]) => Math.max(0, (arrivals.last(id) ?? Number.NaN) - at));
    return [
      row(`the whole way to ${CONSUMERS.length} consumers, ${count} records`, rate, 'records/s'),
      ...Object.entries(micros).map(([name, value]) => row(`${name}: processor time on the whole way`, value, 'µs/record')),
      row(`202 to the last of ${CONSUMERS.length} consumers at ${PER_SECOND}/s, p50`, quantile(durations, 0.5), 'ms'),
      row(`202 to the last of ${CONSUMERS.length} consumers at ${PER_SECOND}/s, p99`, quantile(durations, 0.99), 'ms'),
    ];
  } finally {
    await arrivals.stop();
    await delivery.stop();
  }
}

/** Delivery beside the instance, with a directory in which the three consumers may have all of a person. */
async function startDelivery(instance: Instance): Promise<ServiceProcess> {
  const wanted = CONSUMERS.map((consumer) => ({ consumer, fields: 'record' as const }));
  const directory = await directoryOf(wanted, { quota: { records: 1_000_000_000, per: 'hour' } });
  const env = { NODE_ENV: 'production', KHIDI_LOG_LEVEL: 'warn', REDIS_URL: instance.redisUrl };
  const delivery = await prepareDelivery(besideInstance(instance), { directory, env });
  delivery.start();
  return delivery;
}

/** The same names with other values. */
const mapValues = <K extends string, A, B>(of: Readonly<Record<K, A>>, to: (value: A, name: K) => B): Record<K, B> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, to(value as A, name as K)])) as Record<K, B>;

/** When each event had come to every consumer. */
class Arrivals {
  /** How many events all consumers have. */
  complete = 0;
  private readonly seen = new Map<string, { count: number; at: number }>();
  private tails: Tail[] = [];

  async listen({ client }: Instance): Promise<void> {
    for (const topic of CONSUMERS.map((consumer) => deliveryTopic(consumer, PERSON))) {
      while (
        !(await client.admin.endOffsets(topic).then(
          (ends) => ends.length > 0,
          () => false, // delivery makes it once it has read the agreement
        ))
      )
        await pause(200);
      const tail = await client.tail(topic, { fromOffset: 'earliest' }, (records) => {
        const at = performance.now();
        for (const id of records.map(({ headers }) => String(headers[HEADER.id]))) if (id.startsWith('way')) this.arrived(id, at);
      });
      this.tails.push(tail);
    }
  }

  last(id: string): number | undefined {
    return this.seen.get(id)?.at;
  }

  async until(complete: number, tell: (done: number) => void): Promise<void> {
    for (let before = -1, since = Date.now(); this.complete < complete; await pause(50)) {
      if (this.complete !== before) since = Date.now();
      else if (Date.now() - since > 60_000) throw new Error(`only ${before} of ${complete} arrived`);
      before = this.complete;
      tell(before);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.tails.map((tail) => tail.stop()));
  }

  private arrived(id: string, at: number): void {
    const count = (this.seen.get(id)?.count ?? 0) + 1;
    this.seen.set(id, { count, at });
    if (count === CONSUMERS.length) this.complete += 1;
  }
}
