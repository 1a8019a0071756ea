import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Membership } from '#record';
import { callerSecretFile, type Instance, instanceFile } from '#settings';
import { Missing } from './missing.js';
import { ROOT } from './root.js';
import { registerSchema } from './schemas.js';
import type { ServicePlan } from './service-plan.js';
import type { State } from './state.js';

const TYPE = 'operations.heartbeat';
const PORT = 18111;

/** The service that sends a heartbeat the whole road, for the first member that publishes it; undefined where none does. */
export function planHeartbeat(state: State, { members }: Membership): ServicePlan | undefined {
  const [sender] = members.flatMap(({ publishes, subsystems }) => (publishes.some((type) => type === TYPE) ? subsystems : []));
  if (sender === undefined) return undefined;
  const env = { KHIDI_STATE: instanceFile(state.folder), KHIDI_LOG_LEVEL: process.env.KHIDI_LOG_LEVEL ?? 'info' };
  return { name: 'heartbeat', kind: 'heartbeat', preferredPort: PORT, env, args: ['heartbeat', 'serve', '--as', sender] };
}

/** Its schema is no registry's, so it lies beside the heartbeat. */
export async function registerHeartbeat(instance: Instance): Promise<void> {
  const registry = instance.services.find(({ kind }) => kind === 'schema-registry');
  if (registry === undefined) throw new Missing('The instance has no schema registry.');
  const secret = readFileSync(callerSecretFile(instance.secretsFolder, 'registry', 'operator'), 'utf8').trim();
  const authorization = `Basic ${Buffer.from(`operator:${secret}`).toString('base64')}`;
  const file = join(ROOT, 'deploy', 'heartbeat', `${TYPE}.json`);
  await registerSchema(registry.url, authorization, { subject: TYPE, file });
}
