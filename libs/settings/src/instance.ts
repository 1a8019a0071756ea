import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { FaultError } from '#faults';
import { readJsonFile } from './common.js';

const text = z.string().min(1);
const port = z.number().int().min(1).max(65535);

/** The start time tells the process from a later one that was given the same number. */
const identity = z.object({ pid: z.number().int().min(1), started: text }).readonly();

const server = z
  .object({
    process: identity,
    log: text,
    /** Serial number of the certificate that it shows; absent: it takes everybody, in plain text. */
    certificate: text.optional(),
  })
  .readonly();

const service = z
  .object({
    name: text,
    kind: z.enum([
      'schema-registry',
      'validation',
      'signing',
      'ledger',
      'directory',
      'delivery',
      'witness',
      'heartbeat',
      'agency-adapter',
      'receiving-agency',
    ]),
    /** Of an adapter, a witness or a receiving agency: the member whose it is. */
    member: text.optional(),
    url: z.url(),
    log: text,
    process: identity,
    /** Of the code and the settings it was started with. */
    fingerprint: text,
  })
  .readonly();

const instance = z
  .object({
    version: z.literal(1),
    brokers: z.array(text).min(1).readonly(),
    /** PEM files for Kafka; in the paths, `<principal>` stands for who asks. Absent: Kafka is asked in plain text. */
    kafkaTls: z.object({ ca: text, cert: text, key: text }).readonly().optional(),
    redisUrl: text,
    /** File of the password of the user that `redisUrl` names. */
    redisPasswordFile: text.optional(),
    /** Absolute paths. */
    membersFile: text,
    topicsFile: text,
    secretsFolder: text,
    /** Only of servers that the instance started itself. */
    kafka: server.optional(),
    redis: server.optional(),
    services: z.array(service).readonly(),
    /** Which port each part had last, so that it gets the same again. */
    ports: z.record(text, port).readonly(),
    /** The cluster that the demonstration data was sent to. */
    demonstrated: text.optional(),
  })
  .readonly();

/** What one local instance consists of: written by `npm run up`, read by the CLI. */
export type Instance = z.infer<typeof instance>;
/** A Kafka or Redis that the instance started. */
export type InstanceServer = z.infer<typeof server>;
/** One running service of an instance. */
export type InstanceService = z.infer<typeof service>;

/** Where the Kafka of an instance is, and what `principal` proves itself with there. */
export function kafkaOf(
  { brokers, kafkaTls }: Pick<Instance, 'brokers' | 'kafkaTls'>,
  principal: string,
): { readonly brokers: readonly string[]; readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } } {
  if (kafkaTls === undefined) return { brokers };
  const own = (path: string) => path.replaceAll('<principal>', principal);
  return { brokers, tls: { ca: kafkaTls.ca, cert: own(kafkaTls.cert), key: own(kafkaTls.key) } };
}

/** The file that describes the instance in `place`: `place` itself where it is a JSON file, `state.json` in a folder. */
export function instanceFile(place: string): string {
  return place.endsWith('.json') ? place : join(place, 'state.json');
}

/**
 * Reads what `npm run up` wrote to a folder (usually `.khidi`), or undefined where nothing was started there.
 * Throws SETTINGS_INVALID that names every member that is not as it should be.
 */
export function readInstance(place: string): Instance | undefined {
  const file = instanceFile(place);
  if (!existsSync(file)) return undefined;
  const read = instance.safeParse(readJsonFile(file));
  if (read.success) return read.data;
  const mistakes = read.error.issues.map(({ path, message }) => `/${path.map(String).join('/')} ${message}`);
  throw new FaultError('SETTINGS_INVALID', `${file}: ${mistakes.join('; ')}`);
}

/**
 * Where an instance keeps the secret of one caller: `owner` is a member or `registry`, `user` the name it signs in with.
 * Services only ever see the hash; the file is for the person at this machine.
 */
export function callerSecretFile(secretsFolder: string, owner: string, user: string): string {
  return join(secretsFolder, `${owner.replaceAll('/', '-')}.${user}.secret`);
}

/** The secret of a subsystem at the door where it fetches its deliveries, gives receipts and asks for replays. */
export function consumerSecretFile(secretsFolder: string, consumer: string): string {
  return callerSecretFile(secretsFolder, 'consumers', consumer.replaceAll('/', '-'));
}

/** The anchor of the directory of an instance: what its services and its CLI believe configurations by. */
export function configurationAnchorFile(secretsFolder: string): string {
  return join(dirname(secretsFolder), 'configuration-anchor.json');
}

/** Where the keys of a demonstration member lie, which a real one keeps at home. */
export function memberKeysFolder(secretsFolder: string, member: string): string {
  return join(dirname(secretsFolder), 'members', member.replaceAll('/', '-'));
}

/** The private key that opens the bodies of dead letters of an instance (PEM, sealed with its passphrase): it is the operators' alone. */
export function deadLetterKeyFile(secretsFolder: string): string {
  return join(secretsFolder, 'dead-letters.pem');
}

/** The passphrase that opens the key files of an instance. */
export function instancePassphraseFile(secretsFolder: string): string {
  return join(secretsFolder, 'passphrase');
}
