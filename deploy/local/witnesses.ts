import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Membership, memberInTopic } from '#record';
import { khidi } from './khidi.js';
import { LOOPBACK } from './ports.js';
import { passphraseFile } from './secrets.js';
import { policyFile, type ServicePlan } from './service-plan.js';
import type { State } from './state.js';

/** A witness that a member of the demonstration runs. */
interface LocalWitness {
  /** Of its service, and in the policy. */
  readonly name: string;
  readonly member: string;
  readonly key: { readonly name: string; readonly folder: string };
}

const FIRST_PORT = 18101;

function witnessesOf(folder: string, { members }: Membership): readonly LocalWitness[] {
  return members.slice(0, 3).map(({ id }) => {
    const place = memberInTopic(id);
    const key = { name: `khidi.invalid/witness/${place}`, folder: join(folder, 'witnesses', place) };
    return { name: `witness-${place}`, member: id, key };
  });
}

/**
 * Makes the keys of the witnesses and writes the policy that names them with their addresses: two of three. It is written again
 * once they run, since another port may have been free; the ledger reads it for every round. In a real instance each member makes
 * its own key and the operator collects the lines.
 */
export async function writePolicy(state: State, membership: Membership): Promise<void> {
  await writePolicyOf(state.folder, membership, environment(state), (name, i) => {
    const running = state.current.services.find((service) => service.name === name);
    return running?.url ?? `http://${LOOPBACK}:${state.current.ports[name] ?? FIRST_PORT + i}`;
  });
}

/** The same for an instance whose witnesses answer where `addressOf` says; `env` has what opens their keys. */
export async function writePolicyOf(
  folder: string,
  membership: Membership,
  env: Readonly<Record<string, string>>,
  addressOf: (name: string, i: number) => string,
): Promise<void> {
  const witnesses = witnessesOf(folder, membership);
  const lines = await Promise.all(
    witnesses.map(async ({ name, key }, i) => {
      mkdirSync(key.folder, { recursive: true, mode: 0o700 });
      return `witness ${name} ${await vkeyOf(folder, key, env)} ${addressOf(name, i)}`;
    }),
  );
  const names = witnesses.map(({ name }) => name).join(' ');
  const quorum = Math.min(2, witnesses.length);
  const text = [
    '# Who must cosign the evidence log (C2SP tlog-policy).',
    ...lines,
    `group members ${quorum} ${names}`,
    'quorum members',
    '',
  ];
  writeFileSync(policyFile(folder), text.join('\n'));
}

/** The services of the witnesses, for the log that answers at `ledgerUrl`. */
export async function planWitnesses(state: State, membership: Membership): Promise<readonly ServicePlan[]> {
  const ledger = state.current.services.find(({ kind }) => kind === 'ledger')?.url ?? '';
  const { vkey } = (await (await fetch(`${ledger}/v1/log`)).json()) as { vkey: string };
  return witnessesOf(state.folder, membership).map(({ name, member, key }) => ({
    name,
    kind: 'witness',
    member,
    preferredPort: FIRST_PORT,
    env: { ...environment(state) },
    args: ['witness', 'serve', '--name', key.name, '--folder', key.folder, '--log', vkey],
  }));
}

/** By folder: keys are opened slowly on purpose, so each is asked for once. */
const known = new Map<string, Promise<string>>();

function vkeyOf(folder: string, key: LocalWitness['key'], env: Readonly<Record<string, string>>): Promise<string> {
  const vkey = known.get(key.folder) ?? askVkey(folder, key, env);
  known.set(key.folder, vkey);
  return vkey;
}

async function askVkey(folder: string, key: LocalWitness['key'], env: Readonly<Record<string, string>>): Promise<string> {
  const args = ['witness', 'key', '--name', key.name, '--folder', key.folder];
  const { stdout } = await khidi(folder, args, undefined, [0], env);
  return stdout.trim();
}

/** A witness has a passphrase of its own in a real instance; here the person at this machine is all members. */
const environment = (state: State): Record<string, string> => ({
  KHIDI_PASSPHRASE_FILE: passphraseFile(state.current.secretsFolder),
});
