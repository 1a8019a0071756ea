import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeOutcomes, deliveryTopic, ingressTopic, memberId, outcomesTopic, recordType, type SubsystemId } from '#record';
import { planTopics } from '#stream';
import { besideInstance, prepareDelivery } from '../instance/delivery.js';
import { httpHeaders, kafkaHeaders } from '../instance/event-headers.js';
import { type Agency, agencyOf, type Instance, membershipOf, startInstance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { allMetrics, BODIES, canariesOf, DOUBTFUL, foundIn, PERSON } from './canary.js';
import { type Collector, startCollector } from './collector.js';
import { directoryOf } from './exchange.js';
import { readOutcomes, readWhole } from './reader.js';
import { describeInstance } from './state-file.js';

const TYPE = recordType('population.person')!;
const MEMBER = memberId('GE/GOV/7003')!;
const CONSUMER = 'GE/GOV/7001/base-registry' as SubsystemId;
const CANARIES = canariesOf(PERSON);
const SECRETS = [...CANARIES, DOUBTFUL];
const SOUND = BODIES.filter(({ sound }) => sound === true).length;
/** Topics whose values are records: the only place, with the broker's own files, where a person may stand. */
const STORES = /^(ingress|validated|sealed|delivery|dead-letter)\./;

/** Every event is traced by a trace of its own, as its agency asks. */
const traceOf = (i: number): string => `${i + 1}`.padStart(32, '0');
const AGENCY_SPAN = 'b7ad6b7169203331';

const eventOf = (id: string) => ({ id, of: TYPE, time: '2099-12-31T00:00:00Z' });

describe('when records of a person are sent, sound and spoilt', () => {
  let instance: Instance;
  let agency: Agency;
  let collector: Collector;
  let delivery: ServiceProcess;
  const answers: string[] = [];

  beforeAll(async () => {
    collector = await startCollector();
    const env = { KHIDI_LOG_LEVEL: 'debug', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    instance = await startInstance(env);
    const directory = await directoryOf([{ consumer: CONSUMER, fields: 'record' }], { providers: [MEMBER] });
    delivery = await prepareDelivery(besideInstance(instance), { directory, env: { ...env, REDIS_URL: instance.redisUrl } });
    delivery.start();
    await delivery.ready();
    agency = agencyOf(instance, MEMBER);
    await registerSchema(instance, 'schemas/population/person/1.0.json', TYPE);
    const publisher = instance.client.publisher();
    const topic = ingressTopic(MEMBER, TYPE);
    for (const [i, { body, sound }] of BODIES.entries()) {
      const byHttp = await fetch(`${agency.adapter.url}/v1/events`, {
        method: 'POST',
        headers: {
          ...httpHeaders(agency, { ...eventOf(`http-${i}`), subject: PERSON.id }),
          traceparent: `00-${traceOf(i)}-${AGENCY_SPAN}-01`,
        },
        body,
      });
      answers.push(`${byHttp.status} ${JSON.stringify([...byHttp.headers])} ${await byHttp.text()}`);
      if (sound === true) continue; // the same identifier once more would only be a second record
      const headers = kafkaHeaders(agency, eventOf(`kafka-${i}`));
      await publisher.publish([{ topic, key: `kafka-${i}`, partition: 0, value: body, headers }]);
    }
    await publisher.close();
    for (let tries = 0; tries < 30; tries++) {
      if ((await readOutcomes(instance, agency)).length >= BODIES.length * 2 - SOUND) break;
      await pause(1000);
    }
    const fate = await fetch(`${agency.adapter.url}/v1/outcomes`, { headers: { authorization: agency.authorization } });
    answers.push(await fate.text());
  }, 240_000);

  afterAll(async () => {
    await delivery?.stop();
    await instance?.stop();
    await collector?.close();
  }, 60_000);

  it('was a real test: every way was judged, what is sound was sealed (what is doubtful with a warning), and the canaries are found where they may be', async () => {
    const told = await readOutcomes(instance, agency);
    expect(told.filter((one) => one.kind === 'sealed')).toHaveLength(SOUND);
    const outcomes = (await readWhole(instance, outcomesTopic(MEMBER))).flatMap(({ value }) => decodeOutcomes(value) ?? []);
    expect(outcomes.flatMap(({ warnings = [] }) => warnings)).toEqual([{ code: 'IDENTIFIER_CHECK_DIGIT', pointer: '/id' }]);
    expect(told.filter((one) => one.kind === 'rejected')).toHaveLength((BODIES.length - SOUND) * 2);
    const [first] = await readWhole(instance, ingressTopic(MEMBER, TYPE));
    expect(foundIn(first?.value ?? '', CANARIES)).toEqual(CANARIES);
  }, 60_000);

  it('appears in no key, no header and no value of a topic that is not a record store', async () => {
    const plan = planTopics(JSON.parse(readFileSync('deploy/kafka/topics.json', 'utf8')), membershipOf());
    for (const { name } of plan.topics) {
      for (const record of await readWhole(instance, name)) {
        const beside = `${record.key?.toString('latin1')} ${JSON.stringify(record.headers, (_, v: unknown) => readable(v))}`;
        expect([name, foundIn(beside, SECRETS)]).toEqual([name, []]);
        if (!STORES.test(name)) expect([name, foundIn(record.value ?? '', SECRETS)]).toEqual([name, []]);
      }
    }
  }, 240_000);

  it('appears in no log, not even at level debug', () => {
    for (const file of [...filesUnder(join(instance.folder, 'logs')), join(instance.folder, 'kafka', 'kafka.log')]) {
      expect([file, foundIn(readFileSync(file), SECRETS)]).toEqual([file, []]);
    }
  });

  it("appears in no metric, in no answer of the door and not in the adapter's store", async () => {
    expect(foundIn(await allMetrics(instance, delivery), SECRETS)).toEqual([]);
    for (const answer of answers) expect(foundIn(answer, SECRETS)).toEqual([]);
    for (const { member } of instance.agencies) {
      for (const file of filesUnder(join(instance.folder, `store-${member.id.replaceAll('/', '-')}`))) {
        expect([file, foundIn(readFileSync(file), SECRETS)]).toEqual([file, []]);
      }
    }
  });

  it('is one trace through all hops where the agency asks for it, and appears in no span', async () => {
    const before = {
      'agency-adapter': undefined,
      validation: 'agency-adapter',
      signing: 'validation',
      ledger: 'signing',
      delivery: 'signing',
    };
    const hops = Object.keys(before);
    for (let tries = 0; tries < 60 && collector.spansOf(traceOf(0)).length < hops.length; tries++) await pause(500);
    const spans = collector.spansOf(traceOf(0));
    expect(spans.map(({ service }) => service).sort()).toEqual(hops.sort());
    const spanOf = (service: string) => spans.find((one) => one.service === service);
    for (const [service, parent] of Object.entries(before))
      expect([service, spanOf(service)?.parentSpanId]).toEqual([
        service,
        parent === undefined ? AGENCY_SPAN : spanOf(parent)?.spanId,
      ]);
    const given = await readWhole(instance, deliveryTopic(CONSUMER, TYPE));
    expect(given.some(({ value }) => foundIn(value ?? '', CANARIES).length > 0)).toBe(true); // it was delivered
    expect(foundIn(collector.bodies.join('\n'), SECRETS)).toEqual([]);
  }, 60_000);

  it('appears in no support bundle, and neither does a secret', () => {
    const file = join(instance.folder, 'support.json');
    const args = [resolve('apps/cli/bin/khidi.js'), 'doctor', '-o', 'json', '--bundle', file];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', KHIDI_STATE: describeInstance(instance) },
    });
    const bundle = readFileSync(file, 'utf8');
    const { findings, services } = JSON.parse(bundle) as {
      findings: { check: string; condition: string }[];
      services: { metrics: unknown[]; log: { lines: unknown[] } }[];
    };
    const well = findings.filter(({ condition }) => condition === 'well').map(({ check }) => check);
    expect(well).toEqual(expect.arrayContaining(['broker', 'topics', 'redis', 'schemas', 'keys', 'log', 'services/validation']));
    expect(services.filter(({ metrics, log }) => metrics.length === 0 || log.lines.length === 0)).toEqual([]);
    const secrets = filesUnder(join(instance.folder, 'secrets')).map((one) => readFileSync(one, 'utf8').trim());
    expect(foundIn(`${bundle}${stdout}${stderr}`, [...SECRETS, ...secrets])).toEqual([]);
  }, 60_000);
});

const readable = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value
    ? Buffer.from(value.data as number[]).toString('utf8')
    : value;

function filesUnder(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesUnder(path) : [path]));
}
