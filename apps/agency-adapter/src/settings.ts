import { configurationSettings } from '#configuration';
import { custodySettings } from '#custody';
import { redisSettings } from '#seen';
import { commonSettings, flag, integer, list, text } from '#settings';
import { MAX_QUESTION_SECONDS } from './limits.js';

/** The settings of the agency adapter. */
export const adapterSettings = {
  brokers: commonSettings.brokers,
  kafkaCa: commonSettings.kafkaCa,
  kafkaCert: commonSettings.kafkaCert,
  kafkaKey: commonSettings.kafkaKey,
  host: commonSettings.host,
  port: commonSettings.port,
  httpCert: commonSettings.httpCert,
  httpKey: commonSettings.httpKey,
  membersFile: commonSettings.membersFile,
  topicsFile: commonSettings.topicsFile,
  keysFolder: commonSettings.keysFolder,
  logLevel: commonSettings.logLevel,
  operatorsFile: commonSettings.operatorsFile,
  traces: commonSettings.traces,
  ...redisSettings,
  quota: text('KHIDI_QUOTA', 'how many records the member may send, as 10000/minute (or hour, day); empty: no quota', {
    default: '',
  }),
  passphrase: commonSettings.passphrase,
  ...custodySettings,
  originSeal: flag('KHIDI_ORIGIN_SEAL', 'whether the agency seals its records itself, before they leave', { default: false }),
  member: text('KHIDI_MEMBER', 'the member whose adapter this is, like GE/GOV/7001'),
  callersFile: text('KHIDI_CALLERS', 'file of secret hashes: {"<subsystem code>": ["sha-256:…"]}'),
  storeFolder: text('KHIDI_STORE', 'folder of the outcome store'),
  storeDays: integer('KHIDI_STORE_DAYS', 'how many days outcomes are kept', { min: 1, max: 3650, default: 30 }),
  contentFolder: text('KHIDI_CONTENT', 'folder of contents that records name; empty: none are kept', { default: '' }),
  contentMiB: integer('KHIDI_CONTENT_MIB', 'the largest content, in MiB', { min: 1, max: 4096, default: 64 }),
  contentTotalMiB: integer('KHIDI_CONTENT_TOTAL_MIB', 'how much room all contents have together, in MiB', {
    min: 1,
    max: 10_000_000,
    default: 10_240,
  }),
  contentHours: integer('KHIDI_CONTENT_HOURS', 'how many hours a content waits for a record that names it', {
    min: 1,
    max: 720,
    default: 24,
  }),
  contentDays: integer('KHIDI_CONTENT_DAYS', 'how many days after a record named it a content is kept', {
    min: 1,
    max: 36_500,
    default: 35,
  }),
  contentDaysOf: list('KHIDI_CONTENT_DAYS_OF', 'record types whose contents are kept for other times, as property.parcel=365', {
    default: [],
  }),
  permitKeys: text(
    'KHIDI_PERMIT_KEYS',
    'file of the keys by which delivery permits fetching contents (JWK set); empty: nobody may',
    {
      default: '',
    },
  ),
  mappingsFolder: text('KHIDI_MAPPINGS', 'folder of CSV mappings', { default: '.khidi/mappings' }),
  ...configurationSettings,
  questionType: text('KHIDI_QUESTION_TYPE', 'record type and schema version of questions that are asked over HTTP', {
    default: 'exchange.question:1',
  }),
  questionSeconds: integer('KHIDI_QUESTION_SECONDS', 'how long a question waits for its answer, where its caller does not say', {
    min: 1,
    max: MAX_QUESTION_SECONDS,
    default: 10,
  }),
  questionsAtOnce: integer('KHIDI_QUESTIONS_AT_ONCE', 'how many answers a subsystem may wait for at once', {
    min: 1,
    max: 1000,
    default: 50,
  }),
  decryptionKeys: list('KHIDI_DECRYPTION_KEYS', 'files of private keys (PEM) that open answers encrypted to the member', {
    default: [],
  }),
  memberKey: text('KHIDI_MEMBER_KEY', 'name of the sealed file of the member secret in KHIDI_KEYS', {
    default: 'member-<member>.key',
  }),
} as const;
