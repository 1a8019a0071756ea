import { type FaultCode, FaultError } from '#faults';

/** The broker's name of an error (`REBALANCE_IN_PROGRESS`), or undefined where it has none. */
export function typeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return 'cause' in error ? typeOf(error.cause) : undefined;
}

/** What the connection itself failed with (`ECONNREFUSED`, `CERT_HAS_EXPIRED`): Node's name, which quotes nothing. */
function socketCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? socketCodeOf(error.cause) : undefined;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

const CODES: Readonly<Record<string, FaultCode>> = {
  MESSAGE_TOO_LARGE: 'STREAM_RECORD_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'STREAM_RECORD_TOO_LARGE',
  INVALID_PRODUCER_EPOCH: 'STREAM_FENCED',
  PRODUCER_FENCED: 'STREAM_FENCED',
  TRANSACTION_COORDINATOR_FENCED: 'STREAM_FENCED',
};

const FORBIDDEN = /AUTHORIZATION_FAILED$/;

/** Whether the broker says that we have no right to it. */
export const isForbidden = (error: unknown): boolean => FORBIDDEN.test(typeOf(error) ?? '');

/**
 * Our fault for an error of kafkajs. Its message is left out, since kafkajs quotes what it was given; the broker's name of the error
 * and the class are enough to find the cause.
 */
export function asFault(error: unknown): FaultError {
  if (error instanceof FaultError) return error;
  const type = typeOf(error);
  const code = CODES[type ?? ''] ?? (isForbidden(error) ? 'STREAM_FORBIDDEN' : 'STREAM_UNAVAILABLE');
  return new FaultError(code, type ?? socketCodeOf(error) ?? nameOf(error), { cause: error });
}

const REBALANCING = new Set(['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);

/** Whether the group has to be joined again. */
export const isRebalancing = (error: unknown): boolean => REBALANCING.has(typeOf(error) ?? '');

const DEFECTS = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);
const HOPELESS =
  /AUTHORIZATION_FAILED|AUTHENTICATION_FAILED|^INCONSISTENT_GROUP_PROTOCOL$|^INVALID_(SESSION_TIMEOUT|GROUP_ID|TOPIC_EXCEPTION)$|^UNSUPPORTED_/;

/** What neither waiting nor connecting anew mends: a missing right, a setting, a defect of ours. */
export const isHopeless = (error: unknown): boolean => isDefect(error) || HOPELESS.test(typeOf(error) ?? '');

const isDefect = (error: unknown): boolean =>
  DEFECTS.has(nameOf(error)) || (error instanceof FaultError && error.cause !== undefined && isDefect(error.cause));

/** Whether the same idempotent send may be repeated: the broker did not say no. */
export function isTransient(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || isDefect(error)) return false;
  return 'retriable' in error && error.retriable === true;
}

/** Whether the broker did not answer in time, so that the connection itself may be dead without anybody having said so. */
export const isUnanswered = (error: unknown): boolean => nameOf(error) === 'KafkaJSRequestTimeoutError';
