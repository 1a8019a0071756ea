import { join } from 'node:path';
import { readMembers } from '#settings';
import { topicPlan } from '../local/instance.js';
import { khidi } from '../local/khidi.js';
import { ROOT } from '../local/root.js';
import { schemaFiles } from '../local/schemas.js';
import { passphraseFile, secretsFolder } from '../local/secrets.js';
import { planServices } from '../local/service-plan.js';
import { withKafka } from '../local/with-kafka.js';
import { writePolicyOf } from '../local/witnesses.js';

/*
 * The steps of `npm run up` that are nobody's service, for compose.yaml: `setup.js prepare` makes folders, secrets, the policy of
 * the witnesses and the topics; `setup.js schemas` registers the schemas of the project. Both may run any number of times.
 */

const FOLDER = '/var/lib/khidi';
const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');

async function prepare(): Promise<void> {
  const instance = {
    version: 1,
    brokers,
    redisUrl: process.env.REDIS_URL ?? '',
    membersFile: join(ROOT, 'deploy', 'local', 'members.json'),
    topicsFile: join(ROOT, 'deploy', 'kafka', 'topics.json'),
    secretsFolder: secretsFolder(FOLDER),
    services: [],
    ports: {},
  } as const;
  const membership = readMembers(instance.membersFile);
  planServices(FOLDER, instance, membership);
  const env = { KHIDI_PASSPHRASE_FILE: passphraseFile(instance.secretsFolder) };
  await writePolicyOf(FOLDER, membership, env, (name) => `http://${name.toLowerCase()}:8080`);
  const plan = topicPlan(instance);
  const created = await withKafka({ brokers }, (client) => client.admin.ensureTopics(plan));
  console.log(`${plan.topics.length} topics exist, ${created.length} of them new`);
}

async function schemas(registry: string): Promise<void> {
  const secret = join(FOLDER, 'secrets', 'registry.operator.secret');
  for (const { subject, file } of schemaFiles()) {
    const args = ['schema', 'register', file, '--subject', subject, '--registry', registry, '--secret-file', secret];
    console.log((await khidi(FOLDER, args)).stdout.trim());
  }
}

const [task, registry = 'http://schema-registry:8080'] = process.argv.slice(2);
if (task === 'prepare') await prepare();
else if (task === 'schemas') await schemas(registry);
else throw new Error('say prepare or schemas');
