import { commonSettings, text } from '#settings';

/** What this service is told by its environment. */
export const registrySettings = {
  ...commonSettings,
  callersFile: text('KHIDI_CALLERS', 'file of the hashed secrets of those who may register schemas'),
} as const;
