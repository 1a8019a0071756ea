import { configurationSettings } from '#configuration';
import { custodySettings } from '#custody';
import { commonSettings, integer, text } from '#settings';

const { configurationAnchor } = configurationSettings;

/** What this service is told by its environment. */
export const directorySettings = {
  ...commonSettings,
  ...custodySettings,
  configurationAnchor: text(configurationAnchor.name, 'file of the keys that sign the configuration; made at the first start', {
    default: '.khidi/configuration-anchor.json',
  }),
  callersFile: text('KHIDI_CALLERS', 'file of the officers and the hashes of their secrets', { default: '' }),
  validSeconds: integer('KHIDI_CONFIGURATION_SECONDS', 'how long a configuration is valid', {
    min: 10,
    max: 86_400,
    default: 600,
  }),
  renewSeconds: integer('KHIDI_CONFIGURATION_RENEW_SECONDS', 'how often it is renewed', { min: 1, max: 43_200, default: 60 }),
} as const;
