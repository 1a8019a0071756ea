import type { Setting } from '#settings';
import { adapterSettings } from '../../apps/agency-adapter/src/settings.js';
import { heartbeatSettings } from '../../apps/cli/src/heartbeat/settings.js';
import { witnessSettings } from '../../apps/cli/src/witness/settings.js';
import { deliverySettings } from '../../apps/delivery/src/settings.js';
import { directorySettings } from '../../apps/directory/src/settings.js';
import { ledgerSettings } from '../../apps/ledger/src/settings.js';
import { registrySettings } from '../../apps/schema-registry/src/settings.js';
import { signingSettings } from '../../apps/signing/src/settings.js';
import { validationSettings } from '../../apps/validation/src/settings.js';

type Settings = Readonly<Record<string, Setting<unknown>>>;

/** What each service reads from its environment, by the table in its own code. */
export const SERVICES: Readonly<Record<string, Settings>> = {
  'agency-adapter': adapterSettings,
  'schema-registry': registrySettings,
  validation: validationSettings,
  signing: signingSettings,
  ledger: ledgerSettings,
  delivery: deliverySettings,
  directory: directorySettings,
  witness: witnessSettings,
  heartbeat: heartbeatSettings,
};

/** The variables that a service reads; of a secret also the one that names its file. */
export function variablesOf(service: string): readonly string[] {
  return Object.values(SERVICES[service] ?? {}).flatMap(({ name, fromFile }) =>
    fromFile === true ? [name, `${name}_FILE`] : [name],
  );
}

/** The variables without which a service does not start. */
export function requiredBy(service: string): readonly string[] {
  return Object.values(SERVICES[service] ?? {})
    .filter(({ fallback, optional }) => fallback === undefined && optional !== true)
    .map(({ name }) => name);
}
