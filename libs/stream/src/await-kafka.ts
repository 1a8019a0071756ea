import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '#faults';
import { describeError, type Logger } from '#telemetry';
import type { StreamClient } from './client.js';

const AGAIN_MS = 1000;

/**
 * Waits until Kafka answers, so that services may be started before it, or together with it. Throws STREAM_UNAVAILABLE once it has
 * not answered for `seconds`, and whatever no waiting mends at once.
 */
export async function awaitKafka(client: StreamClient, log: Logger, seconds = 120): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      await client.admin.clusterId();
      return;
    } catch (error) {
      const away = error instanceof FaultError && error.code === 'STREAM_UNAVAILABLE';
      if (!away || Date.now() > deadline) throw error;
      log.warn('waiting for Kafka', describeError(error));
      await sleep(AGAIN_MS);
    }
  }
}
