import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { InstanceService } from '#settings';
import { lastLines } from './logs.js';
import { Missing } from './missing.js';
import { LOOPBACK, samePort } from './ports.js';
import { endProcess, isAlive, startDetached } from './processes.js';
import { ROOT } from './root.js';
import { fingerprintOf, type ServicePlan } from './service-plan.js';
import type { State } from './state.js';

const READY_MS = 120_000;
/** Services finish the chunk in hand and leave their group; they give up by themselves after 20 s. */
const STOP_MS = 25_000;

/** What becomes of one service during `up`. */
export type Started = 'started' | 'kept' | 'restarted';

/**
 * Sees to it that the service runs with today's code and settings, and waits until it can do its work. Throws {@link Missing}
 * with the end of its log where it cannot.
 */
export async function ensureService(state: State, plan: ServicePlan): Promise<Started> {
  const before = state.current.services.find(({ name }) => name === plan.name);
  const fingerprint = fingerprintOf(plan);
  const runs = before !== undefined && isAlive(before.process);
  if (runs && before.fingerprint === fingerprint) {
    await waitUntilReady(before);
    return 'kept';
  }
  if (runs) await stopService(before);
  await waitUntilReady(await startService(state, plan, fingerprint));
  return runs ? 'restarted' : 'started';
}

/** Settles on which port a service will listen, before others are told of it. */
export async function reservePort(state: State, name: string, preferred: number): Promise<void> {
  const before = state.current.services.find((service) => service.name === name);
  if (before !== undefined && isAlive(before.process)) return;
  state.rememberPort(name, await samePort(state.current.ports[name], preferred));
}

/** What the registry makes is short-lived: a small young generation saves it 25 MiB and costs it no speed. */
const NODE_FLAGS: Readonly<Partial<Record<ServicePlan['kind'], readonly string[]>>> = {
  'schema-registry': ['--max-semi-space-size=4'],
};

async function startService(state: State, plan: ServicePlan, fingerprint: string): Promise<InstanceService> {
  const port = await samePort(state.current.ports[plan.name], plan.preferredPort);
  const log = join(state.folder, 'logs', `${plan.name}.log`);
  const process = await startDetached({
    command: globalThis.process.execPath,
    args: ['--enable-source-maps', ...(NODE_FLAGS[plan.kind] ?? []), ...programOf(plan, port)],
    env: { ...inherited(), ...plan.env, NODE_ENV: 'production', KHIDI_HOST: LOOPBACK, KHIDI_PORT: String(port) },
    cwd: ROOT,
    log,
  });
  const service: InstanceService = {
    name: plan.name,
    kind: plan.kind,
    ...(plan.member === undefined ? {} : { member: plan.member }),
    url: `http://${LOOPBACK}:${port}`,
    log,
    process,
    fingerprint,
  };
  state.change({ services: [...state.current.services.filter(({ name }) => name !== plan.name), service] });
  state.rememberPort(plan.name, port);
  return service;
}

/** The program of a service; a command of the CLI is told by options where to listen. */
function programOf({ kind, args, program }: ServicePlan, port: number): string[] {
  if (program !== undefined) return [join(ROOT, 'dist', program)];
  if (args === undefined) return [join(ROOT, 'dist', 'apps', kind, 'src', 'main.js')];
  return [join(ROOT, 'dist', 'apps', 'cli', 'src', 'main.js'), ...args, '--host', LOOPBACK, '--port', String(port)];
}

/** What a service may know of our own environment: nothing that npm or a shell added for others. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

/** Ends exactly this service. */
export async function stopService(service: InstanceService): Promise<'gone' | 'ended' | 'killed'> {
  return endProcess(service.process, STOP_MS);
}

async function waitUntilReady(service: InstanceService): Promise<void> {
  const end = Date.now() + READY_MS;
  let waiting = 'its door to open';
  while (Date.now() < end && isAlive(service.process)) {
    const answer = await askReady(service.url);
    if (answer === 'ready' || (service.kind === 'ledger' && answer === 'witnesses')) return; // they come after it: they need its key
    waiting = answer ?? waiting;
    await pause(100);
  }
  const why = isAlive(service.process) ? `it waits for ${waiting}` : 'it ended';
  throw new Missing(
    `${service.name} did not become ready: ${why}. The end of ${service.log}:\n${lastLines(service.log)}\n` +
      'Mend what it names and run "npm run up" again; what runs already is kept.',
  );
}

/** `ready`, or the names of what the service waits for; undefined while nothing answers. */
async function askReady(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(3000) });
    if (answer.ok) return 'ready';
    const { checks = {} } = (await answer.json()) as { checks?: Record<string, boolean> };
    return Object.keys(checks)
      .filter((name) => checks[name] === false)
      .join(', ');
  } catch {
    return undefined; // not listening yet
  }
}
