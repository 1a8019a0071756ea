import { deadLetterTopic } from '#stream';
import { answerByChance, TYPE } from '../road.js';
import type { Scenario } from '../scenario.js';
import { createTopic, deleteTopic } from '../topic-command.js';

const SLOW_MS = 3000;

export const CONSUMERS: readonly Scenario[] = [
  {
    name: 'slow-webhook',
    faults: [11],
    what: 'a webhook takes longer than it may, then says 500 to everything: it alone waits, the consumer by topic goes on',
    stage: 'plain',
    async disturb({ webhook, observer }, { tell, until, pause }) {
      const goesOn = async (): Promise<void> => {
        const before = observer.delivered.length;
        await until('the other consumer goes on', () => observer.delivered.length > before + 50);
      };
      tell(`the webhook answers after ${SLOW_MS / 1000} s`);
      webhook.answer = async () => {
        await pause(SLOW_MS);
        return 204;
      };
      await goesOn();
      tell('the webhook says 500');
      webhook.answer = () => 500;
      await goesOn();
      webhook.answer = answerByChance;
    },
  },
  {
    name: 'dead-letters-away',
    faults: [16],
    what: 'the topic for what the ledger cannot log is gone when it is needed: the ledger stops rather than drops',
    stage: 'plain',
    async disturb({ instance, observer, brokers, leaves }, { tell, until, pause, wrong, random }) {
      const { client, ledger, topics } = instance;
      const name = deadLetterTopic('ledger');
      const plan = topics.find((topic) => topic.name === name);
      if (plan === undefined) return wrong(`there is no topic ${name}`);
      const [address = ''] = brokers.addresses;
      await leaves.catchUp();
      tell(`${name} is deleted, and something without a seal is written to sealed.${TYPE}`);
      await deleteTopic(address, name);
      const publisher = client.publisher();
      const foreign = {
        topic: `sealed.${TYPE}`,
        key: 'nobody',
        partition: Math.floor(random() * 4),
        value: Buffer.from('not sealed'),
      };
      await publisher.publish([{ ...foreign, headers: {} }]);
      await publisher.close();
      const ready = async () => (await fetch(`${ledger.url}/health/ready`)).status === 200;
      await until('the ledger says that it waits', async () => !(await ready()), 30);
      const before = observer.delivered.length;
      await pause(3000);
      const { size } = leaves;
      await leaves.catchUp();
      tell(`the ledger waits at ${leaves.size} leaves`);
      await pause(1000);
      if (size > 0 && observer.delivered.length > before + 2000) wrong('deliveries went on without the log');
      await createTopic(address, plan);
      await until('the ledger goes on', ready);
      await until('what it could not log is kept', async () => {
        const [end] = await client.admin.endOffsets(name);
        return end !== undefined && end.end !== '0';
      });
    },
  },
];
