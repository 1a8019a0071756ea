import { custodySettings } from '#custody';
import { commonSettings, flag, integer } from '#settings';
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
  newEpoch: flag('KHIDI_NEW_EPOCH', 'begin a new epoch with keys that differ from those in use before', { default: false }),
} as const;
