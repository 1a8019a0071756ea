import { readFileSync } from 'node:fs';
import { type JsonValue, sha256Base64url } from '#canonical';
import { type Digest, type EncryptionKey, firstKey, type KeySet, seal, sealDisclosable, writeKeyRecord } from '#envelope';
import { encodeEvidence } from '#evidence';
import type { FaultCode } from '#faults';
import { type Policy, preparePolicy } from '#policy';
import {
  decodeHandover,
  decodeLoadMark,
  deliveryTopic,
  HANDOVER_TOPIC,
  type HandedRecord,
  HEADER,
  isLoadMark,
  type LoadMark,
  type MemberId,
  type Position,
  type RecordType,
  readMembership,
  type SubjectUrn,
  type SubsystemId,
  sealedTopic,
} from '#record';
import { LocalQuotas } from '#seen';
import { Secret } from '#settings';
import { type DeadLetterSeal, planTopics } from '#stream';
import { createLogger, NO_TRACER, type Tracer } from '#telemetry';
import { type MemoryStream, memoryStream, PERSON, SEALED_AT, sealInput, TestClock, testIssuer } from '#testkit';
import { type Delivery, startDelivery } from './delivery.js';
import type { PolicySource, WebhookEndpoint } from './policy-source.js';
import type { ConsumerPseudonyms } from './pseudonyms/consumer-pseudonyms.js';
import { Poster, type PostOptions } from './push/post.js';
import type { PushPace } from './push/pusher.js';
import { webhookKey } from './push/sign-webhook.js';

export const SECRET = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;
export const PENSIONS = 'GE/GOV/7002/pensions' as SubsystemId;
export const TAXES = 'GE/GOV/7003/taxes' as SubsystemId;
export const TYPE = 'population.person' as RecordType;
const SEALED = sealedTopic(TYPE);
const TOPICS: unknown = JSON.parse(readFileSync('deploy/kafka/topics.json', 'utf8'));

/** The terms of a test's agreement on the person records of GE/GOV/7001. */
export function terms(consumer: SubsystemId, more: object = {}) {
  return {
    id: `a-${consumer.split('/').at(-1) ?? ''}`,
    version: 1,
    provider: 'GE/GOV/7001' as MemberId,
    consumer,
    type: TYPE,
    purpose: 'pension',
    fields: 'record' as const,
    quota: { records: 1000, per: 'hour' as const },
    from: '2099-01-01T00:00:00Z',
    until: '2100-01-01T00:00:00Z',
    origin: 'topic' as const,
    retention: 'P1Y',
    pseudonym: 'registry' as const,
    encryption: 'none' as const,
    ...more,
  };
}

/** A policy of accepted agreements, those with one id as its versions; `revoked` names those that were revoked before everything. */
export function policyOf(all: readonly ReturnType<typeof terms>[], { revoked = [] as string[], version = 'p1' } = {}): Policy {
  const day = '2098-12-01T00:00:00Z';
  return preparePolicy({
    version,
    approved: [
      ...new Set(all.flatMap(({ provider, consumer }) => [provider, consumer.split('/').slice(0, 3).join('/') as MemberId])),
    ],
    purposes: [{ id: 'pension', title: 'Pensions', basis: { text: 'A law (fictitious)' }, from: '2099-01-01T00:00:00Z' }],
    agreements: [...new Set(all.map(({ id }) => id))].map((id) => ({
      id,
      versions: all.filter((one) => one.id === id).map((one) => ({ terms: one, accepted: { provider: day, consumer: day } })),
      ...(revoked.includes(id) ? { revoked: day } : {}),
    })),
    classifications: { [TYPE]: { record: 'personal', fields: {} } },
  } as Parameters<typeof preparePolicy>[0]);
}

/** A source whose policy the test sets. */
export class FakePolicy implements PolicySource {
  private readonly listeners = new Set<() => void>();

  constructor(
    private state: Policy | FaultCode,
    private readonly webhooks: readonly WebhookEndpoint[] = [],
  ) {}

  /** What the consumers have for encryption. */
  key: EncryptionKey | undefined;
  /** Their own names for subjects. */
  pseudonyms: ConsumerPseudonyms | undefined;
  /** By what their members sign. */
  signingKeys: KeySet = new Map();

  current(): ReturnType<PolicySource['current']> {
    const { state, webhooks } = this;
    return typeof state === 'string'
      ? { fault: state }
      : {
          policy: state,
          webhooks,
          encryptionKey: () => this.key,
          ...(this.pseudonyms === undefined ? {} : { pseudonyms: this.pseudonyms }),
          signingKeys: () => this.signingKeys,
        };
  }

  set(state: Policy | FaultCode): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

const issuer = testIssuer();
/** The published keys of who sealed the scene's records. */
export const issuerKeys = issuer.keys;

/** What a test may change of a delivery. */
interface StartOptions {
  readonly chunkRecords?: number;
  readonly seal?: DeadLetterSeal;
  readonly post?: Partial<PostOptions>;
  readonly pace?: Partial<PushPace>;
  readonly tracer?: Tracer;
}

/** An instance in memory: a stream with sealed records, what the ledger says of them, and deliveries to start. */
export class Scene {
  readonly stream: MemoryStream;
  readonly crashes: unknown[] = [];
  readonly membership;
  readonly clock = new TestClock();
  /** What agreements have used; it outlives a delivery. */
  quotas = new LocalQuotas();
  private readonly running: Delivery[] = [];

