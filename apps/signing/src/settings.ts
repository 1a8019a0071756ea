import { custodySettings } from '#custody';
import { commonSettings, flag, integer, list, text } from '#settings';
import { streamSettings } from '#stream';

/** What this service is told by its environment. */
export const signingSettings = {
  ...commonSettings,
  ...streamSettings,
  ...custodySettings,
  selfCheckEvery: integer('KHIDI_SELF_CHECK_EVERY', 'one of so many envelopes is verified before it is written', {
    min: 1,
    max: 1_000_000,
    default: 256,
  }),
  disclosable: list('KHIDI_DISCLOSABLE', 'record types that are sealed with disclosures, so that consumers get single fields', {
    default: [],
  }),
  callersFile: text('KHIDI_CALLERS', 'file of the key officers and the hashes of their secrets', { default: '' }),
  pendingSeconds: integer('KHIDI_KEY_PENDING_SECONDS', 'how long a key is published before it may take over', {
    min: 0,
    max: 31_536_000,
    default: 86_400,
  }),
  overlapSeconds: integer('KHIDI_KEY_OVERLAP_SECONDS', 'how long a retired key stays in the current key set', {
    min: 0,
    max: 315_360_000,
    default: 2_592_000,
  }),
  newEpoch: flag('KHIDI_NEW_EPOCH', 'begin a new epoch with keys that differ from those in use before', { default: false }),
} as const;
