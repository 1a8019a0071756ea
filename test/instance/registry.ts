import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import getPort from 'get-port';
import { readJsonFile } from '#settings';
import { planTopics, type StreamClient, type TopicPlan } from '#stream';
import { membershipOf } from './instance.js';
import { ServiceProcess } from './service-process.js';

const TOPICS = resolve('deploy/kafka/topics.json');

/** The topics that a registry by itself needs. */
export function registryTopics(): TopicPlan {
  const plan = planTopics(readJsonFile(TOPICS), membershipOf());
  return { ...plan, topics: plan.topics.filter(({ role }) => role === 'schemas' || role === 'schema-audit') };
}

/** Starts one instance of the registry as a process of its own, open to everybody on loopback; it is started again when it is killed. */
export async function startRegistryProcess(
  { name, brokers, folder }: { readonly name: string; readonly brokers: string; readonly folder: string },
  env: Readonly<Record<string, string>> = {},
): Promise<ServiceProcess> {
  const port = await getPort();
  mkdirSync(folder, { recursive: true });
  const registry = new ServiceProcess({
    name,
    entry: resolve('dist/apps/schema-registry/src/main.js'),
    env: {
      NODE_ENV: 'test',
      KAFKA_BROKERS: brokers,
      KHIDI_TOPICS: TOPICS,
      KHIDI_MEMBERS: resolve('deploy/local/members.json'),
      KHIDI_REGISTRY_AUTH: 'none',
      KHIDI_ROAD: 'no',
      KHIDI_PORT: String(port),
      ...env,
    },
    port,
    log: join(folder, `${name}.log`),
    nodeArgs: ['--max-semi-space-size=4'], // as npm run up starts it
  });
  registry.start();
  return registry;
}

/** Makes the topics of a registry by itself. */
export async function ensureRegistryTopics(client: StreamClient): Promise<void> {
  await client.admin.ensureTopics(registryTopics());
}

/** One call of Confluent's API. The status is 0 where nobody answered, so that what happened is unknown. */
export async function callRegistry(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  try {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  } catch {
    return { status: 0, body: {} };
  }
}
