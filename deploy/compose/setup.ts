import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMembers } from '#settings';
import { administered, closing, makeRules } from '../local/access.js';
import { topicPlan } from '../local/instance.js';
import { clientProperties } from '../local/kafka.js';
import { khidi } from '../local/khidi.js';
import { ensureAnchor, onboard } from '../local/onboard.js';
import { REDIS_USER, usersOf } from '../local/redis.js';
import { ROOT } from '../local/root.js';
import { schemaFiles } from '../local/schemas.js';
import { passphraseFile, redisPassword, secretsFolder } from '../local/secrets.js';
import { planServices, writeContentAddresses } from '../local/service-plan.js';
import { withKafka } from '../local/with-kafka.js';
import { writePolicyOf } from '../local/witnesses.js';

/*
 * The steps of `npm run up` that are nobody's service, for compose.yaml: `setup.js certificates` makes the authority and what the broker
 * needs of it, and the one user of Redis, before there is either; `setup.js prepare` makes folders, secrets, the anchor of the directory, the policy of the witnesses, the
 * topics and the rules for them; `setup.js schemas` registers the schemas of the project and that of the heartbeat; `setup.js members` lets the demonstration
 * members in. All may run any number of times.
 */

const FOLDER = '/var/lib/khidi';
/** A volume that the broker shares with nobody else. */
const BROKER_FOLDER = '/var/lib/khidi-kafka';
/** The same for Redis, which runs as somebody else: of the password it is told the hash. */
const REDIS_FOLDER = '/var/lib/khidi-redis';
const HOSTS = ['kafka', 'localhost', '127.0.0.1'];
const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
const files = {
  membersFile: join(ROOT, 'deploy', 'local', 'members.json'),
  topicsFile: join(ROOT, 'deploy', 'kafka', 'topics.json'),
};

function certificates(): void {
  const { keystore, truststore } = closing(FOLDER, files, HOSTS);
  const put = (name: string, content: string) => writeFileSync(join(BROKER_FOLDER, name), content, { mode: 0o600 });
  put('keystore.pem', readFileSync(keystore, 'utf8'));
  put('ca.pem', readFileSync(truststore, 'utf8'));
  put(
    'client.properties',
    clientProperties({ keystore: join(BROKER_FOLDER, 'keystore.pem'), truststore: join(BROKER_FOLDER, 'ca.pem') }),
  );
  const guard = { user: REDIS_USER, passwordHash: redisPassword(secretsFolder(FOLDER)).hash };
  writeFileSync(join(REDIS_FOLDER, 'users.acl'), `${usersOf(guard).join('\n')}\n`, { mode: 0o644 });
  console.log(`the authority and all certificates are in ${FOLDER}/tls`);
}

async function prepare(): Promise<void> {
  const instance = {
    version: 1,
    brokers,
    kafkaTls: closing(FOLDER, files, HOSTS).kafkaTls,
    redisUrl: process.env.REDIS_URL ?? '',
    ...files,
    secretsFolder: secretsFolder(FOLDER),
    services: [],
    ports: {},
  } as const;
  const membership = readMembers(instance.membersFile);
  planServices(FOLDER, instance, membership);
  writeContentAddresses(FOLDER, membership.members, (place) => `http://agency-adapter-${place.toLowerCase()}:8080`);
  await ensureAnchor(FOLDER, instance.secretsFolder, membership);
  const env = { KHIDI_PASSPHRASE_FILE: passphraseFile(instance.secretsFolder) };
  await writePolicyOf(FOLDER, membership, env, (name) => `http://${name.toLowerCase()}:8080`);
  const plan = topicPlan(instance);
  const created = await withKafka(administered(instance), (client) => client.admin.ensureTopics(plan));
  const rules = await makeRules(instance);
  console.log(`${plan.topics.length} topics exist, ${created.length} of them new; ${rules} rules`);
}

async function schemas(registry: string): Promise<void> {
  const secret = join(FOLDER, 'secrets', 'registry.operator.secret');
  const heartbeat = { subject: 'operations.heartbeat', file: join(ROOT, 'deploy', 'heartbeat', 'operations.heartbeat.json') };
  for (const { subject, file } of [...schemaFiles(), heartbeat]) {
    const args = ['schema', 'register', file, '--subject', subject, '--registry', registry, '--secret-file', secret];
    console.log((await khidi(FOLDER, args)).stdout.trim());
  }
}

async function members(directory: string): Promise<void> {
  console.log(await onboard(directory, secretsFolder(FOLDER), readMembers(files.membersFile), (line) => console.log(line)));
}

const [task, url = ''] = process.argv.slice(2);
if (task === 'certificates') certificates();
else if (task === 'prepare') await prepare();
else if (task === 'schemas') await schemas(url);
else if (task === 'members') await members(url);
else throw new Error('say certificates, prepare, schemas or members');
