import { text } from '#settings';

/** The settings of a service that follows the directory; spread them into its own. */
export const configurationSettings = {
  configurationAnchor: text(
    'KHIDI_CONFIGURATION_ANCHOR',
    'file of the keys that sign the configuration of the directory (JWK set)',
    { default: '' },
  ),
} as const;
