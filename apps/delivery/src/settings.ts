import { configurationSettings } from '#configuration';
import { custodySettings } from '#custody';
import { redisSettings } from '#seen';
import { commonSettings, flag, integer, list, secret, text } from '#settings';
import { streamSettings } from '#stream';

/** What this service is told by its environment. It signs permits for contents alone, and has a key for consumers' own pseudonyms. */
export const deliverySettings = {
  ...commonSettings,
  ...configurationSettings,
  ...redisSettings,
  ...custodySettings,
  contentAddresses: text(
    'KHIDI_CONTENT_ADDRESSES',
    'file that says where adapters give contents: {"<member>": "<URL>"}; empty: nowhere',
    { default: '' },
  ),
  consumerPseudonyms: flag(
    'KHIDI_CONSUMER_PSEUDONYMS',
    'give consumers pseudonyms of their own where agreements ask for it, by a key in KHIDI_KEYS',
    { default: false },
  ),
  newEpoch: flag('KHIDI_NEW_EPOCH', 'begin a new epoch with keys that differ from those in use before', { default: false }),
  chunkRecords: streamSettings.chunkRecords,
  deadLetterKey: streamSettings.deadLetterKey,
  callersFile: text('KHIDI_CALLERS', 'file of operators who may deal with dead letters; none where it is empty', { default: '' }),
  consumersFile: text('KHIDI_CONSUMERS', 'file of subsystems that fetch their deliveries; none where it is empty', {
    default: '',
  }),
  portalsFile: text('KHIDI_PORTALS', 'file of portals that ask for citizens who received their data; none where it is empty', {
    default: '',
  }),
  usageIndex: flag(
    'KHIDI_USAGE_INDEX',
    'keep an index of who received what in SQL; without DATABASE_URL in this process, for about 0.8 GB of memory',
    { default: false },
  ),
  databaseUrl: secret('DATABASE_URL', 'PostgreSQL server for the index of who received what', { optional: true }),
  usageStore: text('KHIDI_USAGE_STORE', 'folder of that index where it has no server; it can always be made again', {
    default: '.khidi/usage',
  }),
  citizenTypes: list('KHIDI_CITIZEN_TYPES', "record types whose identifier is a person's", { default: ['population.person'] }),
  pseudonymsUrl: text('KHIDI_PSEUDONYMS_URL', 'validation, which says under which pseudonym a person is known', {
    default: 'none',
  }),
  pseudonymsSecret: secret('KHIDI_PSEUDONYMS_SECRET', 'our secret at validation, where we are the caller delivery', {
    optional: true,
  }),
  webhookSecrets: text('KHIDI_WEBHOOK_SECRETS', 'folder with the secret of each webhook, <consumer>.whsec', {
    default: '.khidi/secrets/webhooks',
  }),
  webhookPrivate: flag('KHIDI_WEBHOOK_PRIVATE', 'allow webhooks at addresses that are not public, and without TLS', {
    default: false,
  }),
  webhookSeconds: integer('KHIDI_WEBHOOK_SECONDS', 'how long a webhook may take to answer', { min: 1, max: 60, default: 10 }),
  webhookAttempts: integer('KHIDI_WEBHOOK_ATTEMPTS', 'how often a delivery is tried before it becomes a dead letter', {
    min: 1,
    max: 100,
    default: 12,
  }),
  webhookPauseMs: integer('KHIDI_WEBHOOK_PAUSE_MS', 'the pause after the first failure, in milliseconds; it doubles', {
    min: 10,
    max: 60_000,
    default: 1000,
  }),
  webhookLongestSeconds: integer('KHIDI_WEBHOOK_LONGEST_SECONDS', 'the longest pause between two attempts', {
    min: 1,
    max: 3600,
    default: 300,
  }),
} as const;
