import { Command } from 'commander';
import { readJsonFile, readMembers } from '#settings';
import { kafkaOfAdmin, readBrokers, withKafka } from '../kafka.js';
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
      asked('ensure', 'make the topics of the plan that are missing; one that exists is never changed')
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi topics ensure --brokers kafka:9092 --members members.json --topics deploy/kafka/topics.json',
        )
        .action(ensure),
    )
    .addCommand(asked('check', 'say which topics are missing or have another number of partitions').action(check));
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

async function ensure(flags: TopicsFlags): Promise<void> {
  const { place, plan } = await planOf(flags);
  const created = await withKafka(place, ({ admin }) => admin.ensureTopics(plan));
  const answer = { topics: plan.topics.length, created };
  await write(flags.output === 'json' ? asJson(answer) : `${answer.topics} topics exist, ${created.length} of them new.\n`);
}

async function check(flags: TopicsFlags): Promise<void> {
  const { place, plan } = await planOf(flags);
  await withKafka(place, ({ admin }) => admin.checkTopics(plan));
  const answer = { topics: plan.topics.length };
  await write(flags.output === 'json' ? asJson(answer) : `${answer.topics} topics are as planned.\n`);
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
