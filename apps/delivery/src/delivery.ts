import { SealingKeys } from '#consumer';
import { AUDIT_TOPIC } from '#evidence';
import { deliveryTopic, HANDOVER_TOPIC, RECEIPT_TOPIC } from '#record';
import type { Quotas } from '#seen';
import {
  type DeadLetterSeal,
  deadLetterTopic,
  isRegister,
  type StreamClient,
  type Subscription,
  type Table,
  type TopicPlan,
  topicsOf,
} from '#stream';
import type { Logger, Tracer } from '#telemetry';
import { Bell } from './bell.js';
import { DeadLetterDesk } from './desk/dead-letter-desk.js';
import { DeadLetters } from './desk/dead-letters.js';
import { replayOf } from './desk/replay.js';
import type { Lane, LaneObserver } from './lanes/lane.js';
import { Lanes } from './lanes/lanes.js';
import type { PolicySource } from './policy-source.js';
import { PullDesk } from './pull/pull-desk.js';
import { Subscriptions } from './pull/subscriptions.js';
import type { PushDesk } from './push/pusher.js';
import { Pushers } from './push/pushers.js';
import type { WebhookKeys } from './push/webhook-secrets.js';
import { ReceiptDesk, type ReceiptObserver } from './receipts/receipt-desk.js';
import { ReplayDesk } from './replay/replay-desk.js';
import { KeptEvidence } from './sealed/kept-evidence.js';
import { Watermarks } from './sealed/watermarks.js';
import { Decisions } from './state/decisions.js';

/** What a delivery is made of. */
export interface DeliveryOptions {
  readonly service: string;
  readonly client: StreamClient;
  readonly policy: PolicySource;
  readonly plan: (subscriptions: readonly Subscription[]) => TopicPlan;
  readonly chunkRecords: number;
  /** Encrypts the bodies of dead letters; absent: they stay as they are. */
  readonly seal?: DeadLetterSeal | undefined;
  readonly log: Logger;
  readonly observe: LaneObserver & { readonly receipts: ReceiptObserver };
  readonly tracer: Tracer;
  readonly push: Pick<PushDesk, 'poster' | 'pace' | 'random' | 'observe'> & { readonly webhookKeys: WebhookKeys };
  readonly quotas: Quotas;
  readonly now: () => Date;
  /** Told when delivery cannot go on. */
  readonly onCrash: (error: unknown) => void;
}

/** A delivery that works. */
export interface Delivery {
  readonly lanes: Lanes;
  readonly decisions: Decisions;
  readonly pull: PullDesk;
  readonly subscriptions: Subscriptions;
  readonly desk: DeadLetterDesk;
  readonly replays: ReplayDesk;
  readonly receipts: ReceiptDesk;
  /** What outlives the evidence topic of what the ledger said. */
  readonly evidence: KeptEvidence;
  /** Who seals. */
  readonly keys: SealingKeys;
  /** Named answers to what keeps it from working. */
  readonly checks: Readonly<Record<'kafka' | 'policy', () => boolean>>;
  close(): Promise<void>;
}

/** Fences other deliveries, reads how far this one is, and begins to hand over. Throws STREAM_UNAVAILABLE and STREAM_TOPIC_MISSING. */
export async function startDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { client, policy, plan, log, onCrash, now, service } = options;
  let open: () => readonly Lane[] = () => [];
  const topics = () => [
    HANDOVER_TOPIC,
    RECEIPT_TOPIC,
    AUDIT_TOPIC,
    deadLetterTopic(service),
    ...open().map(({ name }) => deliveryTopic(name.consumer, name.type)),
  ];
  const decisions = new Decisions({ client, topics, log, now, onFenced: onCrash });
  await decisions.open();
  const watermarks = new Watermarks(log);
  const evidence = new KeptEvidence({
    decisions,
    watermarks,
    registers: () => plan([]).topics.flatMap((topic) => (isRegister(topic) ? [topic.name] : [])),
    log,
  });
  evidence.restore();
  await watermarks.start(client, onCrash);
  evidence.start();
  const table: Table = client.table('keys');
  const keys = new SealingKeys(table, now);
  await table.start();
  const bell = new Bell();
  const source = { client, watermarks, keys, now, bell, onCrash };
  const lanes = new Lanes({ ...options, decisions, keys, bell, source });
  open = () => lanes.open();
  const subscriptions: Subscriptions = new Subscriptions({ decisions, policy, lanes, changed: () => pushers.look() });
  const pushers: Pushers = new Pushers({
    ...options.push,
    service,
    seal: options.seal,
    client,
    policy,
    decisions,
    keys,
    lanes,
    subscriptions,
    tracer: options.tracer,
    log,
    now,
    onCrash,
  });
  pushers.start();
  lanes.start();
  const letters = new DeadLetters(client, log);
  await letters.start(topicsOf(plan([]), 'dead-letter'));
  const receipts = new ReceiptDesk({ client, decisions, policy, now, log, observe: options.observe.receipts });
  await receipts.start(onCrash);
  return {
    receipts,
    evidence,
    keys,
    lanes,
    decisions,
    subscriptions,
    pull: new PullDesk({ client, policy, decisions, keys, lanes, now }),
    desk: new DeadLetterDesk({ letters, decisions, replay: replayOf(lanes, pushers), now }),
    replays: new ReplayDesk({ client, lanes, watermarks, now }),
    checks: { kafka: () => decisions.ready(), policy: () => !('fault' in policy.current()) },
    async close() {
      await lanes.stop();
      await pushers.stop();
      await letters.stop();
      await receipts.stop();
      await evidence.stop();
      await watermarks.stop();
      await table.close();
      await decisions.close();
    },
  };
}