  constructor() {
    const members = [{ id: 'GE/GOV/7001', name: 'A', subsystems: ['base-registry'], publishes: [TYPE] }];
    const read = readMembership({ operator: 'GE/GOV/0001', members });
    if ('mistakes' in read) throw new Error(read.mistakes.join());
    this.membership = read.membership;
    this.stream = memoryStream(planTopics(TOPICS, this.membership), () => this.clock.now().getTime());
    const { key } = issuer;
    const record = firstKey(key, this.membership.operator, 'file', { by: 'test', at: key.created, why: 'test' });
    this.stream.append({ topic: 'keys', key: key.kid, value: writeKeyRecord(record), headers: {} });
  }

  async start(policy: PolicySource, more: StartOptions = {}): Promise<Delivery> {
    const delivery = await startDelivery({
      service: 'delivery',
      client: this.stream,
      policy,
      plan: (subscriptions) => planTopics(TOPICS, this.membership, subscriptions),
      chunkRecords: more.chunkRecords ?? 400,
      seal: more.seal,
      log: createLogger('delivery', 'debug', { write: () => undefined }),
      observe: {
        handed: () => undefined,
        waits: () => undefined,
        quota: () => undefined,
        receipts: { received: () => undefined, missing: () => undefined },
      },
      tracer: more.tracer ?? NO_TRACER,
      push: {
        poster: new Poster({ timeoutMs: 10_000, privateAllowed: true, ...more.post }),
        pace: { attempts: 3, firstMs: 5, longestMs: 50, ...more.pace },
        random: () => 0.5,
        observe: { posted: () => undefined, circuit: () => undefined, dead: () => undefined },
        webhookKeys: async () => webhookKey(new Secret(SECRET)),
      },
      quotas: this.quotas,
      now: this.clock.now,
      onCrash: (error) => this.crashes.push(error),
    });
    this.running.push(delivery);
    return delivery;
  }

  async stop(): Promise<void> {
    for (const delivery of this.running.splice(0)) await delivery.close();
  }

  /** Seals records of one subject and writes them as signing does. */
  async seal(
    ids: readonly string[],
    {
      subject = 'a person',
      auth = 'topic',
      partition = 0,
      record = PERSON as JsonValue,
      disclosable = false,
      aud = undefined as SubsystemId | undefined,
      traceparent = undefined as string | undefined,
    } = {},
  ) {
    const positions: Position[] = [];
    for (const [seq, id] of ids.entries()) {
      const input = sealInput({}, record);
      const pseudonym = sha256Base64url(Buffer.from(subject));
      const sealed = await (disclosable ? sealDisclosable : seal)(
        {
          ...input,
          sub: `urn:khidi:population:${pseudonym}` as SubjectUrn,
          event: { ...input.event, id },
          origin: { ...input.origin, auth },
          seq: seq + 1,
          ...(aud === undefined ? {} : { target: { aud, request: `sha-256:${'A'.repeat(43)}` as Digest } }),
        },
        issuer.sealer,
        SEALED_AT,
      );
      if (!sealed.ok) throw new Error(sealed.fault.code);
      const headers = {
        [HEADER.contentType]: disclosable ? 'application/sd-jwt' : 'application/jose',
        [HEADER.id]: id,
        ...(traceparent === undefined ? {} : { [HEADER.traceparent]: traceparent }),
      };
      positions.push(...this.stream.append({ topic: SEALED, key: pseudonym, value: sealed.envelope, headers, partition }));
    }
    return positions;
  }

  /** Says what the ledger says of everything between two offsets. */
  log(first: number, last: number, without: readonly number[] = [], partition = 0): void {
    const event = { topic: SEALED, partition, first: String(first), last: String(last), leaf: 0, leaves: 0, size: 0 };
    const value = encodeEvidence({ ...event, without: without.map(String) });
    this.stream.append({ topic: 'evidence', key: `${SEALED}/${partition}`, value, headers: {}, partition: 0 });
  }

  /** The ids and numbers on a consumer's topic, in order. */
  delivered(consumer: SubsystemId): readonly (readonly [id: string, number: number])[] {
    return this.onTopic(deliveryTopic(consumer, TYPE)).map(({ headers }) => [
      String(headers[HEADER.id]),
      Number(String(headers[HEADER.number])),
    ]);
  }

  /** What a consumer's topic says of initial loads that are complete. */
  marks(consumer: SubsystemId): readonly LoadMark[] {
    const records = this.stream.records(deliveryTopic(consumer, TYPE)).filter(isLoadMark);
    return records.flatMap(({ value }) => decodeLoadMark(value) ?? []);
  }

  /** What was said to have become of each record, for one consumer. */
  handed(consumer: SubsystemId): readonly HandedRecord[] {
    return this.onTopic(HANDOVER_TOPIC)
      .flatMap(({ value }) => decodeHandover(value) ?? [])
      .filter((handover) => handover.consumer === consumer)
      .flatMap(({ records }) => records);
  }

  /** What lies on a topic, but for the marks of initial loads. */
  onTopic(topic: string) {
    try {
      return this.stream.records(topic).filter((record) => !isLoadMark(record));
    } catch {
      return []; // nobody has made it yet
    }
  }
}

/** The ids of so many events, `e1` and on. */
export const ids = (count: number, from = 1): string[] => Array.from({ length: count }, (_, i) => `e${from + i}`);

/** Waits for a fact. */
export async function until(fact: () => boolean, what = 'the fact'): Promise<void> {
  for (const end = Date.now() + 20_000; !fact(); ) {
    if (Date.now() > end) throw new Error(`waited 20 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
