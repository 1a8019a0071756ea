import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { type Act, auditRecord } from '#evidence';
import { type Callers, hashSecret, newSecret, type RunningService, runService } from '#http';
import { encodeHandover, HANDOVER_TOPIC, type HandedRecord, type Handover, type RecordType, type SubsystemId } from '#record';
import { readJsonFile, Secret } from '#settings';
import { planTopics } from '#stream';
import { createLogger, createMetrics } from '#telemetry';
import { type MemoryStream, memoryStream, TestClock } from '#testkit';
import { CitizenDesk } from '../../apps/delivery/src/citizens/citizen-desk.js';
import { CITIZEN_DOOR, CitizensController } from '../../apps/delivery/src/citizens/citizens.controller.js';
import { FollowHandovers } from '../../apps/delivery/src/citizens/follow-handovers.js';
import { openUsage, rebuildFile } from '../../apps/delivery/src/citizens/open-usage.js';
import { validationKeeper } from '../../apps/delivery/src/citizens/pseudonym-keeper.js';
import { entriesOf } from '../../apps/delivery/src/citizens/usage-entries.js';
import { pseudonymKeys } from '../../apps/validation/src/keys/pseudonym-keys.js';
import { PSEUDONYM_DOOR, PseudonymsController } from '../../apps/validation/src/pseudonyms/pseudonyms.controller.js';
import { membershipOf } from '../instance/instance.js';
import { findPostgres, startPostgres, type TestPostgres } from '../postgres.js';

jest.setTimeout(120_000);

const PLAN = planTopics(readJsonFile('deploy/kafka/topics.json'), membershipOf());
const TYPE = 'population.person' as RecordType;
const PENSIONS = 'GE/GOV/7002/pensions' as SubsystemId;
const POLICE = 'GE/GOV/7003/police' as SubsystemId;
/** Synthetic, of nobody. */
const NINO = 'GE-90000000003';
const DATO = 'GE-90000000011';
const keys = pseudonymKeys(Buffer.alloc(32, 9));
const subjectOf = (identifier: string): string => `urn:khidi:population:${keys.of('population' as never)(identifier)}`;
const day = (n: number): string => `2099-01-${String(n).padStart(2, '0')}T00:00:00.000Z`;
const clock = new TestClock(new Date(day(20)));

const handover = (consumer: SubsystemId, at: string, records: readonly Partial<HandedRecord>[]): Handover => ({
  ...{ consumer, type: TYPE, policy: 'p1', at },
  records: records.map((one, i) => ({ fate: 'delivered', sealed: `sealed.${TYPE}/0/${i}`, agreement: 'a/1', ...one })),
});
const HANDOVERS: readonly Handover[] = [
  handover(PENSIONS, day(1), [
    { subject: subjectOf(NINO), purpose: 'pension', number: 1 },
    { subject: subjectOf(DATO), purpose: 'pension', number: 2 },
    { subject: subjectOf(NINO), purpose: 'pension', number: 3 },
    { fate: 'refused', faults: [{ code: 'POLICY_REVOKED' }], subject: subjectOf(NINO) },
  ]),
  handover(POLICE, day(2), [{ subject: subjectOf(NINO), purpose: 'inquiry', number: 1, shownFrom: '2099-02-01T00:00:00Z' }]),
  handover(PENSIONS, day(3), [{ subject: subjectOf(NINO), purpose: 'pension', number: 4 }]),
];

const silent = createLogger('test', 'debug', { write: (line) => void lines.push(String(line)) });
const lines: string[] = [];
const [portal, operator, service] = [newSecret().secret, newSecret().secret, newSecret().secret];
const callers =
  (user: string, secret: string): (() => Callers) =>
  () =>
    new Map([[user, [hashSecret(secret)]]]);

