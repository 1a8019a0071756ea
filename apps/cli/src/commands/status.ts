import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { FaultError } from '#faults';
import { type Instance, type InstanceService, readJsonFile, readMembers } from '#settings';
import type { StreamClient } from '#stream';
import { metricsOf } from '../doctor/ask-service.js';
import { samplesOf } from '../doctor/samples.js';
import { EXIT } from '../exit.js';
import { kafkaOfInstance, withKafka } from '../kafka.js';
import { requireInstance, type Where } from '../local.js';
import { asJson, asTable, type Format, formatOption, write } from '../output.js';

interface ServiceState {
  readonly name: string;
  readonly kind: InstanceService['kind'];
  readonly member?: string;
  readonly url: string;
  readonly pid: number;
  readonly ready: boolean;
  /** Why not: what the service itself says, or that it does not answer. */
  readonly waiting?: readonly string[];
  readonly log: string;
}

interface TopicState {
  readonly name: string;
  readonly role: string;
  readonly partitions: readonly { readonly partition: number; readonly end: string }[];
  /** By service: how many records it has not handled yet. */
  readonly lag: Readonly<Record<string, number>>;
}

interface Status {
  readonly services: readonly ServiceState[];
  readonly jwks?: string;
  /** Where the evidence log answers, and the key that its checkpoints are verified with (C2SP). Without a key it does not answer. */
  readonly log?: { readonly url: string; readonly vkey?: string };
  readonly brokers: readonly string[];
  readonly redis: string;
  readonly kafka: { readonly reachable: boolean; readonly topics: readonly TopicState[] };
}

/** Which group reads which role; a service's group has its name. */
const READERS = { ingress: 'validation', validated: 'signing' } as const;
const ASK_MS = 3000;

