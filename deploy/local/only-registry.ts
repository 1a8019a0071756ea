import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callerSecretFile } from '#settings';
import type { TopicPlan } from '#stream';
import { administered, ensureRules } from './access.js';
import { openState, topicPlan } from './instance.js';
import { Missing } from './missing.js';
import type { OnlyOptions } from './options.js';
import { answers } from './ports.js';
import { prepareMachine } from './prepare.js';
import { isAlive } from './processes.js';
import { KHIDI_FOLDER } from './root.js';
import { registryCallersFile } from './secrets.js';
import { ensureKafka, stopServers } from './servers.js';
import { kafkaVariables, type ServicePlan } from './service-plan.js';
import { ensureService, stopService } from './services.js';
import { claim, type State } from './state.js';
import { withKafka } from './with-kafka.js';

/** Every registry by itself has a folder of its own here, named by its port. */
const FOLDER = join(KHIDI_FOLDER, 'only');
/** What stays when a store begins anew. */
const KEPT = ['secrets', 'claim.json'];

/** Starts a schema registry with a broker of its own, or with the one in KAFKA_BROKERS, and says where it answers once it is ready. */
export async function upOnlyRegistry(options: OnlyOptions): Promise<number> {
  const begun = Date.now();
  const folder = join(FOLDER, `schema-registry-${options.port}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const release = claim(folder);
  try {
    if (options.fresh) await makeFresh(folder);
    const state = openState(folder);
    if (!runs(state) && (await answers(options.port)))
      throw new Missing(`Port ${options.port} is taken by something else: name another one with --port.`);
    const given = process.env.KAFKA_BROKERS;
    const machine = await prepareMachine({ kafka: !given, redis: false }, (line) => console.log(`  ${line}`));
    await ensureKafka(state, machine, options);
    const plan = registryPlan(state, given !== undefined && given !== '');
    await withKafka(administered(state.current), (client) => client.admin.ensureTopics(plan));
    await ensureRules(state, 'schema-registry');
    state.rememberPort('schema-registry', options.port);
    await ensureService(state, servicePlan(state, options, plan));
    const seconds = ((Date.now() - begun) / 1000).toFixed(1);
    console.log(
      `The schema registry answers at http://127.0.0.1:${options.port} (Kafka ${state.current.brokers.join(', ')}; ${seconds} s).`,
    );
    if (options.auth === 'none') console.log('It has no authentication: everybody on this machine may change every schema.');
    else console.log(`Its users' secrets: ${callerSecretFile(state.current.secretsFolder, 'registry', '<user>')}`);
    console.log('"npm run down" ends it.');
  } finally {
    release();
  }
  return 0;
}

/** Ends every registry that was started by itself; gives their names. */
export async function downOnlyRegistries(): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const name of existing()) {
    const folder = join(FOLDER, name);
    const release = claim(folder);
    try {
      if (await endAll(openState(folder))) ended.push(name);
    } finally {
      release();
    }
  }
  return ended;
}

function existing(): string[] {
  try {
    return readdirSync(FOLDER).filter((name) => name.startsWith('schema-registry-'));
  } catch {
    return []; // none was ever started
  }
}

async function makeFresh(folder: string): Promise<void> {
  await endAll(openState(folder));
  for (const name of readdirSync(folder)) {
    if (!KEPT.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

async function endAll(state: State): Promise<boolean> {
  const running = state.current.services.filter(({ process }) => isAlive(process));
  await Promise.all(running.map((service) => stopService(service)));
  const servers = await stopServers(state);
  const { kafka: _kafka, ...rest } = state.current;
  state.replace({ ...rest, services: [] });
  return running.length + servers.length > 0;
}

const runs = (state: State): boolean => state.current.services.some(({ process }) => isAlive(process));

/** The registry's topics; on somebody else's cluster under names of this registry's own, new ones for each fresh store. */
function registryPlan(state: State, isElsewhere: boolean): TopicPlan {
  const plan = topicPlan(state.current);
  const topics = plan.topics.filter(({ role }) => role === 'schemas' || role === 'schema-audit');
  if (!isElsewhere) return { ...plan, topics };
  const file = join(state.folder, 'topics');
  if (!existsSync(file)) writeFileSync(file, randomBytes(4).toString('hex'), { mode: 0o600 });
  const suffix = readFileSync(file, 'utf8');
  return { ...plan, topics: topics.map((topic) => ({ ...topic, name: `${topic.name}-${suffix}` })) };
}

function servicePlan({ current }: State, { port, auth }: OnlyOptions, plan: TopicPlan): ServicePlan {
  const named = (role: string) => plan.topics.find((topic) => topic.role === role)?.name ?? '';
  return {
    name: 'schema-registry',
    kind: 'schema-registry',
    preferredPort: port,
    env: {
      ...kafkaVariables(current, 'schema-registry'),
      KHIDI_MEMBERS: current.membersFile,
      KHIDI_TOPICS: current.topicsFile,
      KHIDI_SCHEMAS_TOPIC: named('schemas'),
      KHIDI_SCHEMA_AUDIT_TOPIC: named('schema-audit'),
      KHIDI_REGISTRY_AUTH: auth,
      KHIDI_ROAD: 'no',
      KHIDI_LOG_LEVEL: process.env.KHIDI_LOG_LEVEL ?? 'info',
      ...(auth === 'none' ? {} : { KHIDI_CALLERS: registryCallersFile(current.secretsFolder) }),
    },
  };
}
