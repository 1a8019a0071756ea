import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import getPort from 'get-port';
import { schemaDigest, schemaKey } from '#schema';
import type { Instance } from '../instance/instance.js';
import { callRegistry, registryTopics, startRegistryProcess } from '../instance/registry.js';
import type { ServiceProcess } from '../instance/service-process.js';
import type { HttpRun } from './http-load.js';
import { cpuSeconds, quantile, type Row, residentMiB, row } from './measure.js';
import { repeatRaw } from './raw-http.js';

const CONNECTIONS = 20;
const SUBJECT = 'bench.forty';
const MANY = 10_000;
const FIELDS = 40;
const HEADERS = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
const NOTHING = Buffer.alloc(0);

/** What was seen of other registries on this kind of machine, busy, at 20 connections; printed as such, not measured here. */
const SEEN = {
  read: [
    ['AxonOps (Go)', 17_900],
    ['Apicurio (Java)', 1660],
    ['Karapace (Python)', 490],
  ],
  register: [
    ['AxonOps (Go)', 938],
    ['Apicurio (Java)', 600],
    ['Karapace (Python)', 98],
  ],
  compare: [
    ['AxonOps (Go)', 809],
    ['Apicurio (Java)', 94],
    ['Karapace (Python)', 33],
  ],
} as const;

/** A schema of 40 fields, about 4 kB; `more` is one field more. */
function fortyFields(more: boolean): string {
  const names = Array.from({ length: FIELDS + (more ? 1 : 0) }, (_, i) => `field${i}`);
  const field = (name: string, i: number) =>
    i % 3 === 0
      ? { type: 'string', maxLength: 100 + i, description: `What stands in ${name} of the record.` }
      : { type: ['string', 'null'], pattern: `^[A-Z]{2}[0-9]{1,${1 + (i % 9)}}$`, title: name };
  const properties = Object.fromEntries(names.map((name, i) => [name, field(name, i)]));
  return JSON.stringify({ type: 'object', properties, required: names.slice(0, 10), additionalProperties: false });
}

/** The schema registry by itself: reads, idempotent registration and comparison beside the barest HTTP server; start and memory. */
export async function benchRegistry(instance: Instance, tell: (text: string) => void): Promise<Row[]> {
  const names = { schemas: 'bench-schemas', 'schema-audit': 'bench-schema-audit' } as Readonly<Record<string, string>>;
  const plan = registryTopics();
  const topics = plan.topics.map((topic) => ({ ...topic, name: names[topic.role] ?? topic.name }));
  await instance.client.admin.ensureTopics({ ...plan, topics });
  const env = {
    NODE_ENV: 'production',
    KHIDI_LOG_LEVEL: 'warn',
    KHIDI_SCHEMAS_TOPIC: 'bench-schemas',
    KHIDI_SCHEMA_AUDIT_TOPIC: 'bench-schema-audit',
  };
  const start = async (name: string): Promise<{ process: ServiceProcess; seconds: number }> => {
    const began = performance.now();
    const process = await startRegistryProcess({ name, brokers: instance.brokers, folder: join(instance.folder, 'logs') }, env);
    await process.ready();
    return { process, seconds: (performance.now() - began) / 1000 };
  };
  tell('registry: start');
  const first = await start('bench-registry');
  const rows = [row('registry: ready after', first.seconds, 's')];
  try {
    rows.push(...(await requests(first.process, tell)));
    rows.push(row('registry: resident memory after the load', residentMiB(first.process.pid ?? 0), 'MiB'));
  } finally {
    await first.process.stop();
  }
  tell(`registry: ${MANY} schemas`);
  await fillTopic(instance);
  const second = await start('bench-registry-many');
  rows.push(row(`registry: ready after, ${MANY} schemas`, second.seconds, 's'));
  rows.push(row(`registry: resident memory, ${MANY} schemas`, residentMiB(second.process.pid ?? 0), 'MiB'));
  await second.process.stop();
  return rows;
}

