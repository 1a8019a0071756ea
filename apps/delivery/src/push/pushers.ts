import type { ReceivedRecord } from '#record';
import { describeError } from '#telemetry';
import type { Lanes } from '../lanes/lanes.js';
import type { WebhookEndpoint } from '../policy-source.js';
import type { Subscriptions } from '../pull/subscriptions.js';
import type { LaneName } from '../steps/rule.js';
import { decodePushState } from './push-state.js';
import { type PushDesk, Pusher, pushKey } from './pusher.js';
import type { WebhookKeys } from './webhook-secrets.js';

export interface PushersOptions extends PushDesk {
  readonly lanes: Lanes;
  readonly webhookKeys: WebhookKeys;
  readonly subscriptions: Pick<Subscriptions, 'endpointFor'>;
  readonly onCrash: (error: unknown) => void;
}

const LOOK_MS = 5000;

/** One pusher for each lane whose consumer has a webhook for its type; it follows changes of address and secret. */
export class Pushers {
  private readonly running = new Map<string, { readonly pusher: Pusher; readonly version: string }>();
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private unlisten: (() => void) | undefined;
  private stopped = false;

  constructor(private readonly options: PushersOptions) {}

  start(): void {
    this.unlisten = this.options.policy.onChange(() => this.look());
    this.options.lanes.onOpen(() => this.look());
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
    this.look();
  }

  /** The pusher of a lane. */
  get(name: LaneName): Pusher | undefined {
    return this.running.get(pushKey(name))?.pusher;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.unlisten?.();
    await this.looking;
    await Promise.all([...this.running.values()].map(({ pusher }) => pusher.stop()));
    this.options.poster.close();
  }

  /** Looks now for what has changed. */
  look(): void {
    this.looking = (this.looking ?? Promise.resolve())
      .then(() => this.followAll())
      .catch((error: unknown) => this.options.log.warn('webhooks could not be looked at', describeError(error)));
  }

  private async followAll(): Promise<void> {
    const source = this.options.policy.current();
    if ('fault' in source || this.stopped) return; // pushers ask by themselves, and stop
    for (const { name } of this.options.lanes.open()) {
      const endpoint = source.webhooks.find(
        ({ consumer, types }) => consumer === name.consumer && (types === undefined || types.includes(name.type)),
      );
      await this.follow(name, this.options.subscriptions.endpointFor(name, endpoint));
    }
  }

  private async follow(name: LaneName, endpoint: WebhookEndpoint | undefined): Promise<void> {
    const { decisions, webhookKeys, log, onCrash } = this.options;
    const key = endpoint === undefined ? undefined : await webhookKeys(name.consumer);
    const before = this.running.get(pushKey(name));
    const version =
      endpoint === undefined || key === undefined
        ? ''
        : `${endpoint.url} ${endpoint.order} ${endpoint.ttl ?? ''} ${key.toString('base64')}`;
    if ((before?.version ?? '') === version || this.stopped) return;
    await before?.pusher.stop();
    this.running.delete(pushKey(name));
    if (endpoint === undefined) return;
    if (key === undefined) return log.warn('a webhook has no secret and gets nothing', { ...name });
    const value = decisions.get(pushKey(name));
    const state = value === undefined ? { next: 0n, settled: new Set<bigint>() } : decodePushState(value, pushKey(name));
    this.running.set(pushKey(name), { pusher: new Pusher(name, endpoint, key, state, this.options, onCrash), version });
  }

  /** Brings a dead letter to its webhook once more. */
  replay(name: LaneName, record: ReceivedRecord) {
    return this.get(name)?.replay(record);
  }
}