/** A service of one controller. */
async function serve(controller: new (...args: never[]) => unknown, token: symbol, door: object): Promise<RunningService> {
  class DoorModule {}
  Module({ controllers: [controller], providers: [{ provide: token, useValue: door }] })(DoorModule);
  return runService({
    ...{ service: 'test', module: DoorModule, host: '127.0.0.1', port: 0, log: silent },
    ...{ metrics: createMetrics('test'), checks: {} },
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const stop = Date.now() + 60_000; !(await holds().catch(() => false)); await pause(20))
    if (Date.now() > stop) throw new Error('it did not come about');
}

const programs = findPostgres('the index of who received what on a server');
let postgres: TestPostgres | undefined;
let keeper: RunningService;
beforeAll(async () => {
  if (programs !== undefined) postgres = await startPostgres(programs);
  const door = { keys, callers: callers('delivery', service), metrics: createMetrics('validation'), log: silent };
  keeper = await serve(PseudonymsController, PSEUDONYM_DOOR, door);
});
afterAll(async () => {
  postgres?.remove();
  await keeper?.close();
});

describe.each(programs === undefined ? ['PGlite'] : ['PGlite', 'PostgreSQL'])('who received my data, with %s', (database) => {
  const acts: Act[] = [];
  const stream: MemoryStream = memoryStream(PLAN);
  let folder: string;
  let follower: FollowHandovers;
  let door: RunningService;
  let failAudit = false;

  const write = (one: Handover) =>
    stream.append({
      topic: HANDOVER_TOPIC,
      key: `${one.consumer}|${TYPE}`,
      value: encodeHandover(one),
      headers: {},
      partition: 0,
    });
  const ask = (path: string, init: RequestInit & { as?: [string, string]; asker?: string } = {}) => {
    const [user, secret] = init.as ?? ['portal', portal];
    const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
    const asker = init.asker === undefined ? {} : { 'x-road-userid': init.asker };
    return fetch(`${door.url}/v2/${path}`, { ...init, headers: { authorization, ...asker } });
  };
  const find = async (query: string, asker = NINO) =>
    (await (await ask(`findUsage?${query}`, { asker })).json()) as { totalUsages: number; usages: Record<string, string>[] };
  const whole = () => until(async () => (await follower.index().followed()) === BigInt(stream.records(HANDOVER_TOPIC).length));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'khidi-usage-'));
    for (const one of HANDOVERS) write(one);
    const url = database === 'PostgreSQL' && postgres !== undefined ? new Secret(postgres.url) : undefined;
    follower = new FollowHandovers({
      open: () => openUsage(folder, url),
      client: stream,
      rebuildFile: rebuildFile(folder),
      log: silent,
      observe: () => undefined,
    });
    follower.start();
    const desk = new CitizenDesk({
      handovers: follower,
      keeper: validationKeeper(keeper.url, new Secret(service)),
      audit: {
        async write(act) {
          if (failAudit) throw new Error('Kafka is away');
          acts.push(act);
        },
      },
      names: {
        member: (id) => (id === PENSIONS ? 'Pension Fund' : undefined),
        system: (id) => (id === PENSIONS ? 'Pensions' : undefined),
        purpose: (id) => (id === 'pension' ? 'Granting pensions' : undefined),
      },
      types: [TYPE],
      now: clock.now,
    });
    const metrics = createMetrics('delivery');
    door = await serve(CitizensController, CITIZEN_DOOR, {
      ...{ desk, portals: callers('portal', portal), operators: callers('operator-1', operator), metrics },
    });
    await until(async () => (await follower.index().followed()) === 3n);
  });
  afterAll(async () => {
    await door?.close();
    await follower?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it('shows one entry for each delivery, the newest first, in the words of the contract, and nothing that was refused', async () => {
    expect(await find(`userCode=${NINO}`)).toEqual({
      totalUsages: 3,
      usages: [day(3), day(1), day(1)].map((logtime) => ({
        logtime,
        action: `Granting pensions: ${TYPE}`,
        receiverCode: 'GE/GOV/7002',
        receiverName: 'Pension Fund',
        receiverSystem: 'Pensions',
      })),
    });
    expect((await find(`userCode=${DATO}`, DATO)).totalUsages).toBe(1);
    expect(await find('userCode=GE-90000000099')).toEqual({ totalUsages: 0, usages: [] });
  });

  it("takes a code in X-Road's form, a period, and pages", async () => {
    expect((await find('userCode=GE90000000003')).totalUsages).toBe(3);
    const period = `periodStart=${day(1)}&periodEnd=${day(3)}`;
    expect((await find(`userCode=${NINO}&${period}`)).usages.map(({ logtime }) => logtime)).toEqual([day(1), day(1)]);
    const page = await find(`userCode=${NINO}&offset=1&limit=1`);
    expect([page.totalUsages, page.usages.map(({ logtime }) => logtime)]).toEqual([3, [day(1)]]);
  });

  it('neither shows nor counts what a law still delays, and shows it from that day on', async () => {
    expect((await find(`userCode=${NINO}`)).totalUsages).toBe(3);
    clock.set(new Date('2099-02-01T00:00:00Z'));
    const later = await find(`userCode=${NINO}`);
    clock.setAfter(0);
    expect([later.totalUsages, later.usages[1]]).toEqual([
      4,
      { logtime: day(2), action: `inquiry: ${TYPE}`, receiverCode: 'GE/GOV/7003', receiverSystem: POLICE },
    ]);
  });

  it('leaves a line each time that names nobody, and answers nothing where it cannot', async () => {
    acts.length = 0;
    await find(`userCode=${NINO}`);
    await find(`userCode=${NINO}`, DATO);
    await ask('findUsage', {
      method: 'POST',
      body: JSON.stringify({ userCode: NINO, why: 'asked at the desk' }),
      as: ['operator-1', operator],
    });
    expect(acts.map(({ kind, by, action, why }) => [kind, by, action, why])).toEqual([
      ['export', 'portal', `citizen.usage ${TYPE} by the person`, undefined],
      ['export', 'portal', `citizen.usage ${TYPE} by another person`, undefined],
      ['export', 'operator-1', `citizen.usage ${TYPE}`, 'asked at the desk'],
    ]);
    expect(new Set(acts.map(({ before }) => before)).size).toBe(1);
    const told = `${acts.map((act) => auditRecord(act).value?.toString('utf8'))}${lines.join()}`;
    expect(told).not.toMatch(new RegExp(`90000000003|90000000011|${keys.of('population' as never)(NINO)}`));
    failAudit = true;
    expect((await ask(`findUsage?userCode=${NINO}`, { asker: NINO })).status).toBe(500);
    failAudit = false;
  });

  it.each<[string, string, RequestInit & { as?: [string, string]; asker?: string }, number, string]>([
    ['without a secret', `findUsage?userCode=${NINO}`, { as: ['portal', 'x'] }, 401, 'DOOR_UNAUTHENTICATED'],
    ['a portal that does not say who asks', `findUsage?userCode=${NINO}`, {}, 400, 'DOOR_PARAMETER'],
    ['nobody in particular', 'findUsage', { asker: NINO }, 400, 'DOOR_PARAMETER'],
    ['another parameter', `findUsage?userCode=${NINO}&x=1`, { asker: NINO }, 400, 'DOOR_PARAMETER'],
    [
      'a type that is not about persons',
      `findUsage?userCode=${NINO}&type=address.locality`,
      { asker: NINO },
      400,
      'DOOR_PARAMETER',
    ],
    ['a period that is none', `findUsage?userCode=${NINO}&periodStart=May`, { asker: NINO }, 400, 'DOOR_PARAMETER'],
    ['a body that is none', 'findUsage', { method: 'POST', body: '[', asker: NINO }, 400, 'DOOR_PARAMETER'],
    ['the period without a secret', 'usagePeriod', { as: ['portal', 'x'] }, 401, 'DOOR_UNAUTHENTICATED'],
  ])('refuses %s', async (_, path, init, status, code) => {
    const answer = await ask(path, init);
    const body = (await answer.json()) as { code: string };
    expect([answer.status, body.code]).toEqual([status, code]);
    expect(JSON.stringify(body)).not.toContain('90000000003');
  });

  it('says since when, and that it works', async () => {
    expect(await (await ask('usagePeriod')).json()).toEqual({ periodStart: day(1) });
    expect(await (await ask('heartbeat')).json()).toEqual({ status: 'OK' });
  });

  it('changes nothing when the same lines are copied again', async () => {
    const again = stream.records(HANDOVER_TOPIC).flatMap((record) => entriesOf(record));
    await follower.index().add(again, 1n);
    expect([(await find(`userCode=${NINO}`)).totalUsages, await follower.index().followed()]).toEqual([3, 3n]);
  });

  it('is made anew from the topic when that is asked for, and is the same', async () => {
    const before = await find(`userCode=${NINO}`);
    writeFileSync(rebuildFile(folder), '');
    await until(async () => !existsSync(rebuildFile(folder)));
    await whole();
    expect(await find(`userCode=${NINO}`)).toEqual(before);
  });

  // PGlite lives and dies with this process.
  (database === 'PGlite' ? it.skip : it)('says so while the database is away, and catches up', async () => {
    postgres?.stop();
    await until(async () => (await ask(`findUsage?userCode=${NINO}`, { asker: NINO })).status === 503);
    expect(await (await ask('heartbeat')).json()).toEqual({ status: 'FAIL', message: 'USAGE_INDEX_UNAVAILABLE' });
    write(handover(PENSIONS, day(4), [{ subject: subjectOf(NINO), purpose: 'pension', number: 5 }]));
    postgres?.start();
    await until(async () => (await find(`userCode=${NINO}`)).totalUsages === 4);
  });
});

