import type { Server } from 'node:http';
import { canonicalize, sha256Base64url } from '#canonical';
import { type Consuming, consume, memorySink } from '#consumer';
import { type EnvelopeClaims, type KeySet, mergeKeySets, readKeySet, verify } from '#envelope';
import { decodeOutcomes, type Outcome, outcomesTopic, type RecordType, type SubsystemId } from '#record';
import { deadLetterTopic, type Reader } from '#stream';
import { webhook } from '../flow/exchange.js';
import type { Delivered } from '../flow/judge.js';
import type { Instance } from '../instance/instance.js';

/** What an observer takes from the road, and how its webhook answers. */
export interface ObserverOptions {
  readonly type: RecordType;
  readonly byTopic: SubsystemId;
  /** The status that the webhook gives to a record that it has not taken yet; 204 takes it. */
  readonly answer: (claims: EnvelopeClaims, number: number) => number | Promise<number>;
}

/**
 * All ends of the road, read while it is disturbed, by the library that consuming agencies use: one consumer that reads its topic, one
 * with a webhook, the outcomes of every member, and what became a dead letter. Nothing here is part of the system under test.
 */
export class Observer {
  readonly delivered: Delivered[] = [];
  readonly posted: Delivered[] = [];
  /** Outcomes but for those that only say that a record was sealed. */
  readonly told: Outcome[] = [];
  /** The exchanges (`<iss> <jti>`) that a consumer did not take. */
  readonly dead: string[] = [];
  /** Gaps in the numbers of deliveries, and envelopes that did not hold. */
  readonly complaints: string[] = [];
  /** Up to where the consumer has read its topic. */
  position = 0n;
  /** Positions of records that a scenario wrote past the door and judges by itself (`topic/partition/offset`). */
  readonly aside = new Set<string>();
  /** By event: version and digest of the schema that its envelope names. */
  readonly schemas = new Map<string, string>();
  #instance: Instance | undefined;
  #keys: KeySet = new Map();
  #readers: Reader[] = [];
  #consuming: Consuming | undefined;
  #hook: { url: string; server: Server } | undefined;
  readonly #taken = new Set<string>();

  constructor(private readonly options: ObserverOptions) {}

  /** Where the webhook answers; to be asked for before the agreements are made. */
  async listen(): Promise<string> {
    this.#hook = await webhook((body, number) => this.#answer(body, number));
    return this.#hook.url;
  }

  /** Once the topics are there. */
  async follow(instance: Instance): Promise<void> {
    this.#instance = instance;
    const { client } = instance;
    const { type, byTopic: consumer } = this.options;
    const keys = { current: () => this.#keys, refresh: () => this.refreshKeys(instance) };
    this.#consuming = await consume({
      transport: {
        read: (options, onRun) =>
          client.transport.read(options, async (run) => {
            this.position = run.next;
            await onRun(run);
          }),
      },
      ...{ consumer, type, keys, sink: memorySink(), now: () => new Date() },
      decode: (record) => record,
      onApplied: ({ claims }, applied) => {
        const { event, schema } = claims as EnvelopeClaims;
        this.schemas.set(`${event.source} ${event.id}`, `${schema.version} ${schema.digest}`);
        if (applied === 'applied') this.delivered.push(deliveredOf(claims as EnvelopeClaims));
        else if (applied === 'late') this.complaints.push(`late ${claims.jti}`);
      },
      onGap: (from, to) => this.complaints.push(`gap ${from}-${to}`),
      onRefused: ({ offset }, { code }) => this.complaints.push(`${code} at ${offset}`),
    });
    const read = (topic: string, onValue: (value: Buffer | null) => void): void => {
      const reader = client.transport.read({ topic, partition: 0, from: 'earliest' }, async ({ records }) => {
        for (const { value } of records) onValue(value);
      });
      reader.done.catch((error: unknown) => this.complaints.push(`${topic}: ${String(error)}`));
      this.#readers.push(reader);
    };
    for (const { member } of instance.agencies)
      read(outcomesTopic(member.id), (value) =>
        this.told.push(...(decodeOutcomes(value) ?? []).filter(({ kind }) => kind !== 'sealed')),
      );
    read(deadLetterTopic('delivery'), (value) => {
      const result = verify(value ?? Buffer.alloc(0), { keys: this.#keys, now: new Date() });
      if (result.ok) this.dead.push(exchangeOf(result.claims));
    });
  }

  /** Keys that were published once stay known: what they sealed stays sealed. */
  async refreshKeys({ signing }: Instance): Promise<void> {
    const answer = await fetch(`${signing.url}/.well-known/jwks.json`).catch(() => undefined); // it may be killed just now
    if (answer?.ok === true) this.#keys = mergeKeySets(this.#keys, readKeySet(await answer.json()));
  }

  async stop(): Promise<void> {
    await this.#consuming?.stop();
    await Promise.all(this.#readers.map((reader) => reader.stop()));
    this.#hook?.server.closeAllConnections();
    this.#hook?.server.close();
  }

  async #answer(body: Buffer, number: number): Promise<number> {
    let result = verify(body, { keys: this.#keys, now: new Date() });
    if (!result.ok && this.#instance !== undefined) {
      await this.refreshKeys(this.#instance); // perhaps a key that is not known yet
      result = verify(body, { keys: this.#keys, now: new Date() });
    }
    if (!result.ok) return 503;
    const exchange = exchangeOf(result.claims);
    if (this.#taken.has(exchange)) return 204;
    const status = await this.options.answer(result.claims, number);
    if (status !== 204 || this.#taken.has(exchange)) return status;
    this.#taken.add(exchange);
    this.posted.push(deliveredOf(result.claims));
    return status;
  }
}

const exchangeOf = ({ iss, jti }: Pick<EnvelopeClaims, 'iss' | 'jti'>): string => `${iss} ${jti}`;

const deliveredOf = (claims: EnvelopeClaims): Delivered => ({
  event: `${claims.event.source} ${claims.event.id}`,
  exchange: exchangeOf(claims),
  sub: claims.sub,
  seq: claims.seq,
  digest: sha256Base64url(canonicalize(claims.record)),
});
