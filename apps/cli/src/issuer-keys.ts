import { type KeySet, mergeKeySets, readKeySet, readSignedKeySet } from '#envelope';
import { FAULTS, FaultError } from '#faults';
import { CliError, EXIT } from './exit.js';
import { readBytes, readJson } from './fetch.js';
import { requireInstance, requireService, type Where } from './local.js';

/** The options that say by whose keys envelopes are verified. */
export interface KeyFlags extends Where {
  readonly jwks?: string;
  readonly history?: string;
}

/** The keys that are in use, and those that were, where their signed set is named or known. */
export async function issuerKeys(flags: KeyFlags): Promise<KeySet> {
  const local = flags.jwks === undefined ? `${requireService(requireInstance(flags), 'signing').url}/.well-known` : undefined;
  const place = flags.jwks ?? `${local}/jwks.json`;
  const history = flags.history ?? (local === undefined ? undefined : `${local}/historical-jwks.jwt`);
  const current = await trusted(place, async () => readKeySet(await readJson(place)));
  if (history === undefined) return current;
  const past = await trusted(history, async () => readSignedKeySet(await readBytes(history), current, new Date()));
  return mergeKeySets(current, past);
}

async function trusted(place: string, read: () => Promise<KeySet>): Promise<KeySet> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FaultError) throw new CliError(EXIT.usage, `${place}: ${FAULTS[error.code].title} (${error.detail})`);
    throw error;
  }
}
