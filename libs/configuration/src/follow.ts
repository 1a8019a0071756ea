import { type KeySet, readKeySet } from '#envelope';
import { FAULTS, type FaultCode, FaultError } from '#faults';
import { readJsonFile } from '#settings';
import type { StreamClient, Table } from '#stream';
import type { Logger, Metrics } from '#telemetry';
import { CONFIGURATION_KEY } from './issue.js';
import { type OpenConfiguration, openConfiguration } from './open.js';

/** The configuration of the directory as a service knows it. */
export interface FollowedConfiguration {
  /**
   * The one that is valid now. Throws CONFIGURATION_MISSING and CONFIGURATION_EXPIRED, both worth retrying: a service without a valid
   * configuration stops, it does not guess.
   */
  current(): OpenConfiguration;
  /** Whether `current` would give one: for readiness. */
  valid(): boolean;
  /** Is told of every new version of the content, not of renewals. Gives a function that ends it. */
  onChange(listener: (configuration: OpenConfiguration) => void): () => void;
  close(): void;
}

export interface FollowOptions {
  /** The keys that are trusted for the purpose `configuration`; see {@link readAnchor}. */
  readonly anchors: KeySet;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics?: Pick<Metrics, 'configurationVersion' | 'configurationExpiry'>;
}

/**
 * Follows the table of the topic `configuration`; the caller starts and closes the table. One that does not hold is logged and changes
 * nothing: the last good one stays until it expires.
 */
export function followConfiguration(
  table: Pick<Table, 'get' | 'onChange'>,
  { anchors, now, log, metrics }: FollowOptions,
): FollowedConfiguration {
  const listeners = new Set<(configuration: OpenConfiguration) => void>();
  let known: OpenConfiguration | undefined;
  let refused: FaultCode | undefined;

  const take = (value: Buffer | undefined): void => {
    if (value === undefined) return; // a tombstone takes nothing back: what is valid ends by itself
    const opened = openConfiguration(value, anchors, now(), known);
    if (!opened.ok) {
      refused = opened.code;
      const { code, detail } = opened;
      if (code === 'CONFIGURATION_EXPIRED') log.warn('an expired configuration was read', { code, detail });
      else log.error('configuration refused', { code, detail, next: FAULTS[code].next });
      return;
    }
    const isNew = known?.version !== opened.value.version;
    known = opened.value;
    const { version, digest, notAfter } = opened.value;
    metrics?.configurationVersion.set(version);
    metrics?.configurationExpiry.set(notAfter.getTime() / 1000);
    if (!isNew) return;
    log.info('configuration read', { version, digest, notAfter: notAfter.toISOString() });
    for (const listener of listeners) listener(opened.value);
  };
  const end = table.onChange((key, value) => {
    if (key === CONFIGURATION_KEY) take(value);
  });
  take(table.get(CONFIGURATION_KEY));

  const current = (): OpenConfiguration => {
    if (known === undefined)
      throw new FaultError(refused === 'CONFIGURATION_EXPIRED' ? refused : 'CONFIGURATION_MISSING', refused ?? '');
    if (!(now() < known.notAfter)) throw new FaultError('CONFIGURATION_EXPIRED', `at ${known.notAfter.toISOString()}`);
    return known;
  };
  return {
    current,
    valid: () => known !== undefined && now() < known.notAfter,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: end,
  };
}

/**
 * What a service does at its start: follows the topic `configuration` by the keys in `anchorFile`; undefined where that is empty, since no
 * directory runs then. Throws STREAM_TOPIC_MISSING, SETTINGS_INVALID and KEY_SET_INVALID. The configuration may still be missing.
 */
export async function followDirectory(
  client: Pick<StreamClient, 'table'>,
  anchorFile: string,
  options: Omit<FollowOptions, 'anchors'>,
): Promise<FollowedConfiguration | undefined> {
  if (anchorFile === '') return undefined;
  const anchors = readAnchor(anchorFile);
  const table = client.table('configuration');
  await table.start();
  return followConfiguration(table, { ...options, anchors });
}

/**
 * The keys of the directory as this service was given them, not as anybody says at run time: a JWK set in a file, whose keys name the
 * operator (`iss`) and the purpose `configuration`. Throws SETTINGS_INVALID and KEY_SET_INVALID.
 */
function readAnchor(file: string): KeySet {
  const keys = readKeySet(readJsonFile(file));
  if ([...keys.values()].some(({ purpose }) => purpose === 'configuration')) return keys;
  throw new FaultError('SETTINGS_INVALID', `${file} has no key with the purpose "configuration"`);
}