async function requests(registry: ServiceProcess, tell: (text: string) => void): Promise<Row[]> {
  const schema = fortyFields(false);
  const bodyOf = (text: string) => Buffer.from(JSON.stringify({ schemaType: 'JSON', schema: text }));
  const { body } = await callRegistry(registry.url, 'POST', `/subjects/${SUBJECT}/versions`, { schemaType: 'JSON', schema });
  const port = await getPort();
  const bare = fork(resolve('dist/test/load/bare-http-process.js'), {
    env: { PATH: process.env.PATH ?? '', PORT: String(port), BYTES: String(schema.length + 300) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(bare, 'message');
  const peer = `http://127.0.0.1:${port}/`;
  const read = { method: 'GET', headers: {}, body: NOTHING };
  const same = { method: 'POST', headers: HEADERS, body: bodyOf(schema) };
  const compared = { method: 'POST', headers: HEADERS, body: bodyOf(fortyFields(true)) };
  const rows: Row[] = [];
  for (const [name, path, shot, count, seen] of [
    ['GET by id', `/schemas/ids/${String(body.id)}`, read, 60_000, SEEN.read],
    ['idempotent register', `/subjects/${SUBJECT}/versions`, same, 4000, SEEN.register],
    ['compatibility check, 40 fields', `/compatibility/subjects/${SUBJECT}/versions/latest`, compared, 3000, SEEN.compare],
  ] as const) {
    tell(`registry: ${name}`);
    await repeatRaw(`${registry.url}${path}`, CONNECTIONS, count / 10, shot);
    await repeatRaw(peer, CONNECTIONS, count / 10, shot);
    const beside = await repeatRaw(peer, CONNECTIONS, count, shot);
    const cpu = cpuSeconds(registry.pid ?? 0);
    const ours = await repeatRaw(`${registry.url}${path}`, CONNECTIONS, count, shot);
    rows.push(...rowsOf(name, ours, beside, ((cpuSeconds(registry.pid ?? 0) - cpu) * 1e6) / count, seen));
  }
  const closed = once(bare, 'close');
  bare.kill('SIGTERM');
  await closed;
  return rows;
}

function rowsOf(
  name: string,
  ours: HttpRun,
  beside: HttpRun,
  micros: number,
  seen: readonly (readonly [string, number])[],
): Row[] {
  if (ours.failed > 0) throw new Error(`${ours.failed} requests of "${name}" were not answered 200`);
  const bare = { name: 'bare Node HTTP server', value: beside.perSecond };
  return [
    row(`registry: ${name}, ${CONNECTIONS} connections`, ours.perSecond, 'requests/s', bare),
    ...seen.map(([who, value]) => row(`registry: ${name}, seen elsewhere`, ours.perSecond, 'requests/s', { name: who, value })),
    row(`registry: ${name}: p99`, quantile(ours.durations, 0.99), 'ms', {
      name: bare.name,
      value: quantile(beside.durations, 0.99),
    }),
    row(`registry: ${name}: processor`, micros, 'µs/request'),
  ];
}

/** Writes what a registry would have written for many schemas of 40 fields. */
async function fillTopic(instance: Instance): Promise<void> {
  const publisher = instance.client.publisher({ timeoutMs: 60_000 });
  const base = fortyFields(false).slice(1);
  for (let from = 0; from < MANY; from += 200) {
    const records = Array.from({ length: 200 }, (_, i) => {
      const n = from + i;
      const schema = `{"title":"schema ${n}",${base}`;
      const [subject, version] = [`many.s${n % 1000}`, Math.floor(n / 1000) + 1];
      const stored = { id: n + 100, subject, version, schemaType: 'JSON', schema, references: [], deleted: false, ts: 0 };
      const value = Buffer.from(JSON.stringify({ ...stored, digest: schemaDigest(schema) }));
      return { topic: 'bench-schemas', key: schemaKey(subject, version), partition: 0, value, headers: {} };
    });
    await publisher.publish(records);
  }
  await publisher.close();
}
