import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import getPort from 'get-port';
import { publicMemberKey } from '#configuration';
import { type Consuming, consume, type Delivery, memorySink, receiptDoor } from '#consumer';
import { decryptionKeys, kidOf, publicJwkOf, type RecordObject, type Signer, signRaw } from '#envelope';
import type { MemberKeyPurpose } from '#policy';
import {
  decodeHandover,
  deliveryTopic,
  HANDOVER_TOPIC,
  type HandedRecord,
  type MemberId,
  memberOf,
  type ReceivedRecord,
  type SubsystemId,
} from '#record';
import { readJsonFile } from '#settings';
import { deadLetterTopic, kafkaClient, planTopics, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { type RunningRedis, startRedis } from '../../deploy/local/redis.js';
import { startBroker, type TestBroker } from '../broker.js';
import { directoryOf, SealedRoad, TYPE } from '../flow/exchange.js';
import { isDelivery, readWhole } from '../flow/reader.js';
import { Credentials } from '../instance/credentials.js';
import { besideBroker, prepareDelivery } from '../instance/delivery.js';
import { Gauges } from '../instance/gauges.js';
import { membershipOf } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';

const PROVIDER = 'GE/GOV/7001/base-registry' as SubsystemId;
const ENCRYPTED = 'GE/GOV/7002/base-registry' as SubsystemId;
const BOUNDED = 'GE/GOV/7003/base-registry' as SubsystemId;
const SILENT = 'GE/GOV/7003/statistics' as SubsystemId;
const CONSUMERS = [ENCRYPTED, BOUNDED, SILENT];
const [SUBJECTS, CHANGES, QUOTA] = [20, 3, 40];
const ALL = SUBJECTS * CHANGES;
const MINUTE_MS = 60_000;
/** What must be left of a minute, so that the quota is used up within it. */
const ROOM_MS = 30_000;

function keyFor(member: MemberId, purpose: MemberKeyPurpose) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicJwkOf(privateKey);
  const published = publicMemberKey(jwk, member, purpose, new Date(Date.now() - MINUTE_MS));
  const signer: Signer = { kid: kidOf(jwk), sign: (bytes) => signRaw('ES256', privateKey as KeyObject, bytes) };
  return { privateKey, published, signer };
}

