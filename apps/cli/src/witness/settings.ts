import { commonSettings, secret } from '#settings';

/** What a witness is told by its environment; everything else are options of `khidi witness`. */
export const witnessSettings = {
  logLevel: commonSettings.logLevel,
  httpCert: commonSettings.httpCert,
  httpKey: commonSettings.httpKey,
  passphrase: secret('KHIDI_PASSPHRASE', 'opens the key of the witness', { optional: true }),
} as const;
