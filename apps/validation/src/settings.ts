import { configurationSettings } from '#configuration';
import { redisSettings } from '#seen';
import { commonSettings, flag, integer, text } from '#settings';
import { streamSettings } from '#stream';

/** What this service is told by its environment. */
export const validationSettings = {
  ...commonSettings,
  ...streamSettings,
  ...redisSettings,
  ...configurationSettings,
  seenDays: integer('KHIDI_SEEN_DAYS', 'how many days a handled id is remembered', { min: 1, max: 3650, default: 30 }),
  pseudonymCallers: text(
    'KHIDI_PSEUDONYM_CALLERS',
    'file of the services that may ask under which pseudonym a subject is known; none where it is empty',
    { default: '' },
  ),
  newEpoch: flag('KHIDI_NEW_EPOCH', 'begin a new epoch with keys that differ from those in use before', { default: false }),
} as const;
