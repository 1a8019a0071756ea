import { FaultError } from '#faults';
import type { HeaderBytes, Position, ReceivedRecord } from '#record';
import type { FetchedRun, WireRecord } from '#stream';

/** One place in a partition: a record, or the marker that ends a transaction, which takes an offset of its own as in Kafka. */
type Entry = ReceivedRecord | 'marker';

/** The partitions of an in-memory Kafka: committed records in order, and who waits for more. */
export class MemoryLog {
  private readonly partitions = new Map<string, Entry[]>();
  private readonly topics = new Map<string, number>();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly now: () => number) {}

  create(topic: string, partitions: number): void {
    this.topics.set(topic, partitions);
    for (let p = 0; p < partitions; p += 1) this.partitions.set(`${topic}/${p}`, []);
  }

  names(): readonly string[] {
    return [...this.topics.keys()];
  }

  count(topic: string): number | undefined {
    return this.topics.get(topic);
  }

  /** Appends all records at once; `marked` ends each partition's part with a marker. */
  append(records: readonly WireRecord[], marked: boolean): readonly Position[] {
    const placed = records.map((record) => ({ record, partition: this.partitionOf(record) }));
    const touched = new Set<Entry[]>();
    const positions = placed.map(({ record, partition }) => {
      const entries = this.entries(record.topic, partition);
      const position = { topic: record.topic, partition, offset: String(entries.length) };
      entries.push({ ...position, ...bytesOf(record), timestamp: this.now() });
      touched.add(entries);
      return position;
    });
    if (marked) for (const entries of touched) entries.push('marker');
    this.wake();
    return positions;
  }

  records(topic: string): readonly ReceivedRecord[] {
    const all: ReceivedRecord[] = [];
    for (let p = 0; p < (this.topics.get(topic) ?? 0); p += 1) {
      for (const entry of this.entries(topic, p)) if (entry !== 'marker') all.push(entry);
    }
    return all;
  }

  /** What lay there leaves as if its time were over; the offsets stay taken. */
  forget(topic: string): void {
    for (let p = 0; p < (this.topics.get(topic) ?? 0); p += 1) this.entries(topic, p).fill('marker');
  }

  end(topic: string, partition: number): bigint {
    return BigInt(this.entries(topic, partition).length);
  }

  /** From `from` on, within the limits; undefined where there is nothing. */
  read(topic: string, partition: number, from: bigint, most: number, mostBytes: number): FetchedRun | undefined {
    const entries = this.entries(topic, partition);
    const records: ReceivedRecord[] = [];
    let at = Number(from);
    for (let bytes = 0; at < entries.length; at += 1) {
      const entry = entries[at];
      if (entry === undefined || entry === 'marker') continue;
      bytes += entry.value?.length ?? 0;
      if (records.length >= most || (records.length > 0 && bytes > mostBytes)) break;
      records.push(entry);
    }
    return at === Number(from) ? undefined : { records, next: BigInt(at), end: BigInt(entries.length) };
  }

  /** Settles at the next append, or when one of the signals is aborted. */
  async change(signals: readonly AbortSignal[]): Promise<void> {
    if (signals.some((signal) => signal.aborted)) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        this.waiting.delete(end);
        for (const signal of signals) signal.removeEventListener('abort', end);
        resolve();
      };
      this.waiting.add(end);
      for (const signal of signals) signal.addEventListener('abort', end);
    });
  }

  wake(): void {
    for (const end of [...this.waiting]) end();
  }

  private entries(topic: string, partition: number): Entry[] {
    const entries = this.partitions.get(`${topic}/${partition}`);
    if (entries === undefined) throw new FaultError('STREAM_TOPIC_MISSING', `${topic} has no partition ${partition}`);
    return entries;
  }

  private partitionOf({ topic, key, partition }: WireRecord): number {
    const count = this.topics.get(topic) ?? 1;
    if (partition !== undefined) return partition;
    if (key === null) throw new TypeError('a record needs a key or a partition');
    return [...Buffer.from(key)].reduce((hash, byte) => (hash * 31 + byte) % 65_521, 7) % count;
  }
}

/** Kafka stores bytes: what was given as text comes back as bytes, and nothing is shared with the writer. */
function bytesOf({ key, value, headers }: WireRecord): { key: Buffer | null; value: Buffer | null; headers: HeaderBytes } {
  const stored: Record<string, Buffer | readonly Buffer[]> = {};
  for (const [name, given] of Object.entries(headers)) {
    if (given !== undefined)
      stored[name] = Array.isArray(given) ? given.map((one: Buffer) => Buffer.from(one)) : Buffer.from(given);
  }
  return { key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value), headers: stored };
}
