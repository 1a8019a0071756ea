import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Base64url } from '#canonical';
import { keyProofText, publicMemberKey, signStatement } from '#configuration';
import { FileCustody } from '#custody';
import { type KeyDescription, type Signer, signerOf } from '#envelope';
import { type AgreementTerms, agreementText } from '#policy';
import { type Member, type MemberId, type Membership, memberOf, registryOf } from '#record';
import { callerSecretFile, configurationAnchorFile, instancePassphraseFile, memberKeysFolder, Secret } from '#settings';
import { openConfigurationKey } from '../../apps/directory/src/keys/configuration-key.js';
import { demoAgreements, demoPurpose } from './demo-agreements.js';
import { Missing } from './missing.js';
import type { Hook } from './receiver.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * Makes the key of the directory and the anchor that names it, before any service starts: each of them is given the anchor. In a real
 * instance the directory makes both at its first start, and the operator hands the anchor out.
 */
export async function ensureAnchor(folder: string, secretsFolder: string, { operator }: Membership): Promise<void> {
  const custody = new FileCustody(join(folder, 'keys', 'directory'), passphraseOf(secretsFolder));
  await openConfigurationKey(custody, configurationAnchorFile(secretsFolder), operator, new Date());
}

/**
 * Lets the demonstration members in as two officers would, registers a purpose, and lets the members agree. What is done already is left
 * alone. By HTTP, since a command for each step would take a process each. `hook` is the webhook that one of them has. Gives the sentence
 * that sums it up.
 */
export async function onboard(
  url: string,
  secretsFolder: string,
  membership: Membership,
  tell: (line: string) => void,
  hook?: Hook,
): Promise<string> {
  const directory = doorOf(url, secretsFolder);
  const { members } = (await directory.get('/v1/members', 'officer-1')) as { members: readonly { id: string; state: string }[] };
  const states = new Map(members.map(({ id, state }) => [id, state]));
  const signers = new Map(
    await Promise.all(
      membership.members.map(async (member): Promise<[MemberId, Signer]> => {
        const { key, signer } = await keyOf(secretsFolder, member.id);
        await letIn(directory, membership.operator, member, states.get(member.id), { key, signer, hook });
        tell(`${member.id} takes part`);
        return [member.id, signer];
      }),
    ),
  );
  await directory.post('/v1/purposes', { ...demoPurpose, why: 'demonstration' }, 'officer-1', ['PURPOSE_EXISTS']);
  const agreements = demoAgreements(membership);
  const known = (await directory.get('/v1/agreements')) as { agreements: readonly { id: string }[] };
  const fresh = agreements.filter(({ id }) => !known.agreements.some((one) => one.id === id));
  for (const terms of fresh) await agree(directory, terms, signers);
  return `${membership.members.length} members take part, ${agreements.length} agreements between them`;
}

type Door = ReturnType<typeof doorOf>;

async function letIn(
  { post }: Door,
  operator: MemberId,
  { id, name, subsystems, publishes }: Member,
  state: string | undefined,
  { key, signer, hook }: { readonly key: KeyDescription; readonly signer: Signer; readonly hook: Hook | undefined },
): Promise<void> {
  const why = 'demonstration';
  if (state === undefined || state === 'invited') {
    const registries = [...new Set(publishes.map(registryOf))];
    const { invitation } = (await post('/v1/members', { id, name, registries, why }, 'officer-1')) as { invitation: string };
    const at = new Date();
    const text = keyProofText(
      operator,
      id,
      publicMemberKey(key.jwk, id, 'agreement', at),
      sha256Base64url(Buffer.from(invitation)),
    );
    const keys = [{ jwk: key.jwk, purpose: 'agreement', proof: await signStatement('proof', text, signer, at) }];
    const systems = subsystems.map((system) => ({
      id: system,
      name: system.slice(id.length + 1),
      endpoints: [
        { kind: 'kafka' },
        ...(hook?.consumer === system ? [{ kind: 'webhook', url: hook.url, types: hook.types }] : []),
      ],
    }));
    await post(`/v1/members/${id}/join`, { invitation, keys, systems });
  }
  if (state !== 'approved' && state !== 'suspended') await post(`/v1/members/${id}/approve`, { why }, 'officer-2');
}

/** The provider proposes, the consumer accepts; each signs the same text. */
async function agree({ post }: Door, terms: AgreementTerms, signers: ReadonlyMap<MemberId, Signer>): Promise<void> {
  const sign = async (member: MemberId) => {
    const signer = signers.get(member);
    if (signer === undefined) throw new Missing(`${member} has no key.`);
    return signStatement('agreement', agreementText(terms), signer, new Date());
  };
  await post('/v1/agreements', { terms, jws: await sign(terms.provider) });
  const path = `/v1/agreements/${terms.id}/versions/${terms.version}/acceptance`;
  await post(path, { jws: await sign(memberOf(terms.consumer)) });
}

/** The key that a member keeps at home; here the person at this machine is all members. */
async function keyOf(secretsFolder: string, member: MemberId): Promise<{ key: KeyDescription; signer: Signer }> {
  const custody = new FileCustody(memberKeysFolder(secretsFolder, member), passphraseOf(secretsFolder));
  const key = (await custody.keys('agreement')).at(-1) ?? (await custody.create('agreement', 'ES256', new Date()));
  return { key, signer: signerOf(custody, key.kid) };
}

const passphraseOf = (secretsFolder: string): Secret =>
  new Secret(readFileSync(instancePassphraseFile(secretsFolder), 'utf8').trim());

/** Asks the directory, as an officer where one is named. Throws what it says where it is none of `expected`. */
function doorOf(url: string, secretsFolder: string) {
  const ask = async (
    path: string,
    init: RequestInit,
    officer: string | undefined,
    expected: readonly string[],
  ): Promise<Json> => {
    const secret =
      officer === undefined ? '' : readFileSync(callerSecretFile(secretsFolder, 'directory', officer), 'utf8').trim();
    const basic = Buffer.from(`${officer}:${secret}`).toString('base64');
    const headers: Record<string, string> = officer === undefined ? {} : { authorization: `Basic ${basic}` };
    const answer = await fetch(`${url}${path}`, { ...init, headers });
    const body = (await answer.json()) as Json;
    if (answer.ok || expected.includes(String(body.code))) return body;
    throw new Missing(`The directory refuses ${path}: ${String(body.code)}. ${String(body.detail)}`);
  };
  return {
    get: (path: string, officer?: string) => ask(path, {}, officer, []),
    post: (path: string, body: object, officer?: string, expected: readonly string[] = []) =>
      ask(path, { method: 'POST', body: JSON.stringify(body) }, officer, expected),
  };
}
