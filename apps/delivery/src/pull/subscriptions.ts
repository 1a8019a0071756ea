import { randomUUID } from 'node:crypto';
import { Turns } from '#concurrency';
import { FaultError } from '#faults';
import { subsystemId } from '#record';
import type { Lanes } from '../lanes/lanes.js';
import type { PolicySource, WebhookEndpoint } from '../policy-source.js';
import type { Decisions } from '../state/decisions.js';
import type { LaneName } from '../steps/rule.js';

/** How a consumer wants the records of one type, by GovStack's Pub/Sub contract. `ttl` is seconds. */
export interface Subscription {
  readonly id: string;
  readonly delivery: 'PUSH' | 'PULL';
  readonly ttl: number;
  readonly fifo: boolean;
}

/** What a caller may choose. */
export type Wanted = Partial<Omit<Subscription, 'id'>>;

export interface SubscriptionParts {
  readonly decisions: Pick<Decisions, 'get' | 'commit'>;
  readonly policy: PolicySource;
  readonly lanes: Pick<Lanes, 'open'>;
  /** Told of every change. */
  readonly changed: () => void;
}

const DEFAULTS = { delivery: 'PUSH', ttl: 3600, fifo: false } as const;
const CANCELLED = '{"cancelled":true}';

/**
 * What consumers chose by GovStack's contract, kept in the state of delivery. Who never chose gets what the directory says: a webhook where
 * there is one, fetching otherwise, without an end. A subscription permits nothing: without an agreement there is no lane.
 */
export class Subscriptions {
  /** One change at a time, each on what the one before it left: of two that subscribe at once one hears SUBSCRIPTION_EXISTS. */
  private readonly changes = new Turns();

  constructor(private readonly parts: SubscriptionParts) {}

  /** The subscription; `cancelled` where it was given up; undefined where nothing was ever chosen. Throws DELIVERY_STATE_UNREADABLE. */
  of(lane: LaneName): Subscription | 'cancelled' | undefined {
    const text = this.parts.decisions.get(keyOf(lane))?.toString('utf8');
    if (text === undefined || text === CANCELLED) return text === undefined ? undefined : 'cancelled';
    try {
      return JSON.parse(text) as Subscription;
    } catch (cause) {
      throw new FaultError('DELIVERY_STATE_UNREADABLE', keyOf(lane), { cause });
    }
  }

  /** Those of one consumer that are not cancelled, with their types. */
  list(consumer: string): readonly (Subscription & { readonly name: LaneName })[] {
    return this.parts.lanes.open().flatMap(({ name }) => {
      const found = name.consumer === subsystemId(consumer) ? this.of(name) : undefined;
      return found === undefined || found === 'cancelled' ? [] : [{ ...found, name }];
    });
  }

  /** Throws DOOR_NOT_FOUND without an agreement, SUBSCRIPTION_EXISTS, and SUBSCRIPTION_NO_WEBHOOK for PUSH to nowhere. */
  add(lane: LaneName, wanted: Wanted): Promise<Subscription> {
    return this.changes.take(async () => {
      if (!this.parts.lanes.open().some(({ name }) => keyOf(name) === keyOf(lane)))
        throw new FaultError('DOOR_NOT_FOUND', keyOf(lane));
      const before = this.of(lane);
      if (before !== undefined && before !== 'cancelled') throw new FaultError('SUBSCRIPTION_EXISTS', keyOf(lane));
      return this.keep(lane, { id: randomUUID(), ...DEFAULTS, ...wanted });
    });
  }

  /** Throws DOOR_NOT_FOUND where there is none, and SUBSCRIPTION_NO_WEBHOOK. */
  change(lane: LaneName, wanted: Wanted): Promise<Subscription> {
    return this.changes.take(async () => this.keep(lane, { ...this.existing(lane), ...wanted }));
  }

  /** Nothing is brought or given from now on, until somebody subscribes again. Throws DOOR_NOT_FOUND where there is none. */
  cancel(lane: LaneName): Promise<void> {
    return this.changes.take(async () => {
      this.existing(lane);
      await this.parts.decisions.commit({ key: keyOf(lane), value: Buffer.from(CANCELLED), records: [] });
      this.parts.changed();
    });
  }

  /** The subscription. Throws DOOR_NOT_FOUND where there is none. */
  existing(lane: LaneName): Subscription {
    const found = this.of(lane);
    if (found === undefined || found === 'cancelled') throw new FaultError('DOOR_NOT_FOUND', keyOf(lane));
    return found;
  }

  /** The endpoint as the subscription wants it; undefined where nothing is to be brought. */
  endpointFor(lane: LaneName, endpoint: WebhookEndpoint | undefined): WebhookEndpoint | undefined {
    const chosen = this.of(lane);
    if (chosen === undefined || endpoint === undefined) return endpoint;
    if (chosen === 'cancelled' || chosen.delivery === 'PULL') return undefined;
    return { ...endpoint, ttl: chosen.ttl, ...(chosen.fifo ? { order: 'all' } : {}) };
  }

  private async keep(lane: LaneName, subscription: Subscription): Promise<Subscription> {
    if (subscription.delivery === 'PUSH' && !this.hasWebhook(lane)) throw new FaultError('SUBSCRIPTION_NO_WEBHOOK', keyOf(lane));
    await this.parts.decisions.commit({ key: keyOf(lane), value: Buffer.from(JSON.stringify(subscription)), records: [] });
    this.parts.changed();
    return subscription;
  }

  private hasWebhook({ consumer, type }: LaneName): boolean {
    const source = this.parts.policy.current();
    if ('fault' in source) throw new FaultError(source.fault);
    return source.webhooks.some((one) => one.consumer === consumer && (one.types === undefined || one.types.includes(type)));
  }
}

const keyOf = ({ consumer, type }: LaneName): string => `sub|${consumer}|${type}`;
