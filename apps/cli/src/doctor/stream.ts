import { readJsonFile, readMembers } from '#settings';
import type { PartitionLag, StreamClient, TopicDifference, TopicPlan } from '#stream';
import { askedOf, kafkaOfAdmin, kafkaOfInstance, withKafka } from '../kafka.js';
import { servicesOf } from './ask-service.js';
import { type Check, type Finding, type Patient, well, wrong } from './finding.js';

const BROKER = 'Look at the broker: docs/runbooks/broker-lost.md. Records wait meanwhile; agencies repeat with the same ids.';
/** Which group reads which role; a service's group has its name. */
const READERS = [
  ['ingress', 'validation'],
  ['validated', 'signing'],
] as const;
const LAG_WATCH = 10_000;

/** Whether Kafka answers. */
export const broker: Check = {
  name: 'broker',
  otherwise: BROKER,
  look: async ({ instance }) => {
    const id = await withKafka(kafkaOfInstance(instance), (client) => client.admin.clusterId());
    return [well('broker', `cluster ${id} answers`)];
  },
};

/** Whether the topics are those of the plan. */
export const topics: Check = {
  name: 'topics',
  otherwise: BROKER,
  look: (patient) =>
    inPlan(patient, async ({ admin }, plan) => {
      await admin.checkTopics(plan);
      return [well('topics', `${plan.topics.length} are there, with their partitions`)];
    }),
};

/** Whether what they keep, and for how long, is what the plan says. Only administrators may see that. */
export const topicSettings: Check = {
  name: 'topic settings',
  otherwise: 'Ask as an administrator of Kafka: khidi topics check. Otherwise look at the broker: docs/runbooks/broker-lost.md.',
  look: async ({ instance }) => {
    const { planTopics, topicDifferences } = await import('#stream');
    const plan = planTopics(readJsonFile(instance.topicsFile), readMembers(instance.membersFile));
    return judgeSettings(
      plan.topics.length,
      await topicDifferences(askedOf(await kafkaOfAdmin(undefined, () => instance)), plan),
    );
  },
};

export function judgeSettings(topics: number, differences: readonly TopicDifference[]): readonly Finding[] {
  if (differences.length === 0) return [well('topic settings', `${topics} topics have those of the plan`)];
  return differences.map(({ topic, setting, is, planned }) =>
    wrong(
      `topic settings/${topic}`,
      'ill',
      `${setting} is ${is ?? 'unknown to this Kafka'} instead of ${planned}`,
      'khidi topics ensure --alter gives it the setting of the plan.',
    ),
  );
}

/** How far each service is behind. */
export const lag: Check = {
  name: 'lag',
  otherwise: BROKER,
  look: (patient) =>
    inPlan(patient, async ({ admin }, plan) => {
      const { topicsOf } = await import('#stream');
      return Promise.all(
        READERS.map(async ([role, group]) => judgeLag(group, await admin.groupLag(group, topicsOf(plan, role)))),
      );
    }),
};

export function judgeLag(group: string, partitions: readonly PartitionLag[]): Finding {
  const behind = partitions.reduce((sum, one) => sum + one.lag, 0);
  const seen = `${behind} records to go on ${partitions.length} partitions`;
  if (behind < LAG_WATCH) return well(`lag/${group}`, seen);
  return wrong(`lag/${group}`, 'watch', seen, 'See whether it shrinks: docs/runbooks/alerts.md#khidilaggrowing.');
}

/** Whether something was given up; where delivery runs its desk knows better, since it also knows what was dealt with. */
export const deadLetters: Check = {
  name: 'dead letters',
  otherwise: BROKER,
  look: (patient) => {
    if (servicesOf(patient, 'delivery').length > 0) return [];
    return inPlan(patient, async ({ admin }, plan) => {
      const { topicsOf } = await import('#stream');
      const names = topicsOf(plan, 'dead-letter');
      const counts = await Promise.all(
        names.map(async (name) => {
          const ends = await admin.endOffsets(name);
          return { name, kept: ends.reduce((sum, { start, end }) => sum + Number(BigInt(end) - BigInt(start)), 0) };
        }),
      );
      return counts.some(({ kept }) => kept > 0) ? counts.flatMap(judgeLetters) : [well('dead letters', 'none')];
    });
  },
};

function judgeLetters({ name, kept }: { name: string; kept: number }): readonly Finding[] {
  if (kept === 0) return [];
  const next = 'Read their reasons in the headers: docs/runbooks/alerts.md#khidideadlettersgrowing.';
  return [wrong('dead letters', 'watch', `${name} has at most ${kept}`, next)]; // markers of transactions count as offsets, too
}

/** Looks at Kafka with the plan of the instance's topics. */
export async function inPlan(
  { instance }: Patient,
  look: (client: StreamClient, plan: TopicPlan) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const { planTopics } = await import('#stream');
  const plan = planTopics(readJsonFile(instance.topicsFile), readMembers(instance.membersFile));
  return withKafka(kafkaOfInstance(instance), (client) => look(client, plan));
}
