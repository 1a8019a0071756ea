import { readFileSync } from 'node:fs';
import { FaultError } from '#faults';
import { type Membership, type RecordType, readMembership, recordType } from '#record';
import { integer, list, oneOf, secret, text } from './reader.js';

/** The settings that every service shares; spread them into its own. */
export const commonSettings = {
  brokers: list('KAFKA_BROKERS', 'Kafka bootstrap servers', { default: ['127.0.0.1:9092'] }),
  kafkaCa: text(
    'KHIDI_KAFKA_CA',
    'certificates (PEM file) of who signs those of the brokers; empty: Kafka is asked without TLS',
    {
      default: '',
    },
  ),
  kafkaCert: text('KHIDI_KAFKA_CERT', 'our certificate for Kafka (PEM file), whose name is our principal there', { default: '' }),
  kafkaKey: text('KHIDI_KAFKA_KEY', 'the private key of that certificate (PEM file), closed to others', { default: '' }),
  redisUrl: text('REDIS_URL', 'Redis server', { default: 'redis://127.0.0.1:6379' }),
  host: text('KHIDI_HOST', 'address that the HTTP door binds to', { default: '127.0.0.1' }),
  port: integer('KHIDI_PORT', 'port of the HTTP door; 0 picks a free one', { min: 0, max: 65535, default: 0 }),
  httpCert: text('KHIDI_HTTP_CERT', 'certificate of the HTTP door (PEM file, with its chain); empty: it speaks plain HTTP', {
    default: '',
  }),
  httpKey: text('KHIDI_HTTP_KEY', 'the private key of that certificate (PEM file), closed to others', { default: '' }),
  membersFile: text('KHIDI_MEMBERS', 'file that names the operator and the members', { default: 'deploy/local/members.json' }),
  topicsFile: text('KHIDI_TOPICS', 'file of topic templates', { default: 'deploy/kafka/topics.json' }),
  keysFolder: text('KHIDI_KEYS', 'folder of sealed key files', { default: '.khidi/keys' }),
  logLevel: oneOf('KHIDI_LOG_LEVEL', 'how much is logged', ['debug', 'info', 'warn', 'error'], { default: 'info' }),
  operatorsFile: text(
    'KHIDI_OPERATORS',
    'file of secret hashes of those who may change how much this service logs; empty: nobody',
    {
      default: '',
    },
  ),
  traces: text('OTEL_EXPORTER_OTLP_ENDPOINT', 'base address of an OpenTelemetry collector (OTLP/HTTP); none: no traces', {
    default: 'none',
  }),
  passphrase: secret('KHIDI_PASSPHRASE', 'opens the sealed key files', { optional: true }),
} as const;

/** Reads a members file. Throws SETTINGS_INVALID with every mistake in it. */
export function readMembers(file: string): Membership {
  const read = readMembership(readJsonFile(file));
  if ('mistakes' in read) throw new FaultError('SETTINGS_INVALID', `${file}: ${read.mistakes.join('; ')}`);
  return read.membership;
}

/** Reads a settings file in JSON. Throws SETTINGS_INVALID where it is missing or not JSON, without quoting it. */
export function readJsonFile(file: string): unknown {
  let raw: string;
  try {
    raw = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FaultError('SETTINGS_INVALID', `${file} cannot be read`, { cause });
  }
  try {
    return JSON.parse(raw);
  } catch {
    throw new FaultError('SETTINGS_INVALID', `${file} is not JSON`); // the parser's message would quote the file
  }
}

/** The record types that a setting names. Throws SETTINGS_INVALID. */
export function recordTypesOf(setting: string, texts: readonly string[]): readonly RecordType[] {
  return texts.map((text) => {
    const type = recordType(text);
    if (type === undefined) throw new FaultError('SETTINGS_INVALID', `${setting} names something that is no record type`);
    return type;
  });
}
