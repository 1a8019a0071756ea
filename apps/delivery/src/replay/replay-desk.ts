import { randomUUID } from 'node:crypto';
import { auditRecord } from '#evidence';
import { FaultError } from '#faults';
import { sealedTopic } from '#record';
import type { PartitionEnd, StreamClient } from '#stream';
import { loadUntilNow } from '../lanes/first-state.js';
import type { Lane } from '../lanes/lane.js';
import type { Watermarks } from '../sealed/watermarks.js';
import type { LaneName } from '../steps/rule.js';

/** What replaying takes. */
export interface ReplayDeskParts {
  readonly client: Pick<StreamClient, 'admin'>;
  readonly watermarks: Pick<Watermarks, 'next' | 'caughtUp'>;
  readonly lanes: { open(): readonly Pick<Lane, 'name' | 'goBack'>[] };
  readonly now: () => Date;
}

/** From where on: a moment (milliseconds since 1970), an offset of some partitions of the sealed topic, or the beginning. */
export type ReplayFrom =
  | { readonly since: number }
  | { readonly offsets: ReadonlyMap<number, bigint> }
  /** All that is kept, as an initial load that is told complete. */
  | { readonly whole: true };

export interface ReplayOrder extends LaneName {
  readonly from: ReplayFrom;
  /** Only what this agreement gives. */
  readonly agreement?: string;
  readonly by: string;
  readonly why: string;
}

/** A replay that has begun. */
export interface BegunReplay {
  /** Stands beside each delivery of it. */
  readonly replay: string;
  /** By partition of the sealed topic: the first offset. */
  readonly from: Readonly<Record<string, string>>;
  /** Whether everything is still kept that was asked for; otherwise the replay begins with the oldest that is. */
  readonly complete: boolean;
}

/**
 * Sends a lane back to where it was before. What it delivers again has the identity that it had (`iss`, `jti`), numbers that go on, and the id
 * of the replay; it is given under what is agreed now, and what no agreement gives any more does not leave.
 */
export class ReplayDesk {
  constructor(private readonly parts: ReplayDeskParts) {}

  /**
   * Settles once the lane has gone back. Throws DOOR_NOT_FOUND without such a lane, DELIVERY_REPLAY_NOTHING where nothing that was decided on
   * lies there, DELIVERY_REPLAYING while another one is under way, and STREAM_UNAVAILABLE. A whole load may begin also where there is
   * nothing, and takes the place of what is under way.
   */
  async begin({ consumer, type, from, agreement, by, why }: ReplayOrder): Promise<BegunReplay> {
    const lane = this.parts.lanes.open().find(({ name }) => name.consumer === consumer && name.type === type);
    if (lane === undefined) throw new FaultError('DOOR_NOT_FOUND', `${consumer} ${type}`);
    const ends = await this.parts.client.admin.endOffsets(sealedTopic(type));
    const asked = await this.asked(sealedTopic(type), ends, from);
    const starts = new Map([...asked].map(([partition, offset]) => [partition, later(offset, startOf(ends, partition))]));
    const id = randomUUID();
    const load = 'whole' in from ? { loading: await loadUntilNow(id, type, ends, this.parts) } : {};
    const act = auditRecord({
      kind: 'export',
      at: this.parts.now().toISOString(),
      by,
      action: `delivery.${'whole' in from ? 'load' : 'replay'} ${type} ${[...starts].map(([partition, offset]) => `${partition}:${offset}`).join(',')}`,
      subject: agreement === undefined ? consumer : `${consumer} ${agreement}`,
      after: id,
      why,
    });
    const fault = await new Promise((answer) => {
      lane.goBack({ id, starts, ...(agreement === undefined ? {} : { agreement }), ...load, records: [act], answer });
    });
    if (fault !== undefined) throw new FaultError(fault as FaultError['code'], `${consumer} ${type}`);
    return {
      replay: id,
      from: Object.fromEntries([...starts].map(([partition, offset]) => [String(partition), String(offset)])),
      complete: this.complete(from, asked, ends),
    };
  }

  private async asked(topic: string, ends: readonly PartitionEnd[], from: ReplayFrom): Promise<ReadonlyMap<number, bigint>> {
    if ('whole' in from) return new Map(ends.map(({ partition, start }) => [partition, BigInt(start)]));
    if ('offsets' in from)
      return new Map([...from.offsets].filter(([partition]) => ends.some((one) => one.partition === partition)));
    const since = await this.parts.client.admin.offsetsSince(topic, from.since);
    return new Map(ends.map(({ partition, high }) => [partition, BigInt(high) - (since.get(partition) ?? 0n)]));
  }

  /** What retention has removed can only be told by offsets; of a moment it is known where nothing was removed at all. */
  private complete(from: ReplayFrom, asked: ReadonlyMap<number, bigint>, ends: readonly PartitionEnd[]): boolean {
    return [...asked].every(([partition, offset]) => {
      const start = startOf(ends, partition);
      if ('whole' in from) return start === 0n;
      return 'offsets' in from ? offset >= start : offset > start || start === 0n;
    });
  }
}

const startOf = (ends: readonly PartitionEnd[], partition: number): bigint =>
  BigInt(ends.find((one) => one.partition === partition)?.start ?? '0');
const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);