describe('when a service asks for pseudonyms', () => {
  const ask = (body: string, secret: string) =>
    fetch(`${keeper.url}/v1/pseudonyms`, {
      method: 'POST',
      body,
      headers: { authorization: `Basic ${Buffer.from(`delivery:${secret}`).toString('base64')}` },
    });

  it('gets those of each registry, which differ', async () => {
    const answer = await ask(JSON.stringify({ identifiers: [NINO], registries: ['population', 'address'] }), service);
    const { pseudonyms } = (await answer.json()) as { pseudonyms: Record<string, string>[] };
    expect(pseudonyms).toEqual([{ population: subjectOf(NINO).split(':')[3], address: expect.stringMatching(/^[\w-]{43}$/) }]);
    expect(pseudonyms[0]?.address).not.toBe(pseudonyms[0]?.population);
  });

  it.each([
    ['{"identifiers":["a"],"registries":["population"]}', 'another', 401],
    ['{"identifiers":[],"registries":["population"]}', service, 400],
    ['{"identifiers":["a"],"registries":["../x"]}', service, 400],
    ['{"identifiers":["a"],"registries":["population"],"more":1}', service, 400],
    ['null', service, 400],
  ])('is refused otherwise: %s', async (body, secret, status) => {
    expect((await ask(body, secret)).status).toBe(status);
  });
});
