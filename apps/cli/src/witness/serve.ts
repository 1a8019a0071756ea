import { Module } from '@nestjs/common';
import type { NoteKey, NoteSigner } from '#evidence';
import { runService } from '#http';
import { createLogger, createMetrics } from '#telemetry';
import { WitnessController } from './witness.controller.js';
import { Witness } from './witness.js';
import { WitnessStore } from './witness-store.js';

/** What a witness needs. */
export interface WitnessOptions {
  readonly signer: NoteSigner;
  readonly logs: readonly NoteKey[];
  readonly folder: string;
  readonly host: string;
  readonly port: number;
}

/** Serves a witness until it is told to end. Throws LOG_DIFFERS and SETTINGS_PORT_TAKEN. */
export async function serveWitness({ signer, logs, folder, host, port }: WitnessOptions): Promise<void> {
  const log = createLogger('witness', process.env.KHIDI_LOG_LEVEL);
  const witness = new Witness(signer, logs, new WitnessStore(folder, logs), () => new Date());
  class WitnessModule {}
  Module({ controllers: [WitnessController], providers: [{ provide: Witness, useValue: witness }] })(WitnessModule);
  log.info('witness', { vkey: signer.key.vkey, logs: logs.map(({ name }) => name).join(' ') });
  await runService({ service: 'witness', module: WitnessModule, host, port, log, metrics: createMetrics('witness'), checks: {} });
}
