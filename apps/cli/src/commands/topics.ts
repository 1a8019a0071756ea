import { Command } from 'commander';
import { readJsonFile, readMembers } from '#settings';
import type { TopicDifference } from '#stream';
import { EXIT } from '../exit.js';
import { askedOf, kafkaOfAdmin, readBrokers, withKafka } from '../kafka.js';
import { findInstance, requireInstance, type Where } from '../local.js';
import { asJson, type Format, formatOption, write } from '../output.js';

interface TopicsFlags extends Where {
  readonly output: Format;
  readonly brokers?: string;
  readonly members?: string;
  readonly topics?: string;
}

/** `khidi topics`: the topics of an instance, by its plan. */
export function topicsCommand(): Command {
  return new Command('topics')
    .description('make or check the topics of an instance')
    .addCommand(
      asked('ensure', 'make the topics of the plan that are missing, and say which of the others have other settings')
        .option('--alter', 'give those the settings of the plan (retention, compaction); the number of partitions never changes')
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi topics ensure --brokers kafka:9092 --members members.json --topics deploy/kafka/topics.json',
        )
        .action(ensure),
    )
    .addCommand(
      asked('check', 'say which topics are missing, or have other settings or another number of partitions')
        .addHelpText('after', '\nExample:\n  $ khidi topics check')
        .action(check),
    );
}

const asked = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option(
      '--brokers <host:port,…>',
      'Kafka (KAFKA_BROKERS), asked with KHIDI_KAFKA_CA, _CERT and _KEY; without it that of the local instance',
    )
    .option('--members <file>', 'the members of the instance (KHIDI_MEMBERS)')
    .option('--topics <file>', 'the templates of its topics (KHIDI_TOPICS)')
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption());

async function ensure(flags: TopicsFlags & { readonly alter?: true }): Promise<void> {
  const { place, plan } = await planOf(flags);
  const created = await withKafka(place, ({ admin }) => admin.ensureTopics(plan));
  const { alterTopics, topicDifferences } = await import('#stream');
  const differences = await (flags.alter === true ? alterTopics : topicDifferences)(askedOf(place), plan);
  const altered = flags.alter === true;
  if (flags.output === 'json') return write(asJson({ topics: plan.topics.length, created, altered, differences }));
  const lines = differences.map((one) => `${altered ? 'altered' : 'differs'}: ${inWords(one)}`);
  const advice =
    altered || differences.length === 0 ? [] : ['`khidi topics ensure --alter` gives them the settings of the plan.'];
  await write(`${[`${plan.topics.length} topics exist, ${created.length} of them new.`, ...lines, ...advice].join('\n')}\n`);
}

async function check(flags: TopicsFlags): Promise<void> {
  const { place, plan } = await planOf(flags);
  await withKafka(place, ({ admin }) => admin.checkTopics(plan));
  const { topicDifferences } = await import('#stream');
  const differences = await topicDifferences(askedOf(place), plan);
  if (differences.length > 0) process.exitCode = EXIT.no;
  if (flags.output === 'json') return write(asJson({ topics: plan.topics.length, differences }));
  const lines = differences.map((one) => `differs: ${inWords(one)}`);
  await write(`${(lines.length === 0 ? [`${plan.topics.length} topics are as planned.`] : lines).join('\n')}\n`);
}

/** What the options name, then the environment of a service, then the local instance. */
async function planOf(flags: TopicsFlags) {
  const { KAFKA_BROKERS, KHIDI_MEMBERS, KHIDI_TOPICS } = process.env;
  const local = findInstance(flags);
  const members = flags.members ?? KHIDI_MEMBERS ?? (local ?? requireInstance(flags)).membersFile;
  const topics = flags.topics ?? KHIDI_TOPICS ?? (local ?? requireInstance(flags)).topicsFile;
  const named = flags.brokers ?? KAFKA_BROKERS;
  const { planTopics } = await import('#stream');
  return {
    place: await kafkaOfAdmin(named === undefined ? undefined : readBrokers(named), () => local ?? requireInstance(flags)),
    plan: planTopics(readJsonFile(topics), readMembers(members)),
  };
}

/** One difference for people. */
const inWords = ({ topic, setting, is, planned }: TopicDifference): string =>
  `${topic} has ${setting} ${is ?? '(unknown to this Kafka)'} instead of ${planned}`;
