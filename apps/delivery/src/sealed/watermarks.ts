import { decodeEvidence, EVIDENCE_TOPIC, type EvidenceEvent } from '#evidence';
import type { StreamClient, Tail } from '#stream';
import type { Logger } from '#telemetry';
import { Bell } from '../bell.js';

/** What the ledger has said of one partition: everything from `first` up to before `next` is in the log, but for `without`. */
export interface Coverage {
  readonly first: bigint;
  readonly next: bigint;
  readonly without: ReadonlySet<string>;
}

const NOTHING: Coverage = { first: 0n, next: 0n, without: new Set() };

/** Up to where each sealed topic may be delivered: what the ledger's evidence events cover. */
export class Watermarks {
  private readonly covered = new Map<string, Coverage>();
  private readonly bell = new Bell();
  private tail: Tail | undefined;

  constructor(private readonly log: Pick<Logger, 'warn'>) {}

  /** Begins to read the events that are kept, oldest first. `onCrash` is told when that cannot go on. Throws STREAM_TOPIC_MISSING. */
  async start(client: Pick<StreamClient, 'tail'>, onCrash: (error: unknown) => void): Promise<void> {
    this.tail = await client.tail(EVIDENCE_TOPIC, { fromOffset: 'earliest' }, (records) => {
      for (const { value, offset } of records) {
        const event = decodeEvidence(value);
        if (event === undefined) this.log.warn('what stands on the evidence topic is no evidence event', { offset });
        else this.note(event);
      }
      this.bell.ring();
    });
    this.tail.done.catch(onCrash);
  }

  /** Takes what was known before and what is kept of the evidence topic may no longer say. To be called before {@link start}. */
  restore(topic: string, partition: number, known: Coverage): void {
    this.covered.set(`${topic}/${partition}`, known);
  }

  /** The partitions of a topic of which something is known. */
  partitions(topic: string): readonly number[] {
    return [...this.covered.keys()].flatMap((name) =>
      name.startsWith(`${topic}/`) ? [Number(name.slice(topic.length + 1))] : [],
    );
  }

  /** What is known of one partition. */
  coverage(topic: string, partition: number): Coverage {
    return this.of(topic, partition);
  }

  /** Settles once all that the ledger had said when it was called counts. Throws STREAM_UNAVAILABLE. */
  async caughtUp(): Promise<void> {
    await this.tail?.caughtUp();
  }

  /** The offset before which everything may be delivered that is not withheld. */
  next(topic: string, partition: number): bigint {
    return this.of(topic, partition).next;
  }

  /** What speaks against delivering a record below {@link next}: that it repeats or contradicts another one, or that nothing proves it. */
  against(topic: string, partition: number, offset: string): 'withheld' | 'unproven' | undefined {
    const { first, without } = this.of(topic, partition);
    if (BigInt(offset) < first) return 'unproven';
    return without.has(offset) ? 'withheld' : undefined;
  }

  /** Settles when more may be known. */
  changed(signal: AbortSignal): Promise<void> {
    return this.bell.wait(signal);
  }

  async stop(): Promise<void> {
    await this.tail?.stop();
  }

  private of(topic: string, partition: number): Coverage {
    return this.covered.get(`${topic}/${partition}`) ?? NOTHING;
  }

  private note({ topic, partition, first, last, without }: EvidenceEvent): void {
    if (!topic.startsWith('sealed.')) return;
    const name = `${topic}/${partition}`;
    const before = this.covered.get(name) ?? { first: BigInt(first), next: 0n, without: new Set<string>() };
    const next = BigInt(last) + 1n;
    const all = without.length === 0 ? before.without : new Set([...before.without, ...without]);
    this.covered.set(name, { first: before.first, next: next > before.next ? next : before.next, without: all });
  }
}
