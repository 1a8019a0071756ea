import { deliveryTopic, sealedTopic } from '#record';
import { type PartitionEnd, type StreamClient, type Subscription, type TopicPlan, topicsOf } from '#stream';
import { describeError } from '#telemetry';
import { PartitionInput } from '../sealed/partition-input.js';
import type { SealedSource } from '../sealed/released-reader.js';
import { SealedPartition } from '../sealed/sealed-partition.js';
import type { LaneName } from '../steps/rule.js';
import { firstState } from './first-state.js';
import { keyOf, Lane, type LaneDesk } from './lane.js';
import { decodeLaneState, encodeLaneState, type LaneState } from './lane-state.js';
import { remind } from './used-quotas.js';

export interface LanesOptions extends LaneDesk {
  readonly client: StreamClient;
  readonly source: SealedSource;
  /** The topics that there must be for these subscriptions. */
  readonly plan: (subscriptions: readonly Subscription[]) => TopicPlan;
}

const LOOK_MS = 10_000;

/** One lane for each consumer and record type that an agreement names, opened as soon as the policy does. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly partitions = new Map<string, readonly SealedPartition[]>();
  private looking: Promise<void> | undefined;
  private again = false;
  private timer: NodeJS.Timeout | undefined;
  private unlisten: (() => void) | undefined;
  private stopped = false;
  private told: (() => void) | undefined;

  constructor(private readonly options: LanesOptions) {}

  start(): void {
    this.unlisten = this.options.policy.onChange(() => {
      this.options.bell.ring();
      this.look();
    });
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
    this.look();
  }

  /** `listener` is told whenever lanes were opened. */
  onOpen(listener: () => void): void {
    this.told = listener;
  }

  /** The lanes that there are. */
  open(): readonly Lane[] {
    return [...this.lanes.values()];
  }

  /** By lane: how many records are in the evidence log and not decided on yet. */
  behind(): readonly { readonly name: LaneName; readonly records: number }[] {
    const { watermarks } = this.options.source;
    return this.open().map((lane) => {
      const topic = sealedTopic(lane.name.type);
      return { name: lane.name, records: lane.behind((partition) => watermarks.next(topic, partition)) };
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.unlisten?.();
    await this.looking;
    await Promise.all(this.open().map((lane) => lane.stop()));
    await Promise.all([...this.partitions.values()].flat().map((partition) => partition.stop()));
  }

  private look(): void {
    this.again = true;
    this.looking ??= this.lookOnce();
  }

  /** Ends in the same moment in which nothing is left to look for, so that whoever asks later begins it anew. */
  private async lookOnce(): Promise<void> {
    await Promise.resolve(); // it is known to be under way before it can end
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        await this.openNew();
      } catch (error) {
        this.options.log.warn('lanes could not be opened', describeError(error));
      }
    }
    this.looking = undefined;
  }

  private async openNew(): Promise<void> {
    const source = this.options.policy.current();
    if ('fault' in source) return;
    const named = [...source.policy.candidates].flatMap(([consumer, types]) =>
      [...types.keys()].map((type) => ({ consumer, type })),
    );
    const missing = named.filter((name) => !this.lanes.has(keyOf(name)));
    if (missing.length === 0) return;
    const plan = this.options.plan(missing);
    const sealed = new Set(topicsOf(plan, 'sealed'));
    // What no member publishes has no topic: there is nothing to deliver of it yet.
    const known = missing.filter(({ type }) => sealed.has(sealedTopic(type)));
    const deliveries = this.options.plan(known).topics.filter(({ role }) => role === 'delivery');
    const created = await this.options.client.admin.ensureTopics({ ...plan, topics: deliveries });
    await this.options.decisions.mend(deliveries.map((topic) => topic.name));
    for (const name of known) {
      if (this.stopped) return;
      await this.openLane(name, created);
    }
    this.told?.();
  }

  private async openLane(name: LaneName, created: readonly string[]): Promise<void> {
    const { log } = this.options;
    const ends = await this.options.client.admin.endOffsets(sealedTopic(name.type));
    const state = await this.stateOf(name, ends);
    if (state === undefined) return;
    if (state.number > 0 && created.includes(deliveryTopic(name.consumer, name.type)))
      log.error('a delivery topic was gone and is empty now', { ...name, delivered: state.number });
    const starts = new Map(ends.map(({ partition, start }) => [partition, BigInt(start)]));
    const inputs = this.partitionsOf(name, [...starts.keys()]).map((partition) => {
      const start = starts.get(partition.partition) ?? 0n;
      const next = state.next.get(partition.partition);
      // What retention removed before it was delivered cannot be delivered any more: that must not pass unnoticed.
      if (next !== undefined && next < start)
        log.error('records expired before they were delivered', { ...name, from: String(next), to: String(start) });
      return new PartitionInput(partition, next === undefined || next < start ? start : next);
    });
    remind(this.options.quotas, state.used);
    log.info('a lane is open', { ...name, delivered: state.number });
    this.lanes.set(keyOf(name), new Lane(name, inputs, state, this.options));
  }

  /** How far a lane is. Where it begins is written down before it does anything: a new start after a crash must not see another beginning. */
  private async stateOf(name: LaneName, ends: readonly PartitionEnd[]): Promise<LaneState | undefined> {
    const { decisions, policy, client, source, now } = this.options;
    const value = decisions.get(keyOf(name));
    if (value !== undefined) return decodeLaneState(value, keyOf(name));
    const current = policy.current();
    if ('fault' in current) return undefined; // at the next look
    const { admin } = client;
    const state = await firstState(name, current.policy, ends, { admin, watermarks: source.watermarks, now });
    await decisions.commit({ key: keyOf(name), value: encodeLaneState(state), records: [] });
    return state;
  }

  private partitionsOf({ type }: LaneName, numbers: readonly number[]): readonly SealedPartition[] {
    const topic = sealedTopic(type);
    const known = this.partitions.get(topic);
    if (known !== undefined) return known;
    const made = numbers.map((partition) => new SealedPartition(this.options.source, topic, partition));
    this.partitions.set(topic, made);
    return made;
  }
}
