import { setTimeout as pause } from 'node:timers/promises';
import type { Instance } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';

const POINTS = ['after-read', 'after-produce', 'after-commit'] as const;
const PATIENCE_SECONDS = 120;

const tell = (what: string): void => {
  process.stdout.write(`  ${what}\n`);
};

/**
 * Kills validation and signing with SIGKILL while they work: each at every named point of the stream (the process kills itself
 * there), and `atRandom` times more at random moments; the broker once, and Redis once, which then starts empty. A service is
 * killed again only after it has worked, so that every kill finds something under way.
 */
export async function disturb(instance: Instance, random: () => number, atRandom: number): Promise<void> {
  await Promise.all([
    killAgainAndAgain(instance.validation, () => committed(instance, 'validation', 'ingress'), random, atRandom),
    killAgainAndAgain(instance.signing, () => committed(instance, 'signing', 'validated'), random, atRandom),
    bounceServers(instance),
  ]);
}

async function killAgainAndAgain(
  service: ServiceProcess,
  progress: () => Promise<number>,
  random: () => number,
  atRandom: number,
): Promise<void> {
  const { name } = service.command;
  for (const point of POINTS) {
    await worked(name, progress);
    const before = service.killed;
    tell(`SIGKILL ${name}, and again by itself ${point} of a chunk`);
    service.kill({ KHIDI_CRASH_AT: point, KHIDI_CRASH_NTH: String(1 + Math.floor(random() * 5)) });
    await until(`${name} kills itself ${point}`, () => service.killed >= before + 2);
  }
  for (let i = 0; i < atRandom; i++) {
    await worked(name, progress);
    await pause(random() * 1500);
    tell(`SIGKILL ${name}`);
    service.kill();
  }
  await worked(name, progress);
}

async function bounceServers(instance: Instance): Promise<void> {
  await pause(15_000);
  tell('SIGKILL Redis, started again empty');
  await instance.bounceRedis(500);
  await pause(15_000);
  tell('SIGKILL Kafka, started again');
  await instance.bounceKafka(1000);
}

/** Waits until a service has committed more than it had. */
async function worked(name: string, progress: () => Promise<number>): Promise<void> {
  const before = await progress();
  await until(`${name} works`, async () => (await progress()) > before);
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_SECONDS * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${PATIENCE_SECONDS} s and still not: ${what}`);
    await pause(100);
  }
}

/** The sum of the offsets that a group has committed on the topics of a role; -1 while Kafka is away. */
async function committed(instance: Instance, group: string, role: string): Promise<number> {
  const topics = instance.topics.filter((topic) => topic.role === role).map((topic) => topic.name);
  const lags = await instance.client.admin.groupLag(group, topics).catch(() => []);
  return lags.length === 0 ? -1 : lags.reduce((sum, lag) => sum + Number(lag.committed ?? 0), 0);
}
