import { setTimeout as pause } from 'node:timers/promises';
import type { Instance } from '../instance/instance.js';

const POINTS = ['after-read', 'after-produce', 'after-commit'] as const;

/** What was done to the instance while it worked. */
export interface Disturbances {
  readonly log: readonly string[];
}

/**
 * Kills validation and signing in turn until `until` says that enough came through: at random moments, and at the named points of
 * the stream (each for both services at least once). The broker is killed once and Redis once, which then starts empty.
 */
export async function disturb(
  instance: Instance,
  random: () => number,
  until: () => boolean,
  least: number,
): Promise<Disturbances> {
  const log: string[] = [];
  const note = (what: string) => {
    log.push(what);
    process.stdout.write(`  ${what}\n`);
  };
  const services = [instance.validation, instance.signing];
  for (let round = 0; round < least || !until(); round++) {
    await pause(700 + random() * 1500);
    const service = services[round % 2];
    if (service === undefined) continue;
    const point = POINTS[Math.floor(round / 2) % POINTS.length] ?? 'after-read';
    const named = round < POINTS.length * 2;
    note(`SIGKILL ${service.command.name}${named ? `, and again ${point} of its next chunks` : ''}`);
    service.kill(named ? { KHIDI_CRASH_AT: point, KHIDI_CRASH_NTH: String(1 + Math.floor(random() * 4)) } : {});
    if (round === 3) {
      note('SIGKILL Redis, started again empty');
      await instance.bounceRedis(500);
    }
    if (round === 6) {
      note('SIGKILL Kafka, started again');
      await instance.bounceKafka(1000);
    }
    await pause(1500);
  }
  return { log };
}
