import { loadKafkajs } from '../codec/index.js';
import type { TopicPlan } from '../plan.js';
import { differencesOf, type TopicDifference, type TopicSettings } from '../topic-differences.js';
import { type AdminOf, askOnce } from './admin.adapter.js';
import type { KafkaAddress } from './cluster.adapter.js';
import { asFault } from './errors.adapter.js';
import { untilHeard } from './patience.adapter.js';

/** Whose value a topic has for itself, and not from the broker. */
const OF_TOPIC = 1;
const HEARD_MS = 10_000;

/**
 * Every setting of the plan that a topic of the cluster has otherwise; topics that are missing, and settings of which the plan says
 * nothing, are left out. Needs the right to see settings, which administrators have. Throws STREAM_FORBIDDEN and STREAM_UNAVAILABLE.
 */
export async function topicDifferences(address: KafkaAddress, plan: TopicPlan): Promise<readonly TopicDifference[]> {
  let found: readonly TopicDifference[] = [];
  await asking(address, async (admin) => {
    found = differencesOf(plan, await settingsOf(admin, plan));
  });
  return found;
}

/**
 * Gives topics the settings of the plan in which they differ, and returns what was changed once it is in force. What was set on a topic
 * beside them stays. Partitions are never touched. Throws like {@link topicDifferences}.
 */
export async function alterTopics(address: KafkaAddress, plan: TopicPlan): Promise<readonly TopicDifference[]> {
  let altered: readonly TopicDifference[] = [];
  await asking(address, async (admin) => {
    const before = await settingsOf(admin, plan);
    altered = differencesOf(plan, before);
    if (altered.length === 0) return;
    await admin.alterConfigs({ validateOnly: false, resources: wholeSettings(plan, before, altered) });
    const heard = async (): Promise<boolean> => differencesOf(plan, await settingsOf(admin, plan)).length === 0;
    await untilHeard(heard, HEARD_MS, 'the brokers do not take over the settings');
  });
  return altered;
}

async function asking(address: KafkaAddress, question: (admin: AdminOf) => Promise<void>): Promise<void> {
  try {
    await askOnce(address, question);
  } catch (error) {
    throw asFault(error);
  }
}

async function settingsOf(admin: AdminOf, plan: TopicPlan): Promise<ReadonlyMap<string, TopicSettings>> {
  const there = new Set(await admin.listTopics());
  const resources = plan.topics.filter(({ name }) => there.has(name)).map(({ name }) => ({ type: topicType(), name }));
  if (resources.length === 0) return new Map();
  const answer = await admin.describeConfigs({ resources, includeSynonyms: false });
  return new Map(
    answer.resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(
        configEntries.map(({ configName, configValue, configSource }) => [
          configName,
          { value: configValue, own: Number(configSource) === OF_TOPIC },
        ]),
      ),
    ]),
  );
}

/** Kafka takes the settings of a topic as a whole: those that are not sent again would fall back to the broker's. */
function wholeSettings(plan: TopicPlan, before: ReadonlyMap<string, TopicSettings>, altered: readonly TopicDifference[]) {
  const names = new Set(altered.map(({ topic }) => topic));
  return plan.topics
    .filter(({ name }) => names.has(name))
    .map(({ name, config }) => {
      const own = [...(before.get(name) ?? [])].flatMap(([entry, { value, own: set }]) => (set ? [[entry, value] as const] : []));
      const entries = Object.entries({ ...Object.fromEntries(own), ...config });
      return { type: topicType(), name, configEntries: entries.map(([entry, value]) => ({ name: entry, value })) };
    });
}

const topicType = () => loadKafkajs().ConfigResourceTypes.TOPIC;
