import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SubsystemId } from '#record';
import { readJsonFile } from '#settings';
import { alterTopics, kafkaClient, planTopics, type StreamClient, topicDifferences } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';
import { Credentials } from '../instance/credentials.js';
import { besideBroker, prepareDelivery } from '../instance/delivery.js';
import { membershipOf } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { directoryOf, SealedRoad, TYPE } from './exchange.js';
import { marksOn, Receiver, Registry } from './load.js';

const OLD = 'GE/GOV/7002/base-registry' as SubsystemId;
const NEW = 'GE/GOV/7003/base-registry' as SubsystemId;
const CHANGES = 'GE/GOV/7003/statistics' as SubsystemId;
const SUBJECTS = 40;
const POINTS = ['after-decision', 'after-commit', 'at-load-end'];
const TOPICS = resolve('deploy/kafka/topics.json');
const KEPT = 'sealed.population.person';

describe('when a consumer joins a registry that goes on changing, and delivery is killed while it loads', () => {
  let broker: TestBroker;
  let client: StreamClient;
  let folder: string;
  let delivery: ServiceProcess;
  let registry: Registry;
  let kept: readonly (readonly string[])[];
  const road = new SealedRoad();
  const fresh = new Receiver(NEW);
  const changes = new Receiver(CHANGES);
  const again = new Receiver(NEW);
  const operator = new Credentials('operator-1');
  const consumer = new Credentials(NEW);
  /** When the registry was half sent: a replay goes back to there. */
  let half = '';
  let applied = 0;
  let replays: readonly Receiver['taken'][] = [];

  const ask = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const authorization = body !== undefined && 'whole' in body ? consumer.of(NEW) : operator.of('operator-1');
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${delivery.url}${path}`, { ...init, headers: { authorization } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };

  beforeAll(async () => {
    broker = await startBroker();
    folder = mkdtempSync(join(tmpdir(), 'khidi-load-'));
    const cluster = { brokers: [broker.address], clientId: 'test', log: createLogger('test', 'error') };
    client = kafkaClient(cluster);
    const { registers: _, ...before } = readJsonFile(TOPICS) as Record<string, unknown>;
    await client.admin.ensureTopics(planTopics(before, membershipOf())); // as it was before there were registers
    const plan = planTopics(readJsonFile(TOPICS), membershipOf());
    kept = [await alterTopics(cluster, plan), await topicDifferences(cluster, plan)].map((some) =>
      some.map(({ topic, setting }) => `${topic} ${setting}`),
    );
    registry = new Registry(client, road, SUBJECTS);
    for (let change = 0; change < 8; change++) {
      if (change === 4) half = await nextSecond();
      await registry.send(true);
    }
    const changesFrom = (await nextSecond()).replace('.000Z', 'Z');
    const directory = await directoryOf([
      { consumer: OLD, fields: 'record' },
      { consumer: NEW, fields: 'record' },
      { consumer: CHANGES, fields: 'record', changesFrom },
    ]);
    const without = await directory.next(2, (all) => ({ ...all, agreements: all.agreements.slice(0, 1) }));
    delivery = await prepareDelivery(besideBroker(folder, broker.address, client), {
      ...{ directory: { anchor: directory.anchor, record: without }, keyRecord: road.keyRecord },
      env: {
        KHIDI_CHUNK_RECORDS: '10',
        KHIDI_CALLERS: operator.writeTo(join(folder, 'operators.json')),
        KHIDI_CONSUMERS: consumer.writeTo(join(folder, 'consumers.json')),
      },
    });
    delivery.start();
    await delivery.ready();
    // The points are for the load of the new consumer: that of the one before is over.
    while (!JSON.stringify(await ask('/v1/loads')).includes('"complete"')) await pause(50);

    for (const [i, point] of POINTS.entries()) {
      if (i === 0) await registry.publish(await directory.next(3, (all) => all));
      const nth = point === 'at-load-end' ? '1' : '6';
      delivery.kill({ KHIDI_CRASH_AT: point, KHIDI_CRASH_NTH: nth }); // the first time it runs, later it has just killed itself
      // A build that never comes to a point is told by the count.
      for (let next = 0, end = Date.now() + 15_000; delivery.killed <= i + 1 && Date.now() < end; await pause(10)) {
        if (Date.now() < next) continue;
        await registry.send(false);
        next = Date.now() + 300;
      }
      if (i === 0) await Promise.all([fresh, changes].map((one) => one.start(client, road.keys)));
    }
    await delivery.ready();
    await registry.send(false);
    await settled(fresh, registry.logged.length, 1);
    await settled(changes, registry.logged.filter(({ before: early }) => !early).length, 0);
    applied = fresh.taken.filter((one) => one.applied === 'applied').length;

    const order = { consumer: NEW, type: TYPE, why: 'a test' };
    const from = fresh.taken.length;
    await ask('/v1/replays', { ...order, since: half });
    await settled(fresh, from + registry.logged.length - SUBJECTS * 4 + withheldUpTo(4), 1);
    const then = fresh.taken.length;
    await ask('/v1/replays', { ...order, whole: true });
    await settled(fresh, then + registry.logged.length, 2);
    replays = [fresh.taken.slice(from, then), fresh.taken.slice(then)];
    await again.start(client, road.keys);
    await settled(again, fresh.taken.length, 2);
    process.stdout.write(
      `load: logged=${registry.logged.length} before=${registry.logged.filter(({ before: early }) => early).length} ` +
        `loaded=${fresh.around(0)[0].length} after=${applied - fresh.around(0)[0].length} marks=${await marksOn(client, NEW)} ` +
        `changes only=${changes.taken.length} replayed=${replays.map((some) => some.length).join('+')} ` +
        `effects of it=${replays.flat().filter((one) => one.applied === 'applied').length} kills=${delivery.killed}\n`,
    );
  }, 120_000);

  afterAll(async () => {
    await Promise.all([fresh, changes, again].map((one) => one.stop()));
    await delivery?.stop();
    await client?.close();
    await broker?.stop();
    if (process.env.KHIDI_FLOW_KEEP !== 'yes') rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  /** Until a consumer has everything and was told so, or nothing has moved for a while: then the count says what is missing. */
  async function settled(receiver: Receiver, deliveries: number, marks: number): Promise<void> {
    for (let before = -1, still = 0; still < 50; await pause(100)) {
      if (receiver.taken.length >= deliveries && receiver.marks.length >= marks) return;
      still = receiver.told.length === before ? still + 1 : 0;
      before = receiver.told.length;
    }
  }

  /** How many of the first changes were withheld: one in each partition of every third. */
  const withheldUpTo = (change: number): number => Math.floor(change / 3) * 4;

  /** The beginning of a second in which nothing has been sealed yet. */
  async function nextSecond(): Promise<string> {
    const at = Math.ceil(Date.now() / 1000) * 1000;
    while (Date.now() < at) await pause(at - Date.now());
    return new Date(at).toISOString();
  }

  const ids = (taken: Receiver['taken']) => taken.map(({ id }) => id);

  it('was a real test: killed at each point, something sent before, meanwhile and after', () => {
    expect(delivery.killed).toBe(POINTS.length + 1);
    expect(fresh.around(0)[1].length).toBeGreaterThan(SUBJECTS);
    expect(kept).toEqual([expect.arrayContaining([`${KEPT} cleanup.policy`, `${KEPT} retention.ms`]), []]); // it forgot, and no longer does
  });

  it('delivered every record that the log covers, each once, and applied the last one of every subject', () => {
    const all = fresh.taken.slice(0, registry.logged.length);
    expect(new Set(ids(all))).toEqual(new Set(registry.logged.map(({ id }) => id)));
    expect([all.filter((one) => one.applied !== 'applied'), fresh.complaints]).toEqual([[], []]);
    const last = new Map(all.map(({ id }) => [Number(/^s(\d+)-/.exec(id)?.[1]), id]));
    expect(last).toEqual(new Map(registry.last()));
  });

  it('numbered without a gap', () => {
    expect(fresh.taken.map(({ number }) => number)).toEqual(fresh.taken.map((_, i) => i + 1));
  });

  it('told once that the load is complete, when all of it was there and not before, and gave the changes after it', async () => {
    const [before, after] = fresh.around(0);
    const [mark] = fresh.marks;
    const early = registry.logged.flatMap(({ id, before: there }) => (there ? [id] : []));
    expect(early.filter((id) => !ids(before).includes(id))).toEqual([]);
    expect(mark?.through).toBe(before.length);
    expect(new Set(before.flatMap(({ load }) => load ?? []))).toEqual(new Set([mark?.load]));
    expect(after.slice(0, SUBJECTS).filter(({ load }) => load === mark?.load)).toEqual([]);
    expect(fresh.marks.map(({ load }) => load)).toEqual([...new Set(fresh.marks.map(({ load }) => load))]);
    expect(await marksOn(client, NEW)).toBe(2);
  });

  it('gave only what came after it to the consumer of changes, all of it, and told of no load', () => {
    const late = registry.logged.flatMap(({ id, before }) => (before ? [] : [id]));
    expect(new Set(ids(changes.taken))).toEqual(new Set(late));
    expect([changes.taken.length, changes.marks, changes.complaints]).toEqual([late.length, [], []]);
  });

  it('gave the same ids again from a time on, and without effect', () => {
    const late = registry.logged.slice(SUBJECTS * 4 - withheldUpTo(4)).map(({ id }) => id);
    expect(new Set(ids(replays[0] ?? []))).toEqual(new Set(late));
    expect((replays[0] ?? []).filter(({ applied: how, replay }) => how !== 'repeated' || replay === undefined)).toEqual([]);
  });

  it('gave all of it again to the consumer that asked, told that complete once, and one that has nothing applies each once', async () => {
    const [, whole = []] = replays;
    expect(new Set(ids(whole))).toEqual(new Set(registry.logged.map(({ id }) => id)));
    expect(whole.filter(({ applied: how, load }) => how !== 'repeated' || load !== fresh.marks[1]?.load)).toEqual([]);
    const once = again.taken.filter((one) => one.applied === 'applied');
    expect([once.length, again.complaints]).toEqual([registry.logged.length, []]);
    const { loads } = (await ask(`/v1/loads?consumer=${encodeURIComponent(NEW)}`)) as { loads: object[] };
    expect(loads).toMatchObject([{ state: 'complete', load: fresh.marks[1]?.load, through: fresh.taken.length }]);
  });
});