describe('when agreements ask for encryption, receipts and a quota', () => {
  let broker: TestBroker;
  let client: StreamClient;
  let redis: RunningRedis;
  let folder: string;
  let delivery: ServiceProcess;
  const road = new SealedRoad();
  const opening = keyFor(memberOf(ENCRYPTED), 'encryption');
  const signing = keyFor(memberOf(ENCRYPTED), 'receipts');
  const callers = new Credentials(PROVIDER, ...CONSUMERS);
  const got = new Map<SubsystemId, Delivery[]>(CONSUMERS.map((consumer) => [consumer, []]));
  const troubles: string[] = [];
  const consuming: Consuming[] = [];
  const acked = new Set<string>();
  const waited = { delivered: 0, waits: 0 };
  const again = { delivered: 0, waits: 0 };
  let topics: Record<string, readonly ReceivedRecord[]> = {};
  let handed: (HandedRecord & { readonly consumer: string })[] = [];
  let dead = 0;

  const countOf = (consumer: SubsystemId): number => got.get(consumer)?.length ?? 0;
  async function until(fact: () => boolean | Promise<boolean>, seconds: number): Promise<void> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end && !(await fact()); ) await pause(50);
  }

  async function send(change: number): Promise<void> {
    const publisher = client.publisher();
    const records = await Promise.all(Array.from({ length: SUBJECTS }, (_, s) => road.change(`s${s}-c${change}`, s)));
    const positions = await publisher.publish(records);
    for (let s = 0; s < SUBJECTS; s++) acked.add(`s${s}-c${change}`);
    for (let partition = 0; partition < 4; partition++) {
      const offsets = positions.filter((one) => one.partition === partition).map(({ offset }) => offset);
      await publisher.publish([road.logged(partition, offsets, [])]);
    }
    await publisher.close();
  }

  async function receive(consumer: SubsystemId): Promise<void> {
    const own = { consumer, authorization: callers.of(consumer), url: delivery.url, signer: signing.signer };
    const one = await consume({
      ...{ transport: client.transport, consumer, type: TYPE, sink: memorySink<RecordObject>(), decode: (record) => record },
      keys: { current: () => road.keys, refresh: async () => undefined },
      now: () => new Date(),
      ...(consumer === ENCRYPTED ? { decryption: decryptionKeys([opening.privateKey]) } : {}),
      ...(consumer === ENCRYPTED ? { receipts: receiptDoor({ ...own, now: () => new Date(), firstMs: 50 }) } : {}),
      onApplied: (one) => got.get(consumer)?.push(one),
      onGap: (from, to) => troubles.push(`gap ${from}-${to}`),
      onRefused: (_, { code }) => troubles.push(code),
    });
    consuming.push(one);
  }

  async function receiptsSeenBy(user: SubsystemId): Promise<Seen> {
    const answer = await fetch(`${delivery.url}/v1/receipts?missing=yes`, { headers: { authorization: callers.of(user) } });
    return (await answer.json()) as Seen;
  }
  const missingOf = ({ missing }: Seen, consumer: SubsystemId) => missing.filter((one) => one.consumer === consumer).length;

  beforeAll(async () => {
    broker = await startBroker();
    folder = mkdtempSync(join(tmpdir(), 'khidi-terms-'));
    mkdirSync(join(folder, 'redis'));
    const plan = { folder: join(folder, 'redis'), port: await getPort(), keep: false };
    redis = await startRedis(plan);
    client = kafkaClient({ brokers: [broker.address], clientId: 'test', log: createLogger('test', 'error') });
    await client.admin.ensureTopics(planTopics(readJsonFile(resolve('deploy/kafka/topics.json')), membershipOf()));
    const keys = [opening.published, signing.published];
    const directory = await directoryOf([
      { consumer: ENCRYPTED, fields: 'record', keys, terms: { encryption: 'consumer', receipts: 'PT1M' } },
      { consumer: BOUNDED, fields: 'record', terms: { quota: { records: QUOTA, per: 'minute' } } },
      { consumer: SILENT, fields: 'record', terms: { receipts: 'PT1M' } },
    ]);
    delivery = await prepareDelivery(besideBroker(folder, broker.address, client), {
      ...{ directory, keyRecord: road.keyRecord },
      env: { REDIS_URL: redis.url, KHIDI_CONSUMERS: callers.writeTo(join(folder, 'consumers.json')) },
    });
    delivery.start();
    await delivery.ready();

    const left = MINUTE_MS - (Date.now() % MINUTE_MS);
    if (left < ROOM_MS) await pause(left);
    await send(1);
    const topic = deliveryTopic(BOUNDED, TYPE);
    await until(async () => (await client.admin.topicNames()).includes(topic), 20);
    for (const consumer of CONSUMERS) await receive(consumer);
    await until(() => CONSUMERS.every((consumer) => countOf(consumer) === SUBJECTS), 20);
    process.kill(redis.process.pid, 'SIGKILL'); // what it counted is gone
    redis = await startRedis(plan);
    for (let change = 2; change <= CHANGES; change++) await send(change);
    await until(() => countOf(ENCRYPTED) === ALL && countOf(SILENT) === ALL, 20);
    waited.waits = (await Gauges.of(delivery)).sum('khidi_delivery_waits', BOUNDED);
    waited.delivered = countOf(BOUNDED);
    process.kill(redis.process.pid, 'SIGKILL');
    delivery.kill(); // and with it what it knew itself
    redis = await startRedis(plan);
    await delivery.ready();
    const waits = async () => (await Gauges.of(delivery)).sum('khidi_delivery_waits', BOUNDED);
    await until(async () => (await waits()) === 1, 10);
    again.waits = await waits();
    again.delivered = countOf(BOUNDED);
    await until(() => countOf(BOUNDED) === ALL, 70);
    await until(async () => missingOf(await receiptsSeenBy(SILENT), SILENT) === ALL, 70);
    topics = await whole([...CONSUMERS.map((consumer) => deliveryTopic(consumer, TYPE)), HANDOVER_TOPIC]);
    handed = (topics[HANDOVER_TOPIC] ?? []).flatMap(({ value }) => {
      const handover = decodeHandover(value);
      return (handover?.records ?? []).map((record) => ({ ...record, consumer: handover?.consumer ?? '' }));
    });
    dead = (await whole([deadLetterTopic('delivery')]))[deadLetterTopic('delivery')]?.length ?? 0;
    process.stdout.write(
      `terms: acked=${acked.size} ${CONSUMERS.map((one) => `${one.slice(7)}=${countOf(one)}`).join(' ')} dead=${dead} ` +
        `refused=${handed.filter(({ fate }) => fate === 'refused').length} resting at=${waited.delivered},${again.delivered} killed=${delivery.killed} over quota=${overQuota()} ` +
        `readable=${readable()} receipts missing=${missingOf(await receiptsSeenBy(PROVIDER), SILENT)}\n`,
    );
  }, 240_000);

  afterAll(async () => {
    await Promise.all(consuming.map((one) => one.stop()));
    await delivery?.stop();
    await client?.close();
    await Promise.all([redis?.stop(), broker?.stop()]);
    if (process.env.KHIDI_FLOW_KEEP !== 'yes') rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  async function whole(names: readonly string[]): Promise<Record<string, readonly ReceivedRecord[]>> {
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readWhole({ client }, name)] as const)));
  }

  /** What stands on the topic of a consumer. */
  function deliveriesTo(consumer: SubsystemId): readonly ReceivedRecord[] {
    return (topics[deliveryTopic(consumer, TYPE)] ?? []).filter(isDelivery);
  }

  /** What left beyond the quota within a minute, by the times that Kafka has of the deliveries. */
  function overQuota(): number {
    const byMinute = new Map<number, number>();
    for (const { timestamp } of deliveriesTo(BOUNDED)) {
      const minute = Math.floor(Number(timestamp) / MINUTE_MS);
      byMinute.set(minute, (byMinute.get(minute) ?? 0) + 1);
    }
    return [...byMinute.values()].reduce((sum, count) => sum + Math.max(0, count - QUOTA), 0);
  }

  /** Messages to the consumer with encryption in which anything of a record, or a compact JWS, can be read. */
  function readable(): number {
    return deliveriesTo(ENCRYPTED).filter(({ value }) => {
      const parts = String(value).split('.');
      const text = parts.map((part) => Buffer.from(part, 'base64url').toString('utf8')).join();
      return parts.length !== 5 || text.includes('2099-02-28') || text.includes('ბერიძე');
    }).length;
  }

  it('lost nothing, and gave each record to each consumer once', () => {
    expect(acked.size).toBe(ALL);
    for (const consumer of CONSUMERS) {
      expect(new Set(got.get(consumer)?.map(({ claims }) => claims.event.id))).toEqual(acked);
      const mine = handed.filter((one) => one.consumer === consumer);
      expect([countOf(consumer), mine.length, mine.every(({ fate }) => fate === 'delivered')]).toEqual([ALL, ALL, true]);
    }
    expect([dead, troubles]).toEqual([0, []]);
  });

  it('shows nothing of a record on the topic of the consumer that asked for encryption', () => {
    expect([deliveriesTo(ENCRYPTED).length, readable()]).toEqual([ALL, 0]);
    expect(got.get(ENCRYPTED)?.every(({ record }) => (record as { family?: string }).family === 'ბერიძე')).toBe(true);
  });

  it('rests at the quota until the next window, although Redis forgot what was used', () => {
    expect([waited.delivered, waited.waits, overQuota()]).toEqual([QUOTA, 1, 0]);
  });

  it('rests there also after a kill at the moment at which Redis was emptied', () => {
    expect([delivery.killed, again.delivered, again.waits, overQuota()]).toEqual([1, QUOTA, 1, 0]);
  });

  it('has a receipt of each delivery to who sends them, and shows both sides those that are missing', async () => {
    for (const user of [SILENT, PROVIDER]) expect(missingOf(await receiptsSeenBy(user), SILENT)).toBe(ALL);
    const { lanes } = await receiptsSeenBy(ENCRYPTED);
    expect(lanes.map(({ consumer, received, missing }) => [consumer, received, missing])).toEqual([[ENCRYPTED, ALL, 0]]);
    expect(missingOf(await receiptsSeenBy(PROVIDER), ENCRYPTED)).toBe(0);
    expect(await receiptsSeenBy(BOUNDED)).toMatchObject({ missing: [] });
    expect(readFileSync(join(folder, 'delivery.log'), 'utf8')).not.toContain('ბერიძე');
  });
});

/** What delivery says of receipts. */
interface Seen {
  readonly lanes: readonly { readonly consumer: string; readonly received: number; readonly missing: number }[];
  readonly missing: readonly { readonly consumer: string }[];
}
