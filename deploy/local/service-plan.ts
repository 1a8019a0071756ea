import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Member, type Membership, memberInTopic } from '#record';
import { callerSecretFile, configurationAnchorFile, type Instance, type InstanceService, kafkaOf } from '#settings';
import { LOOPBACK } from './ports.js';
import { ROOT } from './root.js';
import {
  callersFile,
  consumersFile,
  deadLetterKeys,
  memberCallers,
  passphraseFile,
  registryCallersFile,
  webhookSecrets,
} from './secrets.js';

/** One service that must run. */
export interface ServicePlan {
  readonly name: string;
  readonly kind: InstanceService['kind'];
  readonly member?: string;
  /** Where it listens when nothing else does. */
  readonly preferredPort: number;
  readonly env: Readonly<Record<string, string>>;
  /** Of a service that is a command of the CLI: its arguments but for host and port. */
  readonly args?: readonly string[];
  /** Of one that is neither an app nor a command: its program, below `dist`. */
  readonly program?: string;
}

/** Ports that people can remember; the services take others where these are taken. */
export const PORTS = {
  'schema-registry': 18081,
  validation: 18082,
  signing: 18083,
  ledger: 18084,
  directory: 18085,
  delivery: 18086,
  'agency-adapter': 18091,
} as const;

/** Persons are given field by field; places are public, and given whole. */
const DISCLOSABLE = 'population.person';
/** The demonstration's webhook is on this very machine, which nobody's is in a real instance; and who tries things waits for nothing. */
const AT_HOME = {
  KHIDI_WEBHOOK_PRIVATE: 'yes',
  KHIDI_WEBHOOK_ATTEMPTS: '4',
  KHIDI_WEBHOOK_PAUSE_MS: '250',
  KHIDI_WEBHOOK_LONGEST_SECONDS: '5',
} as const;

/** The services of an instance: six shared ones, and an adapter for each member. Makes their secrets and folders. */
export function planServices(folder: string, instance: Instance, membership: Membership): readonly ServicePlan[] {
  const keys = join(folder, 'keys');
  const passphrase = passphraseFile(instance.secretsFolder);
  const bare = {
    KHIDI_MEMBERS: instance.membersFile,
    KHIDI_TOPICS: instance.topicsFile,
    KHIDI_LOG_LEVEL: process.env.KHIDI_LOG_LEVEL ?? 'info',
    KHIDI_OPERATORS: callersFile(instance.secretsFolder, 'operations', ['operator']),
    ...(process.env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
      ? {}
      : { OTEL_EXPORTER_OTLP_ENDPOINT: process.env.OTEL_EXPORTER_OTLP_ENDPOINT }),
  };
  const common = { ...bare, KHIDI_PASSPHRASE_FILE: passphrase };
  const shared = (kind: keyof typeof PORTS, more: Readonly<Record<string, string>> = {}): ServicePlan => ({
    name: kind,
    kind,
    preferredPort: PORTS[kind],
    env: { ...kafkaVariables(instance, kind), ...common, REDIS_URL: instance.redisUrl, KHIDI_KEYS: privateFolder(keys), ...more },
  });
  const anchor = { KHIDI_CONFIGURATION_ANCHOR: configurationAnchorFile(instance.secretsFolder) };
  const deadLetters = { KHIDI_DEAD_LETTER_KEY: deadLetterKeys(instance.secretsFolder) };
  const registryCallers = registryCallersFile(instance.secretsFolder);
  return [
    shared('schema-registry', { KHIDI_CALLERS: registryCallers }),
    shared('validation', {
      ...redisVariables(instance),
      ...anchor,
      ...deadLetters,
      KHIDI_PSEUDONYM_CALLERS: callersFile(instance.secretsFolder, 'pseudonyms', ['delivery']),
    }),
    shared('directory', {
      ...anchor,
      KHIDI_KEYS: privateFolder(join(keys, 'directory')),
      KHIDI_CALLERS: callersFile(instance.secretsFolder, 'directory', ['officer-1', 'officer-2']),
    }),
    shared('signing', {
      ...deadLetters,
      KHIDI_CALLERS: callersFile(instance.secretsFolder, 'signing', ['officer-1', 'officer-2']),
      KHIDI_KEY_PENDING_SECONDS: '600', // twice as long as a key set may be kept
      KHIDI_DISCLOSABLE: DISCLOSABLE,
    }),
    shared('ledger', {
      ...deadLetters,
      KHIDI_KEYS: privateFolder(join(keys, 'ledger')), // the log's key is none of the other services' business
      KHIDI_LOG: privateFolder(join(folder, 'log')),
      KHIDI_STORE: privateFolder(join(folder, 'ledger')),
      KHIDI_WITNESS_POLICY: policyFile(folder),
      ...passedOn('KHIDI_LEDGER_INDEX', 'DATABASE_URL_FILE'), // an index of leaves only where somebody asks for it
    }),
    {
      name: 'delivery',
      kind: 'delivery',
      preferredPort: PORTS.delivery,
      env: {
        ...kafkaVariables(instance, 'delivery'),
        ...bare,
        ...anchor,
        ...deadLetters,
        REDIS_URL: instance.redisUrl,
        ...redisVariables(instance),
        KHIDI_CONSUMER_PSEUDONYMS: 'yes',
        KHIDI_KEYS: privateFolder(join(keys, 'delivery')), // the key of consumers' own pseudonyms and that of permits, and nothing else
        KHIDI_CONTENT_ADDRESSES: contentAddresses(folder, instance, membership),
        KHIDI_PASSPHRASE_FILE: passphrase,
        KHIDI_CALLERS: callersFile(instance.secretsFolder, 'delivery', ['operator-1', 'operator-2']),
        KHIDI_CONSUMERS: consumersFile(instance.secretsFolder, membership),
        KHIDI_WEBHOOK_SECRETS: webhookSecrets(instance.secretsFolder),
        KHIDI_USAGE_INDEX: 'yes', // in this process, where nobody names a server: citizens may ask who received their data
        KHIDI_USAGE_STORE: privateFolder(join(folder, 'usage')),
        KHIDI_PSEUDONYMS_URL: `http://${LOOPBACK}:${instance.ports.validation ?? PORTS.validation}`,
        KHIDI_PSEUDONYMS_SECRET_FILE: callerSecretFile(instance.secretsFolder, 'pseudonyms', 'delivery'),
        ...AT_HOME,
      },
    },
    ...membership.members.map((member, i) => adapterPlan(folder, instance, { ...common, ...anchor }, member, i)),
  ];
}

