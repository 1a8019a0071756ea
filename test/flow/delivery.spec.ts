import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Consuming, consume, memorySink } from '#consumer';
import { type EnvelopeClaims, verify } from '#envelope';
import { decodeHandover, deliveryTopic, HANDOVER_TOPIC, type HandedRecord, type SubsystemId } from '#record';
import { readJsonFile } from '#settings';
import { deadLetterTopic, kafkaClient, planTopics, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';
import { besideBroker, prepareDelivery } from '../instance/delivery.js';
import { Gauges } from '../instance/gauges.js';
import { membershipOf } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { directoryOf, SealedRoad, type TestDirectory, TYPE, webhook } from './exchange.js';
import { isDelivery, readWhole } from './reader.js';
import { FELT_MS, outcomesOf, revoked, Sending, startValidation, suspended } from './withdrawn.js';

const BY_KAFKA = 'GE/GOV/7002/base-registry' as SubsystemId;
const BY_WEBHOOK = 'GE/GOV/7003/base-registry' as SubsystemId;
const FIELDS_ONLY = 'GE/GOV/7003/statistics' as SubsystemId;
const SUBJECTS = 20;
const POINTS = ['after-read', 'after-decision', 'after-commit', 'after-post'];
const TOPICS = resolve('deploy/kafka/topics.json');
const REFUSED = 'khidi_deliveries_refused_total';

type Effect = Pick<EnvelopeClaims, 'jti' | 'seq'> & Partial<Pick<EnvelopeClaims, 'sub'>>;

/** What one consumer made of what it got: the exchanges that took effect, in order, and what came again. */
class Effects {
  readonly applied: Effect[] = [];
  readonly seen = new Set<string>();
  repeated = 0;
  /** When something came last. */
  last = 0;

  take(claims: Effect): void {
    this.last = Date.now();
    if (this.seen.has(claims.jti)) this.repeated += 1;
    else this.applied.push(claims);
    this.seen.add(claims.jti);
  }

  misordered(): number {
    const last = new Map<string, number>();
    return this.applied.filter(({ sub, seq }) => {
      const before = last.get(sub ?? '') ?? 0;
      last.set(sub ?? '', seq);
      return seq <= before;
    }).length;
  }
}

describe('when delivery is killed at every named point while it hands over to three consumers', () => {
  let broker: TestBroker;
  let client: StreamClient;
  let folder: string;
  let delivery: ServiceProcess;
  let server: Server;
  let consuming: Consuming;
  let directory: TestDirectory;
  const road = new SealedRoad();
  const byKafka = new Effects();
  const byWebhook = new Effects();
  /** The jti of each record that may be delivered, and of those that the ledger withholds. */
  const logged = new Set<string>();
  const gaps: string[] = [];
  let sent = 0;
  const spoilt = new Set<string>();
  const failedOnce = new Set<string>();
  let isDown = false;
  let handed: Record<string, HandedRecord[]> = {};
  let dead: string[] = [];

  const jtiOf = (envelope: Buffer | null): string => {
    const result = verify(envelope ?? Buffer.alloc(0), { keys: road.keys, now: new Date() });
    if (!result.ok) throw new Error(result.fault.code);
    return result.claims.jti;
  };

  /** A consumer's endpoint: it fails now and then, and never takes one of the records. */
  const answer = (body: Buffer, number: number): number => {
    byWebhook.last = Date.now(); // also what it does not take has left us
    if (isDown) return 503;
    const result = verify(body, { keys: road.keys, now: new Date() });
    if (!result.ok) return 400;
    if (spoilt.has(result.claims.jti)) return 422;
    if (number % 9 === 0 && failedOnce.size < failedOnce.add(result.claims.jti).size) return 503;
    byWebhook.take(result.claims);
    return 204;
  };

  async function send(change: number): Promise<void> {
    const publisher = client.publisher();
    try {
      const records = await Promise.all(Array.from({ length: SUBJECTS }, (_, s) => road.change(`s${s}-c${change}`, s)));
      const positions = await publisher.publish(records);
      for (let partition = 0; partition < 4; partition++) {
        const here = positions.flatMap((one, i) =>
          one.partition === partition ? [{ offset: one.offset, record: records[i] }] : [],
        );
        // One record of some chunks repeats another one, says the ledger: it must never be seen.
        const without = change % 5 === 0 ? here.slice(0, 1) : [];
        for (const one of here) if (!without.includes(one)) logged.add(jtiOf(one.record?.value ?? null));
        await publisher.publish([
          road.logged(
            partition,
            here.map(({ offset }) => offset),
            without.map(({ offset }) => offset),
          ),
        ]);
      }
    } finally {
      await publisher.close();
    }
  }

  const counted = async (metric: string, label: string): Promise<number> => (await Gauges.of(delivery)).sum(metric, label);

  async function readAll(topic: string, onRecord: (value: Buffer | null, record: { headers: object }) => void): Promise<void> {
    const [end] = await client.admin.endOffsets(topic);
    const table = client.transport.read({ topic, partition: 0, from: 'earliest' }, async ({ records, next }) => {
      for (const record of records) onRecord(record.value, record);
      if (next >= BigInt(end?.end ?? '0')) done();
    });
    let done: () => void = () => undefined;
    const finished = new Promise<void>((settle) => {
      done = settle;
    });
    if (end?.end !== '0') await finished;
    await table.stop();
  }

  beforeAll(async () => {
    broker = await startBroker();
    folder = mkdtempSync(join(tmpdir(), 'khidi-delivery-'));
    client = kafkaClient({ brokers: [broker.address], clientId: 'test', log: createLogger('test', 'error') });
    await client.admin.ensureTopics(planTopics(readJsonFile(TOPICS), membershipOf()));
    const hook = await webhook(answer);
    server = hook.server;
    directory = await directoryOf([
      { consumer: BY_KAFKA, fields: 'record' },
      { consumer: BY_WEBHOOK, fields: 'record', webhook: hook.url },
      { consumer: FIELDS_ONLY, fields: ['/id'] },
    ]);
    delivery = await prepareDelivery(besideBroker(folder, broker.address, client), {
      ...{ directory, keyRecord: road.keyRecord, webhooks: [BY_WEBHOOK] },
      env: {
        KHIDI_WEBHOOK_PRIVATE: 'yes',
        KHIDI_WEBHOOK_ATTEMPTS: '4',
        KHIDI_WEBHOOK_PAUSE_MS: '10',
        KHIDI_CHUNK_RECORDS: '30',
      },
    });
    await send(1);
    spoilt.add([...logged][0] ?? '');

    consuming = await consume({
      transport: client.transport,
      consumer: BY_KAFKA,
      type: TYPE,
      keys: { current: () => road.keys, refresh: async () => undefined },
      sink: memorySink(),
      decode: (record) => record,
      now: () => new Date(),
      onApplied: ({ claims }, applied) => (applied === 'applied' ? byKafka.take(claims) : gaps.push(applied)),
      onGap: (from, to) => gaps.push(`${from}-${to}`),
      onRefused: (_, { code }) => gaps.push(code),
    });

    let change = 2;
    for (const [i, point] of POINTS.entries()) {
      delivery.kill({ KHIDI_CRASH_AT: point, KHIDI_CRASH_NTH: '2' }); // whoever starts next kills itself there
      if (i === 0) delivery.start();
      for (let next = 0; delivery.killed <= i; await pause(20)) {
        if (Date.now() < next) continue;
        await send(change++);
        next = Date.now() + 300;
      }
    }
    await delivery.ready();
    await send(change);
    sent = change * SUBJECTS;
    await settled();
    handed = await readHandovers();
    dead = [];
    await readAll(deadLetterTopic('delivery'), (value) => dead.push(jtiOf(value)));
    process.stdout.write(
      `delivery: acked=${sent} logged=${logged.size} kafka=${byKafka.applied.length} webhook=${byWebhook.applied.length} ` +
        `dead=${dead.length} refused=${handed[FIELDS_ONLY]?.length ?? 0} posted again=${byWebhook.repeated} kills=${delivery.killed}\n`,
    );
  }, 180_000);

  afterAll(async () => {
    await consuming?.stop();
    await delivery?.stop();
    server?.closeAllConnections();
    server?.close();
    await client?.close();
    await broker?.stop();
    if (process.env.KHIDI_FLOW_KEEP !== 'yes') rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  async function readHandovers(): Promise<Record<string, HandedRecord[]>> {
    const found: Record<string, HandedRecord[]> = {};
    await readAll(HANDOVER_TOPIC, (value) => {
      const handover = decodeHandover(value);
      if (handover !== undefined) found[handover.consumer] = [...(found[handover.consumer] ?? []), ...handover.records];
    });
    return found;
  }

  /** Until every consumer has everything, or nothing has moved for a while: then the count says what is missing. */
  async function settled(): Promise<void> {
    for (let before = '', still = 0; still < 50; await pause(100)) {
      const refused = (await readHandovers())[FIELDS_ONLY]?.length ?? 0;
      const now = `${byKafka.applied.length} ${byWebhook.applied.length} ${refused}`;
      if (now === `${logged.size} ${logged.size - 1} ${logged.size}`) return;
      still = now === before ? still + 1 : 0;
      before = now;
    }
  }

  it('was a real test: killed at each point, something withheld, something that the webhook never took', () => {
    expect(delivery.killed).toBeGreaterThanOrEqual(POINTS.length);
    expect(logged.size).toBeLessThan(sent);
    expect(dead).toHaveLength(1);
  });

  it('lost nothing and let nothing out that the log does not prove, for the consumer that reads its topic', () => {
    expect(new Set(byKafka.applied.map(({ jti }) => jti))).toEqual(logged);
    expect([byKafka.applied.length, byKafka.misordered(), gaps]).toEqual([logged.size, 0, []]);
  });

  it('numbered without a gap, and said of each record once what became of it', () => {
    for (const consumer of [BY_KAFKA, BY_WEBHOOK]) {
      const records = handed[consumer] ?? [];
      expect(records.map(({ number }) => number)).toEqual(Array.from(logged, (_, i) => i + 1));
      expect(new Set(records.map(({ jti }) => jti))).toEqual(logged);
    }
  });

  it('brought each to the webhook, or kept it as a dead letter, never both', () => {
    const brought = new Set<string>(byWebhook.applied.map(({ jti }) => jti));
    expect(dead.filter((jti) => brought.has(jti))).toEqual([]);
    expect(new Set([...brought, ...dead])).toEqual(logged);
    expect(byWebhook.misordered()).toBe(0);
  });

  it('leaked no field to the consumer whose agreement covers one only', async () => {
    const records = handed[FIELDS_ONLY] ?? [];
    expect(new Set(records.map(({ fate, faults }) => `${fate} ${faults?.[0]?.code}`))).toEqual(
      new Set(['refused DELIVERY_FIELDS_WIDER']),
    );
    expect(new Set(records.map(({ jti }) => jti))).toEqual(logged);
    const standing = await readWhole({ client }, deliveryTopic(FIELDS_ONLY, TYPE));
    expect(standing.filter(isDelivery)).toEqual([]);
  });

  it('lets nothing out, and takes nothing in, five seconds after agreements are revoked and a member suspended', async () => {
    const validation = await startValidation(broker.address, folder, join(folder, 'anchor.json'));
    const publisher = client.publisher();
    const publish = async (...change: Parameters<TestDirectory['next']>): Promise<number> => {
      await publisher.publish([await directory.next(...change)]);
      return Date.now();
    };
    try {
      const before = byWebhook.applied.length;
      let change = 1000;
      const sending = new Sending(client, () => send(change++));
      isDown = true; // then all subjects wait for the endpoint at once
      while ((await counted('khidi_webhook_circuit_open', BY_WEBHOOK)) === 0) await pause(50);
      await pause(300);
      isDown = false;
      while (byWebhook.applied.length < before + SUBJECTS) await pause(20); // in the middle of it
      const revokedAt = await publish(2, revoked);
      while ((await counted(REFUSED, 'fault="POLICY_REVOKED"')) === 0) await pause(100);
      const suspendedAt = await publish(3, (first) => suspended(revoked(first)));
      await sending.watched(suspendedAt);
      const told = await outcomesOf(client, new Set(sending.sent.keys()));
      const faultsOf = (from: number, to: number) =>
        [...sending.sent].filter(([, at]) => at > from && at < to).map(([id]) => told.get(id)?.faults?.[0]?.code);
      const early = faultsOf(0, revokedAt);
      const late = faultsOf(suspendedAt + FELT_MS, Number.POSITIVE_INFINITY);
      process.stdout.write(
        `withdrawn: topic ${byKafka.last - revokedAt} ms, webhook ${byWebhook.last - revokedAt} ms after the revocation; ` +
          `${early.length} records sent before, ${late.length} later than 5 s after the suspension\n`,
      );
      expect(byKafka.last - revokedAt).toBeLessThan(FELT_MS);
      expect(byWebhook.last - revokedAt).toBeLessThan(FELT_MS);
      expect([early.length > 0, late.length > 0]).toEqual([true, true]);
      expect(early).not.toContain('MEMBER_SUSPENDED');
      expect(new Set(late)).toEqual(new Set(['MEMBER_SUSPENDED']));
      expect(readFileSync(join(folder, 'delivery.log'), 'utf8')).not.toContain('MaxListenersExceededWarning');
    } finally {
      await publisher.close();
      await validation.stop();
    }
  }, 180_000);
});
