import { commonSettings } from '#settings';

/** What a heartbeat is told by its environment; everything else are options of `khidi heartbeat serve`. */
export const heartbeatSettings = {
  logLevel: commonSettings.logLevel,
  httpCert: commonSettings.httpCert,
  httpKey: commonSettings.httpKey,
} as const;
