import { Listr, type ListrTask, PRESET_TIMER } from 'listr2';
import { readMembers } from '#settings';
import { administered, ensureRules } from './access.js';
import { demonstrate, type Sent } from './demo.js';
import { exchange } from './exchange.js';
import { planHeartbeat, registerHeartbeat } from './heartbeat.js';
import { topicPlan } from './instance.js';
import { Missing } from './missing.js';
import { ensureAnchor, onboard } from './onboard.js';
import type { UpOptions } from './options.js';
import { answers } from './ports.js';
import { type Machine, prepareMachine } from './prepare.js';
import { isAlive } from './processes.js';
import { writePrometheusTargets } from './prometheus.js';
import { hookOf, planReceiver } from './receiver.js';
import { registerSchemas } from './schemas.js';
import { ensureKafka, ensureRedis, type Found } from './servers.js';
import { PORTS, planServices, type ServicePlan } from './service-plan.js';
import { ensureService, reservePort } from './services.js';
import type { State } from './state.js';
import { withKafka } from './with-kafka.js';
import { planWitnesses, writePolicy } from './witnesses.js';

/** What the steps hand on. */
interface Work {
  readonly state: State;
  readonly options: UpOptions;
  machine: Machine;
  /** The demonstration data, where it was sent now. */
  sent?: Sent | undefined;
  /** What went wrong, in the order in which it did. */
  readonly failures: unknown[];
}

/** Says under the step what it is doing now. */
type Tell = (line: string) => void;

