import { setTimeout as pause } from 'node:timers/promises';
import { canonicalize, type JsonValue, parseStrict, sha256 } from '#canonical';
import { jtiOf, sealAll } from '#envelope';
import { type SubjectUrn, schemaUrn, sealedTopic } from '#record';
import { SeenMarks } from '#seen';
import { sealInput, testIssuer } from '#testkit';
import { keyedHash } from '../../apps/validation/src/steps/keyed-hash.js';
import { PERSON, persons } from '../../examples/registries/index.js';
import { projectSchema } from '../../examples/registries/project-schema.js';
import type { Instance } from '../instance/instance.js';
import { type Row, row } from './measure.js';

const COUNT = 20_000;
const CHUNK = 400;

/** Processor time of each step by itself, in this process, over the same persons of 1 KB, after a warm-up. */
export async function benchSteps(instance: Instance, tell: (text: string) => void): Promise<Row[]> {
  const bodies = [...persons({ count: COUNT, from: 900_000 })].map(({ bytes }) => bytes);
  const values = bodies.map((bytes) => parsed(bytes));
  const canonical = values.map((value) => canonicalize(value));
  const schema = projectSchema(PERSON);
  const hash = keyedHash(Buffer.alloc(32, 1));
  const issuer = testIssuer();
  const marks = new SeenMarks({ redisUrl: instance.redisUrl, clusterId: 'bench', ttl: 60 });
  const publisher = instance.client.publisher({ timeoutMs: 60_000 });
  while (!(await marks.ready())) await pause(50);
  const topic = sealedTopic(PERSON);
  await instance.client.admin.ensureTopics({
    topics: [{ name: 'bench.steps', role: 'sealed', partitions: 1, config: {} }],
    messageMaxBytes: 2_097_152,
  });
  const rows: Row[] = [];
  const step = async (name: string, work: (from: number, to: number) => unknown, peer?: { name: string; value: number }) => {
    tell(`steps: ${name}`);
    const micros = await cost(work);
    rows.push(row(`step: ${name}`, micros, 'µs/record', peer));
    return micros;
  };

  const plain = await cost((from, to) => each(from, to, (i) => JSON.parse(String(bodies[i]))));
  await step('strict parse', (from, to) => each(from, to, (i) => parsed(bodies[i])), { name: 'JSON.parse', value: plain });
  await step('schema', (from, to) => each(from, to, (i) => schema.judge(values[i] ?? null)));
  await step('canonical form', (from, to) => each(from, to, (i) => canonicalize(values[i] ?? null)));
  await step('pseudonym, content mark and digest of what was sent', (from, to) =>
    each(from, to, (i) => [hash(`id-${i}`), hash(String(canonical[i])), sha256(bodies[i] ?? EMPTY)]),
  );
  let run = 0;
  await step('seen before (Redis)', (from, to) => {
    run += 1;
    return marks.mark(
      range(from, to).map((i) => ({
        jti: jtiOf(`/s${run}`, `${i}`),
        mac: 'm',
        position: { topic, partition: 0, offset: `${i}` },
      })),
    );
  });
  await step('seal', (from, to) =>
    sealAll(
      range(from, to).map((i) =>
        sealInput({ sub: `urn:khidi:population:${hash(`id-${i}`)}` as SubjectUrn, record: canonical[i] ?? EMPTY }),
      ),
      issuer.sealer,
      new Date(),
    ),
  );
  const headers = {
    ce_id: 'x',
    ce_source: '/GE/GOV/7001/base-registry',
    ce_dataschema: schemaUrn(PERSON, 1),
    ce_type: `${PERSON}.created`,
  };
  await step('produce (acknowledged, no transaction)', (from, to) =>
    publisher.publish(range(from, to).map((i) => ({ topic: 'bench.steps', key: `${i}`, value: bodies[i] ?? EMPTY, headers }))),
  );
  rows.push(row('step: fetch and decode', await decoding(instance), 'µs/record'));
  await publisher.close();
  marks.close();
  return rows;
}

const EMPTY = Buffer.alloc(0);

/** Processor microseconds a record of the second pass; the first one warms up. */
async function cost(work: (from: number, to: number) => unknown): Promise<number> {
  for (let from = 0; from < COUNT; from += CHUNK) await work(from, from + CHUNK);
  const before = process.cpuUsage();
  for (let from = 0; from < COUNT; from += CHUNK) await work(from, from + CHUNK);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / COUNT;
}

/** Reads back what the produce step wrote twice. */
async function decoding(instance: Instance): Promise<number> {
  let read = 0;
  let before = process.cpuUsage();
  let whole: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    whole = resolve;
  });
  const tail = await instance.client.tail('bench.steps', { fromOffset: 'earliest' }, (records) => {
    if (read < COUNT && read + records.length >= COUNT) before = process.cpuUsage(); // the first half warmed up
    read += records.length;
    if (read >= 2 * COUNT) whole();
  });
  await all;
  const { user, system } = process.cpuUsage(before);
  await tail.stop();
  return (user + system) / COUNT;
}

function each(from: number, to: number, work: (i: number) => unknown): void {
  for (let i = from; i < to; i++) work(i);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function parsed(bytes: Buffer | undefined): JsonValue {
  const result = parseStrict(bytes ?? EMPTY);
  if (!result.ok) throw new Error(`a synthetic person is refused with ${result.code}`);
  return result.value;
}
