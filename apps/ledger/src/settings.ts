import { custodySettings } from '#custody';
import { commonSettings, flag, integer, secret, text } from '#settings';
import { streamSettings } from '#stream';

/** What this service is told by its environment. */
export const ledgerSettings = {
  ...commonSettings,
  ...custodySettings,
  deadLetterKey: streamSettings.deadLetterKey,
  logFolder: text('KHIDI_LOG', 'folder of the tiles and the checkpoint', { default: '.khidi/log' }),
  storeFolder: text('KHIDI_STORE', 'folder of the index of leaves, which can always be made again', {
    default: '.khidi/ledger',
  }),
  index: flag(
    'KHIDI_LEDGER_INDEX',
    'keep an index of leaves in SQL; without DATABASE_URL in this process, for about 0.8 GB of memory',
    {
      default: false,
    },
  ),
  databaseUrl: secret('DATABASE_URL', 'PostgreSQL server for the index of leaves', { optional: true }),
  origin: text('KHIDI_LOG_ORIGIN', "the log's name for ever, best an address without scheme; none: made from the operator", {
    default: 'none',
  }),
  chunkRecords: integer('KHIDI_LEDGER_RECORDS', 'how many records are integrated together at most', {
    min: 1,
    max: 20_000,
    default: 4000,
  }),
  policyFile: text('KHIDI_WITNESS_POLICY', 'C2SP tlog-policy file with the witnesses and their quorum; none: nobody witnesses', {
    default: 'none',
  }),
  windowSeconds: integer('KHIDI_WITNESS_WINDOW', 'how long the log goes on without a quorum of witnesses, in seconds', {
    min: 1,
    max: 7 * 86_400,
    default: 900,
  }),
  tsaUrl: text('KHIDI_TSA_URL', 'time-stamping authority (RFC 3161); none: no time-stamps', { default: 'none' }),
  stampSeconds: integer('KHIDI_TSA_SECONDS', 'how often the log is time-stamped, in seconds', {
    min: 1,
    max: 604_800,
    default: 3600,
  }),
  newEpoch: flag('KHIDI_NEW_EPOCH', 'go on with a log, or a log key, of which Kafka knows nothing', { default: false }),
} as const;
