import { commonSettings, secret } from '#settings';

/** Where a service's Redis is, and as whom it is asked. */
export const redisSettings = {
  redisUrl: commonSettings.redisUrl,
  redisPassword: secret('KHIDI_REDIS_PASSWORD', 'password of the user that REDIS_URL names', { optional: true }),
};
