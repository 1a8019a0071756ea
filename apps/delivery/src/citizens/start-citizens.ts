import type { FollowedConfiguration } from '#configuration';
import { FaultError } from '#faults';
import { recordTypesOf, type Secret } from '#settings';
import type { StreamClient } from '#stream';
import type { Logger, Metrics } from '#telemetry';
import type { AuditLines } from './audit-lines.js';
import { CitizenDesk } from './citizen-desk.js';
import { FollowHandovers } from './follow-handovers.js';
import { configuredNames } from './names.js';
import { openUsage, rebuildFile } from './open-usage.js';
import { type PseudonymKeeper, validationKeeper } from './pseudonym-keeper.js';

/** What the settings say of it, and what it works with. */
export interface CitizensOptions {
  readonly usageIndex: boolean;
  readonly usageStore: string;
  readonly databaseUrl: Secret | undefined;
  readonly citizenTypes: readonly string[];
  readonly pseudonymsUrl: string;
  readonly pseudonymsSecret: Secret | undefined;
  readonly client: Pick<StreamClient, 'transport' | 'admin'>;
  readonly directory: FollowedConfiguration;
  readonly audit: Pick<AuditLines, 'write'>;
  readonly metrics: Pick<Metrics, 'usageBehind'>;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Begins to keep the index where that is wanted, and gives the desk that answers from it. Throws SETTINGS_INVALID. */
export function startCitizens(options: CitizensOptions): { readonly desk: CitizenDesk; close(): Promise<void> } {
  const { usageStore, client, directory, audit, metrics, log, now } = options;
  const handovers = options.usageIndex
    ? new FollowHandovers({
        open: () => openUsage(usageStore, options.databaseUrl),
        client,
        rebuildFile: rebuildFile(usageStore),
        log,
        observe: (behind) => metrics.usageBehind.set(behind),
      })
    : undefined;
  const types = recordTypesOf('KHIDI_CITIZEN_TYPES', options.citizenTypes);
  const desk = new CitizenDesk({ handovers, keeper: keeperOf(options), audit, names: configuredNames(directory), types, now });
  handovers?.start();
  return { desk, close: async () => handovers?.stop() };
}

function keeperOf({ pseudonymsUrl, pseudonymsSecret }: CitizensOptions): PseudonymKeeper {
  if (pseudonymsUrl !== 'none' && pseudonymsSecret !== undefined) return validationKeeper(pseudonymsUrl, pseudonymsSecret);
  return {
    async pseudonyms() {
      throw new FaultError('PSEUDONYMS_UNAVAILABLE', 'KHIDI_PSEUDONYMS_URL or KHIDI_PSEUDONYMS_SECRET is not set');
    },
  };
}