/** The adapter of one member, at its agency: with keys of its own and none of ours. */
function adapterPlan(
  folder: string,
  instance: Instance,
  common: Readonly<Record<string, string>>,
  member: Member,
  i: number,
): ServicePlan {
  const keys = join(folder, 'keys');
  const place = memberInTopic(member.id);
  return {
    name: `agency-adapter-${place}`,
    kind: 'agency-adapter',
    member: member.id,
    preferredPort: PORTS['agency-adapter'] + i,
    env: {
      ...kafkaVariables(instance, place),
      ...common,
      KHIDI_MEMBER: member.id,
      KHIDI_CALLERS: memberCallers(instance.secretsFolder, member),
      // An adapter stands at its agency: it has keys of its own and none of ours.
      KHIDI_KEYS: privateFolder(join(keys, place)),
      KHIDI_STORE: privateFolder(join(folder, 'adapters', place)),
      KHIDI_CONTENT: privateFolder(join(folder, 'contents', place)),
      KHIDI_PERMIT_KEYS: permitKeys(join(keys, 'delivery')),
      KHIDI_MAPPINGS: join(ROOT, 'examples', 'registries', 'mappings'),
    },
  };
}

/** The file of delivery's key for permits, which delivery fills at its first start; until then nobody fetches contents. */
function permitKeys(deliveryKeys: string): string {
  const file = join(privateFolder(deliveryKeys), 'permits.jwks.json');
  if (!existsSync(file)) writeFileSync(file, '{"keys":[]}\n', { mode: 0o644 });
  return file;
}

/** The file that says where each adapter gives contents. */
function contentAddresses(folder: string, { ports }: Instance, { members }: Membership): string {
  const urlOf = (place: string, i: number) =>
    `http://${LOOPBACK}:${ports[`agency-adapter-${place}`] ?? PORTS['agency-adapter'] + i}`;
  return writeContentAddresses(folder, members, urlOf);
}

/** Writes that file, with an address for each member by its place in names of topics. */
export function writeContentAddresses(
  folder: string,
  members: Membership['members'],
  urlOf: (place: string, i: number) => string,
): string {
  const file = join(folder, 'content-addresses.json');
  const addresses = Object.fromEntries(members.map(({ id }, i) => [id, urlOf(memberInTopic(id), i)]));
  writeFileSync(file, `${JSON.stringify(addresses, undefined, 2)}\n`, { mode: 0o644 });
  return file;
}

/** How a service asks Kafka: as itself, an adapter as its member. */
export function kafkaVariables(instance: Pick<Instance, 'brokers' | 'kafkaTls'>, principal: string): Record<string, string> {
  const { brokers, tls } = kafkaOf(instance, principal);
  const files = tls === undefined ? {} : { KHIDI_KAFKA_CA: tls.ca, KHIDI_KAFKA_CERT: tls.cert, KHIDI_KAFKA_KEY: tls.key };
  return { KAFKA_BROKERS: brokers.join(','), ...files };
}

/** How the services that use Redis prove themselves there. */
function redisVariables({ redisPasswordFile }: Instance): Record<string, string> {
  return redisPasswordFile === undefined ? {} : { KHIDI_REDIS_PASSWORD_FILE: redisPasswordFile };
}

/** Variables of whoever starts the instance, where they are set. */
function passedOn(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

/** The file that names the witnesses of the evidence log to the ledger. */
export const policyFile = (folder: string): string => join(folder, 'witnesses.policy');

function privateFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Changes whenever the service's code or settings do, or a file that it reads only at its start, so that the next `up` starts it anew. */
export function fingerprintOf({ kind, env, args, program }: ServicePlan): string {
  const hash = createHash('sha256').update(JSON.stringify([env, args]));
  const own = program === undefined ? join('apps', args === undefined ? kind : 'cli') : dirname(program);
  for (const folder of [join(ROOT, 'dist', own), join(ROOT, 'dist', 'libs')]) {
    for (const file of codeIn(folder)) hash.update(file).update(readFileSync(file));
  }
  if (env.KHIDI_CALLERS !== undefined) hash.update(readFileSync(env.KHIDI_CALLERS));
  // Others look into this file again when it changes; an adapter would go on refusing a type that its member may send now.
  if (kind === 'agency-adapter' && env.KHIDI_MEMBERS !== undefined) hash.update(readFileSync(env.KHIDI_MEMBERS));
  if (env.KHIDI_MAPPINGS !== undefined) {
    for (const file of filesIn(env.KHIDI_MAPPINGS)) hash.update(readFileSync(file));
  }
  return hash.digest('base64url');
}

const codeIn = (folder: string) => filesIn(folder).filter((file) => file.endsWith('.js') && !file.includes('/testkit/'));

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
