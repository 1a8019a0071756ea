import {
  type DecryptionKeys,
  type DisclosedClaims,
  decryptEnvelope,
  type EnvelopeClaims,
  isDisclosable,
  isEncrypted,
  type KeySet,
  type RecordObject,
  verify,
  verifyDisclosed,
} from '#envelope';
import { type FaultReport, faultReport } from '#faults';
import {
  CONTENT_TYPE,
  HEADER,
  type Jti,
  type MemberId,
  type Op,
  type ReceivedRecord,
  readDeliveryTopic,
  registryOf,
  type SubjectUrn,
  subjectUrn,
} from '#record';

/** One delivery whose envelope holds. */
export interface Delivery<T = RecordObject> {
  /** 1, 2, 3 … for this consumer and record type; undefined where the message does not say. */
  readonly number: number;
  /** Together they name the exchange: the same pair again is the same exchange. */
  readonly iss: MemberId;
  readonly jti: Jti;
  /** Whose record it is (a pseudonym), what happened to it, and the number that grows with each change of it. */
  readonly sub: SubjectUrn;
  /** Whether `sub` is a pseudonym of this consumer's own, which the gateway states and the seal does not. */
  readonly ownPseudonym?: true;
  readonly op: Op;
  readonly seq: number;
  readonly record: T;
  /** Of an answer to a question of ours: the digest of that question, see `requestDigest`. */
  readonly request?: string;
  /** Everything that was signed. */
  readonly claims: EnvelopeClaims | DisclosedClaims;
  /** Whether this is the whole record, or only the fields that the agreement gives. */
  readonly whole: boolean;
  /** The agreement under which it was given, `<id>/<version>`, and the purpose it may be used for. */
  readonly agreement: string;
  readonly purpose: string;
  /** Of one that had been delivered before: the id of the replay that brings it again, under a new number. */
  readonly replay?: string;
  /** Of one that is part of an initial load: the id of the load. Whoever has the load has every subject that there was when it began. */
  readonly load?: string;
  /** Where the agreement asks for a receipt: within how long, as `PT1H`. */
  readonly receipt?: string;
  /** The envelope as it was delivered: keep it, it is the evidence. */
  readonly envelope: Buffer;
}

/** A delivery, or why the message is none. */
export type ReadDelivery<T> =
  | { readonly ok: true; readonly delivery: Delivery<T> }
  | { readonly ok: false; readonly fault: FaultReport; readonly number: number | undefined };

/** A message of a delivery topic, or a webhook request that says the same; that has no key. */
export type DeliveryMessage = Pick<ReceivedRecord, 'topic' | 'value' | 'headers'> & { readonly key?: Buffer | null };

const NUMBER = /^[1-9][0-9]{0,15}$/;

/**
 * Reads one message of a delivery topic: verifies its envelope with published keys, that its hints agree with what is signed, and that it
 * is of the type that the topic is for. `decode` makes the consumer's own type of the record; what it throws is a defect of the
 * consumer and is passed on. What is encrypted is opened with `decryption` first. Otherwise it never throws: ENCRYPTED_*, ENVELOPE_* and
 * DELIVERY_MESSAGE are answers.
 */
export function readDelivery<T>(
  message: DeliveryMessage,
  {
    keys,
    now,
    decode,
    decryption = new Map(),
  }: {
    readonly keys: KeySet;
    readonly now: Date;
    readonly decode: (record: RecordObject, claims: EnvelopeClaims | DisclosedClaims) => T;
    /** The consumer's private keys, where an agreement asks for encryption. */
    readonly decryption?: DecryptionKeys;
  },
): ReadDelivery<T> {
  const { key, topic } = message;
  const counted = textOf(message.headers[HEADER.number]);
  const number = NUMBER.test(counted) ? Number(counted) : undefined;
  const opened = openMessage(message, decryption);
  if ('fault' in opened) return { ok: false, fault: opened.fault, number };
  const { envelope, headers } = opened;
  const audience = readDeliveryTopic(topic)?.consumer;
  const own = headers[HEADER.ownSubject];
  const options = {
    keys,
    now,
    ...(audience === undefined ? {} : { audience }),
    // The key belongs to the subject that the message names: to the signed one, or to the consumer's own pseudonym.
    message: { headers, ...(key === undefined || own !== undefined ? {} : { key }) },
  };
  const verified = isDisclosable(envelope) ? verifyDisclosed(envelope, options) : verify(envelope, options);
  if (!verified.ok) return { ok: false, fault: verified.fault, number };
  const { claims } = verified;
  if (number === undefined) return { ok: false, fault: faultReport('DELIVERY_MESSAGE', undefined, HEADER.number), number };
  if (readDeliveryTopic(topic)?.type !== claims.schema.subject)
    return { ok: false, fault: faultReport('DELIVERY_MESSAGE', undefined, 'record type'), number };
  const { iss, jti, op, seq, record } = claims;
  const sub = own === undefined ? claims.sub : ownSubject(textOf(own), claims, key);
  if (sub === undefined) return { ok: false, fault: faultReport('DELIVERY_MESSAGE', '/sub', 'subject'), number };
  const whole = 'whole' in verified ? verified.whole : true;
  const [agreement, purpose, receipt] = [HEADER.agreement, HEADER.purpose, HEADER.receipt].map((name) => textOf(headers[name]));
  const delivery = {
    number,
    iss,
    jti,
    sub,
    ...(own === undefined ? {} : { ownPseudonym: true as const }),
    op,
    seq,
    record: decode(record, claims),
    ...(claims.request === undefined ? {} : { request: claims.request }),
    claims,
    whole,
    ...(headers[HEADER.replay] === undefined ? {} : { replay: textOf(headers[HEADER.replay]) }),
    ...(headers[HEADER.load] === undefined ? {} : { load: textOf(headers[HEADER.load]) }),
    agreement: agreement ?? '',
    purpose: purpose ?? '',
    ...(receipt === undefined || receipt === '' ? {} : { receipt }),
    envelope,
  };
  return { ok: true, delivery };
}

/** The consumer's own pseudonym, where the message may state one: of the right registry, for a subject that is not disclosed, and as its key. */
function ownSubject(
  text: string,
  claims: EnvelopeClaims | DisclosedClaims,
  key: Buffer | null | undefined,
): SubjectUrn | undefined {
  const subject = subjectUrn(text);
  const [registry, pseudonym] = text.split(':').slice(2);
  const fits = registry === registryOf(claims.schema.subject) && claims.sub === undefined && claims.event.subject === undefined;
  return fits && (key === undefined || String(key) === pseudonym) ? subject : undefined;
}

/** The envelope of a message and the headers that fit it; or why what is encrypted does not open. */
function openMessage(
  { value, headers }: DeliveryMessage,
  keys: DecryptionKeys,
): { readonly envelope: Buffer; readonly headers: DeliveryMessage['headers'] } | { readonly fault: FaultReport } {
  const envelope = value ?? Buffer.alloc(0);
  if (!isEncrypted(envelope)) return { envelope, headers };
  const decrypted = decryptEnvelope(envelope, keys);
  if (!decrypted.ok) return { fault: faultReport(decrypted.code, decrypted.pointer) };
  const type = isDisclosable(decrypted.content) ? CONTENT_TYPE.disclosable : CONTENT_TYPE.envelope;
  return { envelope: decrypted.content, headers: { ...headers, [HEADER.contentType]: Buffer.from(type) } };
}

const textOf = (value: Buffer | readonly Buffer[] | undefined): string => (Buffer.isBuffer(value) ? value.toString('utf8') : '');
