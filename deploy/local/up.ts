import { Listr, type ListrTask, PRESET_TIMER } from 'listr2';
import { readMembers } from '#settings';
import { demonstrate } from './demo.js';
import { openState, topicPlan } from './instance.js';
import { UP_HELP, type UpOptions, upOptions } from './options.js';
import { type Machine, prepareMachine } from './prepare.js';
import { writePrometheusTargets } from './prometheus.js';
import { KHIDI_FOLDER } from './root.js';
import { runTask } from './run-task.js';
import { registerSchemas } from './schemas.js';
import { ensureKafka, ensureRedis, type Found } from './servers.js';
import { planServices } from './service-plan.js';
import { ensureService } from './services.js';
import { showTheWay } from './show.js';
import { claim, type State } from './state.js';
import { withKafka } from './with-kafka.js';

/** What the steps of `up` hand on. */
interface Work {
  readonly state: State;
  readonly options: UpOptions;
  machine: Machine;
}

/** Brings a whole instance up, or what of it does not run, and shows the way of a record. */
async function up(args: readonly string[]): Promise<number> {
  const options = upOptions(args);
  if (options.help) {
    console.log(UP_HELP);
    return 0;
  }
  const begun = Date.now();
  const release = claim(KHIDI_FOLDER);
  try {
    const state = openState();
    await steps().run({ state, options, machine: {} });
    console.log(`\nEverything runs (${Math.round((Date.now() - begun) / 1000)} s).\n`);
    await showTheWay(state);
  } finally {
    release();
  }
  return 0;
}

function steps(): Listr<Work> {
  return new Listr<Work>(
    [
      { title: 'Java, Redis and Kafka on this machine', task: (work, task) => prepare(work, (line) => (task.output = line)) },
      { title: 'Servers', task: (work, task) => task.newListr(servers(work), { concurrent: true }) },
      { title: 'Topics', task: async ({ state }, task) => (task.title = await topics(state)) },
      { title: 'Services', task: (work, task) => task.newListr(services(work.state), { concurrent: true }) },
      {
        title: 'Schemas',
        task: async ({ state }, task) => {
          const count = await registerSchemas(state.folder, (line) => (task.output = line));
          task.title = `Schemas: ${count} are registered`;
        },
      },
      {
        title: 'Demonstration data',
        skip: ({ options }) => (options.noData ? 'Demonstration data: left out' : false),
        task: async ({ state, options }, task) => {
          task.title = `Demonstration data: ${await demonstrate(state, options.send, (line) => (task.output = line))}`;
        },
      },
    ],
    {
      rendererOptions: { timer: PRESET_TIMER, collapseSubtasks: false },
      fallbackRenderer: 'simple',
      fallbackRendererOptions: { timer: PRESET_TIMER },
    },
  );
}

async function prepare(work: Work, tell: (line: string) => void): Promise<void> {
  const wanted = { kafka: !process.env.KAFKA_BROKERS, redis: !process.env.REDIS_URL };
  work.machine = await prepareMachine(wanted, tell);
}

function servers({ state, machine }: Work): ListrTask<Work>[] {
  const words: Record<Found, string> = { given: 'is used where it runs', kept: 'runs already', started: 'started' };
  return [
    {
      title: 'Kafka',
      task: async (_, task) => {
        const found = await ensureKafka(state, machine);
        task.title = `Kafka ${words[found]} (${state.current.brokers.join(', ')})`;
      },
    },
    {
      title: 'Redis',
      task: async (_, task) => {
        const found = await ensureRedis(state, machine);
        task.title = `Redis ${words[found]}`;
      },
    },
  ];
}

async function topics(state: State): Promise<string> {
  const plan = topicPlan(state.current);
  const created = await withKafka(state.current.brokers, async (client) => client.admin.ensureTopics(plan));
  return `Topics: ${plan.topics.length} exist${created.length === 0 ? '' : `, ${created.length} of them new`}`;
}

function services(state: State): ListrTask<Work>[] {
  const plans = planServices(state.folder, state.current, readMembers(state.current.membersFile));
  const words = { started: 'started', kept: 'runs already', restarted: 'started anew, since its code or settings changed' };
  return plans.map((plan) => ({
    title: plan.name,
    task: async (_, task) => {
      const how = await ensureService(state, plan);
      const url = state.current.services.find(({ name }) => name === plan.name)?.url ?? '';
      task.title = `${plan.name} ${words[how]} (${url})`;
      writePrometheusTargets(state);
    },
  }));
}

await runTask(() => up(process.argv.slice(2)));
