import { setMaxListeners } from 'node:events';
import { FaultError } from '#faults';
import type { AssignedPartition, GroupListener, GroupMembership, JoinOptions } from '#stream';
import type { MemoryLog } from './memory-log.js';

interface Member {
  readonly options: JoinOptions;
  readonly listener: GroupListener;
  revoke: AbortController;
}

/** The consumer groups of an in-memory Kafka: every join and leave gives all partitions back and shares them out anew. */
export class MemoryGroups {
  private readonly members = new Map<string, Member[]>();
  private readonly offsets = new Map<string, bigint>();
  private readonly unsettled = new Set<string>();
  private sharing: Promise<void> = Promise.resolve();

  constructor(private readonly log: MemoryLog) {}

  async join(options: JoinOptions, listener: GroupListener): Promise<GroupMembership> {
    const member: Member = { options, listener, revoke: new AbortController() };
    const all = this.members.get(options.group) ?? [];
    this.members.set(options.group, all);
    await this.share(options.group, () => all.push(member));
    return {
      close: async () => {
        await this.share(options.group, () => all.splice(all.indexOf(member), 1));
        listener.onStatus(false);
      },
    };
  }

  /** Takes all partitions of a group away and gives them out again. */
  rebalance(group: string): Promise<void> {
    return this.share(group, () => undefined);
  }

  commit(group: string, topic: string, partition: number, offset: bigint): void {
    this.offsets.set(`${group} ${topic}/${partition}`, offset);
    this.log.wake();
  }

  committed(group: string, topic: string, partition: number): bigint | undefined {
    return this.offsets.get(`${group} ${topic}/${partition}`);
  }

  /** From now on whoever asks for that offset is told that it is not settled, until the function that this gives is called. */
  unsettle({ group, topic, partition }: { group: string; topic: string; partition: number }): () => void {
    const name = `${group} ${topic}/${partition}`;
    this.unsettled.add(name);
    return () => this.unsettled.delete(name);
  }

  private settled(group: string, topic: string, partition: number): bigint | undefined {
    if (this.unsettled.has(`${group} ${topic}/${partition}`))
      throw new FaultError('STREAM_UNAVAILABLE', 'UNSTABLE_OFFSET_COMMIT');
    return this.committed(group, topic, partition);
  }

  private share(group: string, change: () => void): Promise<void> {
    const next = this.sharing.then(async () => {
      const before = [...(this.members.get(group) ?? [])];
      for (const member of before) member.revoke.abort();
      await Promise.all(before.map((member) => member.listener.onRevoked()));
      change();
      const members = this.members.get(group) ?? [];
      for (const [i, member] of members.entries()) {
        member.revoke = new AbortController();
        setMaxListeners(0, member.revoke.signal); // one and more for each partition
        member.listener.onStatus(true);
        const mine = this.partitions(member.options.topics).filter((_, n) => n % members.length === i);
        member.listener.onAssigned(
          mine.map(([topic, partition]) => this.assigned(group, topic, partition, member.revoke.signal)),
        );
      }
    });
    this.sharing = next.catch(() => undefined); // who asked for the change hears of it
    return next;
  }

  private partitions(topics: readonly string[]): [string, number][] {
    return topics.flatMap((topic) => Array.from({ length: this.log.count(topic) ?? 0 }, (_, p): [string, number] => [topic, p]));
  }

  private assigned(group: string, topic: string, partition: number, revoked: AbortSignal): AssignedPartition {
    const { log } = this;
    let position: bigint | undefined;
    return {
      topic,
      partition,
      revoked,
      confirm: async () => !revoked.aborted,
      committed: async () => this.settled(group, topic, partition),
      earliest: async () => 0n,
      seek(offset) {
        position = offset;
        log.wake();
      },
      async take(records, bytes, signal) {
        const signals = signal === undefined ? [revoked] : [revoked, signal];
        while (!signals.some((one) => one.aborted)) {
          const run = position === undefined ? undefined : log.read(topic, partition, position, records, bytes);
          if (run !== undefined) {
            position = run.next;
            return run;
          }
          await log.change(signals);
        }
        return undefined;
      },
    };
  }
}
