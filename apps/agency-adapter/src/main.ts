import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FaultError } from '#faults';
import { readCallersFile, runService, startOrExplain } from '#http';
import { type Member, memberInTopic, outcomesTopic } from '#record';
import { RedisQuotas } from '#seen';
import {
  followFile,
  openOrCreateSealedFile,
  passphraseOr,
  readJsonFile,
  readMembers,
  readSettings,
  type Secret,
  type SettingsOf,
} from '#settings';
import { awaitKafka, kafkaAt, kafkaClient, planTopics } from '#stream';
import { createLogger, createMetrics, createTracer, describeError } from '#telemetry';
import { adapterModule } from './agency-adapter.module.js';
import { CallerGate } from './caller-gate.js';
import { keepNamed } from './contents/keep-named.js';
import { openContents } from './contents/open-contents.js';
import { openFastLane } from './fast-lane.js';
import { followOutcomes } from './follow-outcomes.js';
import { handOver } from './hand-over.js';
import { limitHttp } from './http-limits.js';
import { Lifecycle } from './lifecycle.js';
import { readMappings } from './mapping/mapping-folder.js';
import { openOriginSealing } from './origin-sealing.js';
import type { Parts } from './parts.js';
import { openQuestions } from './questions/open-questions.js';
import { limited, readQuota } from './quota.js';
import { readSubsystemCallers } from './read-callers.js';
import { adapterSettings } from './settings.js';
import { ingressForm } from './steps/ingress-record.js';
import { OutcomeStore } from './store/outcome-store.js';
import { sweepStore } from './sweep-store.js';

const SERVICE = 'agency-adapter';
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);

async function start(): Promise<void> {
  const settings = readSettings(adapterSettings);
  const membership = readMembers(settings.membersFile);
  const member = membership.members.find(({ id }) => id === settings.member);
  if (member === undefined) throw new FaultError('SETTINGS_INVALID', `KHIDI_MEMBER is not a member of ${settings.membersFile}`);
  const callers = followFile(settings.callersFile, (file) => readSubsystemCallers(file, member), {
    onRead: (read) => log.info('callers read', { subsystems: read.size }),
    onMistake: (error) => log.error('callers file is not usable; the last one stays', describeError(error)),
  });
  const mappings = readMappings(settings.mappingsFolder);
  const metrics = createMetrics(SERVICE);
  const lifecycle = new Lifecycle();

  const client = kafkaClient({ ...kafkaAt(settings), clientId: `${SERVICE}-${memberInTopic(member.id)}`, log });
  lifecycle.onClose(() => client.close());
  await awaitKafka(client, log);
  await client.admin.checkTopics(planOf(settings, member, membership.operator));

  const topic = outcomesTopic(member.id);
  const identity = `${await client.admin.clusterId()} ${topic}`;
  const { store, dropped } = await OutcomeStore.open(settings.storeFolder, identity, marksRefused);
  lifecycle.onClose(() => store.close());
  if (dropped) log.warn('the store belonged to another cluster or member and was emptied', { topic });
  const tracer = createTracer(SERVICE, settings.traces, metrics);
  lifecycle.onClose(() => tracer.close());
  const publisher = client.publisher();
  lifecycle.onClose(() => publisher.close());
  const passphrase = passphraseOr(settings.passphrase, () => log.warn('development passphrase in use: not for real keys'));
  const contents = await openContents(settings, member.id, passphrase, { now, log, metrics });
  if (contents !== undefined) lifecycle.onClose(() => contents.close());
  const follower = await followOutcomes(client, topic, store, log, (erased) => contents?.erase(erased) ?? Promise.resolve());
  lifecycle.onClose(() => follower.stop());
  lifecycle.onClose(sweepStore(store, settings.storeDays, now, log));

  const form = ingressForm(member.id, memberSecret(settings, member, passphrase));
  const onTheRoad = handOver(
    form,
    await openOriginSealing(settings, member.id, now, log),
    publisher,
    store,
    metrics,
    log,
    now,
    lifecycle.stopping,
    tracer,
  );
  const way = contents === undefined ? onTheRoad : keepNamed(onTheRoad, contents.door.store, form);
  const rule = readQuota(settings.quota, member.id);
  const clusterId = await client.admin.clusterId();
  const door = {
    member,
    gate: new CallerGate(member, callers.current, metrics, now, contents?.door.store),
    ...(contents === undefined ? {} : { contents: contents.door }),
    mappings,
    ...(rule === undefined ? { handOver: way } : limited(way, rule, openQuotas(settings, clusterId, lifecycle), now)),
    store,
    outcomesTopic: topic,
    metrics,
    log,
    now,
    stopping: lifecycle.stopping,
  };
  const questions = await openQuestions(settings, client, door, lifecycle);
  const parts: Parts = { ...door, ...(questions === undefined ? {} : { questions }) };
  const service = await runService({
    service: SERVICE,
    module: adapterModule(parts, lifecycle),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    operators: readCallersFile(settings.operatorsFile),
    checks: { kafka: async () => (await client.admin.clusterId()) !== '', outcomes: () => follower.ready() },
    configure: (app) => {
      limitHttp(app, metrics, lifecycle.stopping);
      openFastLane(app, parts);
    },
  });
  follower.done.catch(async (error: unknown) => {
    log.error('outcomes cannot be read any more', describeError(error));
    process.exitCode = 1;
    await service.close();
    process.exit(1);
  });
}

const now = () => new Date();

function marksRefused(error: unknown): void {
  const next = 'see to the disk of the store; until it takes them, events are refused';
  log.error('the store takes no marks of accepted events; they are kept in its journal', { ...describeError(error), next });
}

/** The quotas that all adapters of the member share. Redis being away is told and stops nothing: see RedisQuotas. */
function openQuotas({ redisUrl, redisPassword }: SettingsOf<typeof adapterSettings>, clusterId: string, lifecycle: Lifecycle) {
  const quotas = new RedisQuotas({
    redisUrl,
    redisPassword,
    clusterId,
    onChange: (state) =>
      state === 'ready' ? log.info('redis answers') : log.warn('redis is away: quotas are counted here alone'),
  });
  lifecycle.onClose(async () => quotas.close());
  return quotas;
}

/** The topics that this member's adapter writes and reads. */
function planOf({ topicsFile }: SettingsOf<typeof adapterSettings>, member: Member, operator: Member['id']) {
  const { topics, messageMaxBytes } = planTopics(readJsonFile(topicsFile), { operator, members: [member] });
  return { topics: topics.filter(({ role }) => role === 'ingress' || role === 'outcomes'), messageMaxBytes };
}

/** The secret of the keys on ingress topics, made at the first start. */
function memberSecret(settings: SettingsOf<typeof adapterSettings>, member: Member, passphrase: Secret): Buffer {
  const file = join(settings.keysFolder, settings.memberKey.replace('<member>', memberInTopic(member.id)));
  return openOrCreateSealedFile(file, passphrase, () => randomBytes(32)).content;
}

await startOrExplain(log, start);
