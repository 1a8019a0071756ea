import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatePrivateKey, kidOf, publicJwkOf } from '#envelope';
import { hashSecret, newSecret } from '#http';
import { type Member, type Membership, memberInTopic, memberOf, type SubsystemId } from '#record';
import { callerSecretFile, consumerSecretFile, deadLetterKeyFile, instancePassphraseFile } from '#settings';

/** Makes the folder for secrets, readable by its owner only. */
export function secretsFolder(folder: string): string {
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  return secrets;
}

/** The file of the passphrase that opens the key files; made once. */
export function passphraseFile(secrets: string): string {
  const file = instancePassphraseFile(secrets);
  if (!existsSync(file)) writePrivate(file, `${randomBytes(32).toString('base64url')}\n`);
  return file;
}

/** The file of the password for Redis, made once, and what Redis may know of it. */
export function redisPassword(secrets: string): { readonly file: string; readonly hash: string } {
  const file = join(secrets, 'redis.password');
  if (!existsSync(file)) writePrivate(file, `${randomBytes(32).toString('base64url')}\n`);
  return { file, hash: createHash('sha256').update(readFileSync(file, 'utf8').trim()).digest('hex') };
}

/**
 * The file of the public key to which bodies of dead letters are encrypted (JWK set). The pair is made once; the private key is sealed
 * and for the operators, who are at this machine too.
 */
export function deadLetterKeys(secrets: string): string {
  const file = join(secrets, 'dead-letters.jwks.json');
  if (existsSync(file)) return file;
  const key = generatePrivateKey('ES256');
  const passphrase = readFileSync(passphraseFile(secrets), 'utf8').trim();
  writePrivate(
    deadLetterKeyFile(secrets),
    key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString(),
  );
  const jwk = publicJwkOf(key);
  const published = { ...jwk, kid: kidOf(jwk), alg: 'ECDH-ES', use: 'enc' };
  writePrivate(file, `${JSON.stringify({ keys: [published] }, undefined, 2)}\n`);
  return file;
}

/**
 * The callers file of one service: user names and the hashes of their secrets, never the secrets, which lie in files of
 * their own for the person at this machine. Existing secrets are kept.
 */
export function callersFile(secrets: string, owner: string, users: readonly string[]): string {
  const hashes = Object.fromEntries(users.map((user) => [user, [hashOf(callerSecretFile(secrets, owner, user))]]));
  const file = join(secrets, `${owner.replaceAll('/', '-')}.callers.json`);
  writePrivate(file, `${JSON.stringify(hashes, undefined, 2)}\n`);
  return file;
}

/** Who may do what with the registry of a local instance; each has a secret of its own. */
const REGISTRY_ROLES = {
  operator: ['administrator'],
  developer: ['developer'],
  reviewer: ['approver'],
  'second-reviewer': ['approver'],
} as const;

/** The callers file of the schema registry: users, their roles and the hashes of their secrets. */
export function registryCallersFile(secrets: string): string {
  const callers = Object.entries(REGISTRY_ROLES).map(([user, roles]) => [
    user,
    { roles, secrets: [hashOf(callerSecretFile(secrets, 'registry', user))] },
  ]);
  const file = join(secrets, 'registry.callers.json');
  writePrivate(file, `${JSON.stringify(Object.fromEntries(callers), undefined, 2)}\n`);
  return file;
}

/** The callers file of a member's adapter: one secret for each of its subsystems. */
export function memberCallers(secrets: string, member: Member): string {
  const codes = member.subsystems.map((subsystem) => subsystem.slice(memberOf(subsystem).length + 1));
  return callersFile(secrets, memberInTopic(member.id), codes);
}

/** The callers file of delivery's door for consumers: the id of each subsystem, and the hash of a secret of its own. */
export function consumersFile(secrets: string, { members }: Membership): string {
  const callers = members.flatMap(({ subsystems }) => subsystems).map((id) => [id, [hashOf(consumerSecretFile(secrets, id))]]);
  const file = join(secrets, 'consumers.callers.json');
  writePrivate(file, `${JSON.stringify(Object.fromEntries(callers), undefined, 2)}\n`);
  return file;
}

/** The secret that a subsystem and delivery know, by which webhooks are signed (Standard Webhooks); made once. Gives its file. */
export function webhookSecretFile(secrets: string, consumer: SubsystemId): string {
  const folder = webhookSecrets(secrets);
  const file = join(folder, `${consumer.replaceAll('/', '-')}.whsec`);
  if (!existsSync(file)) writePrivate(file, `whsec_${randomBytes(32).toString('base64')}\n`);
  return file;
}

/** The folder of the secrets of webhooks. */
export function webhookSecrets(secrets: string): string {
  const folder = join(secrets, 'webhooks');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function hashOf(file: string): string {
  if (existsSync(file)) return hashSecret(readFileSync(file, 'utf8').trim());
  const { secret, hash } = newSecret();
  writePrivate(file, `${secret}\n`);
  return hash;
}

const writePrivate = (file: string, content: string) => writeFileSync(file, content, { mode: 0o600 });
