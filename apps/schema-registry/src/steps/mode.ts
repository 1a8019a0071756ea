import { RegistryError } from '../registry-error.js';
import type { Scopes } from '../store/scopes.js';

/** Confluent's modes. FORWARD, which sends writes to another registry there, only refuses them here. */
const MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT', 'FORWARD'] as const;
export type Mode = (typeof MODES)[number];

/** Reads a mode. Throws 42204. */
export function readMode(sent: unknown): Mode {
  const upper = typeof sent === 'string' ? sent.toUpperCase() : undefined;
  const mode = MODES.find((known) => known === upper);
  if (mode === undefined) throw new RegistryError(42204, `The mode is one of ${MODES.join(', ')}.`);
  return mode;
}

/** The mode that is in force for a subject: READONLY_OVERRIDE for all goes before everything else. */
export function modeOf(scopes: Scopes, scope: string): Mode {
  const global = scopes.own('mode', '')?.mode;
  if (global === 'READONLY_OVERRIDE') return 'READONLY_OVERRIDE';
  return readMode(scopes.inForce('mode', scope)?.mode ?? 'READWRITE');
}

/** Throws 42205 where the mode forbids every change. */
export function refuseByMode(scopes: Scopes, subject: string): Mode {
  const mode = modeOf(scopes, subject);
  if (mode !== 'READWRITE' && mode !== 'IMPORT') throw new RegistryError(42205, `The subject ${subject} is in ${mode} mode.`);
  return mode;
}

/** Throws 42205 also where an id is given outside IMPORT, or none in it. */
export function refuseIdByMode(scopes: Scopes, subject: string, sentId: number | undefined): void {
  const mode = refuseByMode(scopes, subject);
  if (mode === 'READWRITE' && sentId !== undefined)
    throw new RegistryError(42205, `The subject ${subject} is not in IMPORT mode, so the registry chooses the id.`);
  if (mode === 'IMPORT' && sentId === undefined)
    throw new RegistryError(42205, `The subject ${subject} is in IMPORT mode, so the id must be given.`);
}