/** Runs all steps, with progress and elapsed time. Throws what the first one that failed threw. */
export async function runSteps(state: State, options: UpOptions): Promise<void> {
  const work: Work = { state, options, machine: {}, failures: [] };
  const list = new Listr<Work>(STEPS, {
    rendererOptions: { timer: PRESET_TIMER, collapseSubtasks: false },
    fallbackRenderer: 'simple',
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
  try {
    await list.run(work);
  } catch (error) {
    throw work.failures[0] ?? error;
  }
}

const STEPS: ListrTask<Work>[] = [
  step('Java, Redis and Kafka on this machine', prepare),
  several('Servers', () => [step('Kafka', kafka), step('Redis', redis)]),
  step('Topics', topics),
  step('Witnesses', async ({ state }) => {
    await writePolicy(state, readMembers(state.current.membersFile));
    return 'Witnesses: their keys are made and named in the policy';
  }),
  step('Directory', async ({ state }) => {
    await ensureAnchor(state.folder, state.current.secretsFolder, readMembers(state.current.membersFile));
    return 'Directory: its key is made, and services are given the anchor';
  }),
  step('Ports', async ({ state }) => {
    await reservePort(state, 'validation', PORTS.validation); // delivery asks it for pseudonyms
    for (const { kind, name, preferredPort } of plansOf(state))
      if (kind === 'agency-adapter') await reservePort(state, name, preferredPort); // delivery says where contents are fetched
    return 'Ports: those that one service tells another are settled';
  }),
  several('Services', ({ state }) => plansOf(state).map((plan) => step(plan.name, (work) => service(work, plan)))),
  step('Witnesses of the evidence log', witnesses),
  step('Receiving agency', receiver), // before its member joins and says where its webhook is
  several('Schemas, members and agreements', () => [
    step('Schemas', async ({ state }, tell) => `Schemas: ${await registerSchemas(state.current, tell)} are registered`),
    step('Members and agreements', members),
  ]),
  {
    ...step('Demonstration data', send),
    skip: ({ options }) => options.noData && 'Demonstration data: left out',
  },
  { ...step('Exchange', handOver), skip: ({ sent }) => sent === undefined && 'Exchange: nothing new to hand over' },
  step('Heartbeat', heartbeat), // after the data, so that what is shown of the road is a record of an agency
];

/**
 * One step; what `run` gives becomes its title once it is done. In the list a step only says that it failed: why, and what to do,
 * stands below the list, once and whole.
 */
function step(title: string, run: (work: Work, tell: Tell) => Promise<string>): ListrTask<Work> {
  return {
    title,
    task: async (work, shown) => {
      try {
        shown.title = await run(work, (line) => {
          shown.output = line;
        });
      } catch (error) {
        work.failures.push(error);
        throw new Error('see below');
      }
    },
  };
}

/** Steps that run side by side. */
function several(title: string, steps: (work: Work) => ListrTask<Work>[]): ListrTask<Work> {
  return { title, task: (work, shown) => shown.newListr(steps(work), { concurrent: true }) };
}

async function prepare(work: Work, tell: Tell): Promise<string> {
  const wanted = { kafka: !process.env.KAFKA_BROKERS, redis: !process.env.REDIS_URL };
  work.machine = await prepareMachine(wanted, tell);
  const names = [...(wanted.kafka ? ['Java', 'Kafka'] : []), ...(wanted.redis ? ['Redis'] : [])];
  return names.length === 0 ? 'No server is needed on this machine' : `${names.join(', ')}: found on this machine`;
}

const HOW: Record<Found, string> = { given: 'is used where it runs', kept: 'runs already', started: 'started' };

async function kafka({ state, machine, options }: Work): Promise<string> {
  const found = await ensureKafka(state, machine, options);
  const how =
    state.current.kafkaTls === undefined ? 'in plain text, open to everybody who reaches it' : 'TLS, certificates, rules';
  return `Kafka ${HOW[found]} (${state.current.brokers.join(', ')}; ${how})`;
}

async function redis({ state, machine }: Work): Promise<string> {
  return `Redis ${HOW[await ensureRedis(state, machine)]}`;
}

async function topics({ state }: Work): Promise<string> {
  const plan = topicPlan(state.current);
  const created = await withKafka(administered(state.current), async (client) => client.admin.ensureTopics(plan));
  const rules = await ensureRules(state);
  const fresh = created.length === 0 ? '' : `, ${created.length} of them new`;
  return `Topics: ${plan.topics.length} exist${fresh}${rules === 0 ? '' : `; ${rules} rules say who may do what`}`;
}

const plansOf = (state: State) => planServices(state.folder, state.current, readMembers(state.current.membersFile));

/** They need the key of the log, which the ledger makes at its first start. */
async function witnesses(work: Work): Promise<string> {
  const plans = await planWitnesses(work.state, readMembers(work.state.current.membersFile));
  await Promise.all(plans.map((plan) => service(work, plan)));
  await writePolicy(work.state, readMembers(work.state.current.membersFile));
  return `Witnesses of the evidence log: ${plans.length} run, one for each member`;
}

/** Until the data has been handed over it has a defect, so that something waits at the desk. */
async function receiver(work: Work): Promise<string> {
  const { current } = work.state;
  const fresh = current.demonstrated === undefined && !work.options.noData;
  const plan = planReceiver(work.state, readMembers(current.membersFile), !fresh);
  if (plan === undefined) return 'Receiving agency: nobody agreed on places';
  const before = current.services.find(({ name }) => name === plan.name);
  const known = current.ports[plan.name];
  if (known !== undefined && (before === undefined || !isAlive(before.process)) && (await answers(known)))
    throw new Missing(
      `Port ${known} is taken, and the directory says that the receiving agency is called there: free it, or wipe.`,
    );
  return service(work, plan);
}

async function send(work: Work, tell: Tell): Promise<string> {
  work.sent = await demonstrate(work.state, work.options.send, tell);
  return `Demonstration data: ${work.sent?.said ?? 'sent before ("npm run up -- --send" sends it again)'}`;
}

/** Only then is the demonstration over, so that an `up` that was cut off begins it again. */
async function handOver({ state, sent }: Work, tell: Tell): Promise<string> {
  if (sent === undefined) return 'Exchange: nothing new to hand over';
  const said = await exchange(state, readMembers(state.current.membersFile), sent, tell);
  state.change({ demonstrated: sent.cluster });
  return `Exchange: ${said}`;
}

/** Ready only when a record has gone the whole road, so this step also shows that all parts work together. */
async function heartbeat(work: Work): Promise<string> {
  const { state } = work;
  const plan = planHeartbeat(state, readMembers(state.current.membersFile));
  if (plan === undefined) return 'Heartbeat: no member publishes it';
  await registerHeartbeat(state.current);
  await service(work, plan);
  return 'Heartbeat: goes the whole road every 10 s';
}

/** Before any data: validation lets nobody's records pass who does not take part. */
async function members({ state }: Work, tell: Tell): Promise<string> {
  const { secretsFolder, membersFile, services } = state.current;
  const url = services.find(({ kind }) => kind === 'directory')?.url ?? '';
  const membership = readMembers(membersFile);
  return `Members and agreements: ${await onboard(url, secretsFolder, membership, tell, hookOf(state, membership))}`;
}

async function service({ state }: Work, plan: ServicePlan): Promise<string> {
  const how = await ensureService(state, plan);
  const words = { started: 'started', kept: 'runs already', restarted: 'started anew, since its code or settings changed' };
  writePrometheusTargets(state);
  const url = state.current.services.find(({ name }) => name === plan.name)?.url ?? '';
  return `${plan.name} ${words[how]} (${url})`;
}