/** `khidi status`: what runs, where it answers, and how far it is. */
export function statusCommand(): Command {
  return new Command('status')
    .description('list the services, their addresses and readiness, and the topics with their ends and lags')
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
The status is 0 when every service is ready and Kafka answers, otherwise 1.

Example:
  $ khidi status -o json | jq -r .jwks
  $ khidi status -o json | jq -r .log.vkey`,
    )
    .action(run);
}

async function run(flags: Where & { readonly output: Format }): Promise<void> {
  const status = await statusOf(requireInstance(flags));
  await write(flags.output === 'json' ? asJson(status) : tables(status));
  const well = status.kafka.reachable && status.services.length > 0 && status.services.every(({ ready }) => ready);
  if (!well) process.exitCode = EXIT.no;
}

/** Each part is asked by itself, so that one that does not answer leaves the others to be seen. */
async function statusOf(instance: Instance): Promise<Status> {
  const [services, kafka, log] = await Promise.all([
    Promise.all(instance.services.map(serviceState)),
    kafkaState(instance),
    logState(instance),
  ]);
  const signing = instance.services.find(({ kind }) => kind === 'signing');
  return {
    services,
    ...(signing === undefined ? {} : { jwks: `${signing.url}/.well-known/jwks.json` }),
    ...(log === undefined ? {} : { log }),
    brokers: instance.brokers,
    redis: instance.redisUrl.replace(/\/\/[^/@]*@/, '//'),
    kafka,
  };
}

async function serviceState({ name, kind, member, url, process: { pid }, log }: InstanceService): Promise<ServiceState> {
  const facts = { name, kind, ...(member === undefined ? {} : { member }), url, pid, log };
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(ASK_MS) });
    const { checks = {} } = (await answer.json()) as { checks?: Record<string, boolean> };
    const waiting = Object.keys(checks).filter((check) => checks[check] === false);
    return { ...facts, ready: answer.ok, ...(answer.ok ? {} : { waiting }) };
  } catch {
    return { ...facts, ready: false, waiting: ['does not answer'] };
  }
}

async function logState({ services }: Instance): Promise<Status['log']> {
  const url = services.find(({ kind }) => kind === 'ledger')?.url;
  if (url === undefined) return undefined;
  try {
    const answer = await fetch(`${url}/v1/log`, { signal: AbortSignal.timeout(ASK_MS) });
    const { vkey } = (await answer.json()) as { vkey?: string };
    return { url, ...(vkey === undefined ? {} : { vkey }) };
  } catch {
    return { url }; // its state is shown among the services
  }
}

async function kafkaState(instance: Instance): Promise<Status['kafka']> {
  try {
    const delivery = await deliveryLag(instance);
    return await withKafka(kafkaOfInstance(instance), async (client) => ({
      reachable: true,
      topics: (await topicStates(client, instance)).map((topic) => withLag(topic, delivery.get(topic.name))),
    }));
  } catch (error) {
    if (error instanceof FaultError) return { reachable: false, topics: [] };
    throw error;
  }
}

/** Delivery has no group: it says itself how far the slowest consumer of each sealed topic is behind. */
async function deliveryLag({ services }: Instance): Promise<ReadonlyMap<string, number>> {
  const lags = new Map<string, number>();
  const delivery = services.find(({ kind }) => kind === 'delivery');
  if (delivery === undefined) return lags;
  const page = await metricsOf(delivery).catch(() => ''); // its state is shown among the services
  for (const { labels, value } of samplesOf(page, 'khidi_delivery_lag_records')) {
    const topic = `sealed.${labels.record_type}`;
    lags.set(topic, Math.max(value, lags.get(topic) ?? 0));
  }
  return lags;
}

const withLag = (topic: TopicState, delivery: number | undefined): TopicState =>
  delivery === undefined ? topic : { ...topic, lag: { ...topic.lag, delivery } };

async function topicStates({ admin }: StreamClient, instance: Instance): Promise<readonly TopicState[]> {
  const { planTopics, topicsOf } = await import('#stream');
  if (!existsSync(instance.topicsFile) || !existsSync(instance.membersFile)) return [];
  const plan = planTopics(readJsonFile(instance.topicsFile), readMembers(instance.membersFile));
  const lags = new Map<string, Record<string, number>>();
  for (const [role, group] of Object.entries(READERS)) {
    for (const { topic, lag } of await admin.groupLag(group, topicsOf(plan, role as keyof typeof READERS))) {
      const known = lags.get(topic) ?? {};
      lags.set(topic, { ...known, [group]: (known[group] ?? 0) + lag });
    }
  }
  const ends = await Promise.all(plan.topics.map(({ name }) => admin.endOffsets(name)));
  return plan.topics.map(({ name, role }, i) => ({
    name,
    role,
    partitions: (ends[i] ?? []).map(({ partition, end }) => ({ partition, end })),
    lag: lags.get(name) ?? {},
  }));
}

function tables({ services, jwks, log, brokers, redis, kafka }: Status): string {
  const rows = services.map(({ name, url, pid, ready, waiting = [] }) => [
    name,
    ready ? 'ready' : `NOT READY: ${waiting.join(', ')}`,
    url,
    String(pid),
  ]);
  const topics = kafka.topics.map(({ name, partitions, lag }) => [
    name,
    partitions.map(({ end }) => end).join(' '),
    Object.entries(lag)
      .map(([group, records]) => `${group} ${records}`)
      .join(', '),
  ]);
  return [
    asTable(['service', 'state', 'address', 'pid'], rows),
    `Keys   ${jwks ?? 'no signing service'}`,
    `Log    ${log === undefined ? 'no ledger' : `${log.url}  ${log.vkey ?? ''}`}`,
    `Kafka  ${brokers.join(',')}${kafka.reachable ? '' : '  DOES NOT ANSWER'}`,
    `Redis  ${redis}`,
    ...(kafka.reachable ? ['', asTable(['topic', 'end of each partition', 'lag'], topics)] : ['']),
  ].join('\n');
}
