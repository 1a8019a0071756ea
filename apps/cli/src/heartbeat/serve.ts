import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { runService } from '#http';
import { readSettings } from '#settings';
import { createLogger, createMetrics } from '#telemetry';
import { beat, type Road } from './beat.js';
import { heartbeatSettings } from './settings.js';

/** How the heart beats and where it tells of it. */
export interface HeartbeatOptions {
  readonly road: Road;
  readonly everySeconds: number;
  readonly host: string;
  readonly port: number;
}

const PATIENCE_MS = 30_000;
/** Ready means that a heartbeat came through lately. */
const FRESH_MS = 60_000;

/** Sends a heartbeat every few seconds, one after another, until it is told to end. Throws SETTINGS_PORT_TAKEN. */
export async function serveHeartbeat({ road, everySeconds, host, port }: HeartbeatOptions): Promise<void> {
  const log = createLogger('heartbeat', readSettings(heartbeatSettings).logLevel);
  const metrics = createMetrics('heartbeat');
  const now = () => new Date();
  let last = 0;
  class HeartbeatModule {}
  Module({})(HeartbeatModule);
  const checks = { road: () => Date.now() - last < FRESH_MS };
  await runService({ service: 'heartbeat', module: HeartbeatModule, host, port, log, metrics, checks });
  for (;;) {
    const began = Date.now();
    const result = await beat(
      road,
      `heartbeat-${randomUUID()}`,
      now,
      (stage, seconds) => {
        metrics.heartbeat.set({ stage }, Date.now() / 1000);
        metrics.heartbeatSeconds.observe({ stage }, seconds);
      },
      PATIENCE_MS,
    );
    if (result.through) last = Date.now();
    else log.warn('heartbeat is missing', { step: result.missing });
    await pause(Math.max(0, everySeconds * 1000 - (Date.now() - began)));
  }
}
