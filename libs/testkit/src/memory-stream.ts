import { FaultError } from '#faults';
import type { OutgoingRecord, Position, ReceivedRecord } from '#record';
import {
  type FetchedRun,
  type PlainProducer,
  type Reader,
  type ReadOptions,
  type StreamAdmin,
  type StreamClient,
  type StreamTransport,
  streamClient,
  type TopicPlan,
  type TransactionalProducer,
  type TransactionEnd,
  type WireRecord,
} from '#stream';
import { MemoryGroups } from './memory-group.js';
import { MemoryLog } from './memory-log.js';

/**
 * How the next commit or send fails: nothing was written; everything was and only the answer was lost; or `torn`: the broker counts
 * the transaction as complete and has lost its markers, so that its records and its offset stay open (see `mend`); `torn twice`: the
 * markers of the next `mend` are lost as well.
 */
export type MemoryFailure = 'before' | 'after' | 'torn' | 'torn twice';

/** A stream client without Kafka, for unit tests: topics, transactions, fencing and groups in memory. */
export interface MemoryStream extends StreamClient {
  /** What lies on a topic, partition by partition, markers left out. */
  records(topic: string): readonly ReceivedRecord[];
  /** Writes like somebody else's producer. */
  append(...records: OutgoingRecord[]): readonly Position[];
  /** Removes all that lies on a topic, as when its time is over. */
  forget(topic: string): void;
  committed(group: string, topic: string, partition?: number): bigint | undefined;
  /** Settles once the group has committed everything on the topics. */
  drained(group: string, ...topics: string[]): Promise<void>;
  rebalance(group: string): Promise<void>;
  /** The next commits or sends fail in these ways, one after another. */
  fail(...failures: MemoryFailure[]): void;
  /** From now on a single record or a partition's share of one request may not be larger. */
  refuseAbove(bytes: number): void;
  /** How many transactions were committed. */
  readonly commits: number;
}

/** Makes one with the topics of a plan; `now` (milliseconds since 1970) stamps its records. */
export function memoryStream(plan: TopicPlan, now: () => number = Date.now): MemoryStream {
  const log = new MemoryLog(now);
  for (const { name, partitions } of plan.topics) log.create(name, partitions);
  const groups = new MemoryGroups(log);
  const writes = new MemoryWrites(log, groups);
  const readers = new Set<Reader>();
  const transport: StreamTransport = {
    join: (options, listener) => groups.join(options, listener),
    transactional: (id) => writes.transactional(id),
    idempotent: () => writes.idempotent(),
    read(options, onRun) {
      const reader = readMemory(log, options, onRun);
      readers.add(reader);
      return reader;
    },
    admin: memoryAdmin(log, groups, (topic) => writes.isOpenOn(topic)),
    async close() {
      await Promise.all([...readers].map((reader) => reader.stop()));
    },
  };
  const client = streamClient(transport);
  return {
    ...client,
    records: (topic) => log.records(topic),
    append: (...records) => log.append(records, false),
    forget: (topic) => log.forget(topic),
    committed: (group, topic, partition = 0) => groups.committed(group, topic, partition),
    async drained(group, ...topics) {
      const behind = (topic: string): boolean =>
        Array.from({ length: log.count(topic) ?? 0 }, (_, p) => p).some(
          (p) => (groups.committed(group, topic, p) ?? 0n) < log.end(topic, p),
        );
      while (topics.some(behind)) await log.change([]);
    },
    rebalance: (group) => groups.rebalance(group),
    fail: (...failures) => writes.failures.push(...failures),
    refuseAbove(bytes) {
      writes.largest = bytes;
    },
    get commits() {
      return writes.commits;
    },
  };
}

/** The producers of an in-memory Kafka. */
class MemoryWrites {
  readonly failures: MemoryFailure[] = [];
  largest = Number.POSITIVE_INFINITY;
  commits = 0;
  private readonly epochs = new Map<string, number>();
  /** What torn transactions left open, by transactional id. */
  private readonly open = new Map<string, { readonly topics: ReadonlySet<string>; readonly close: () => void; losing: number }>();

  constructor(
    private readonly log: MemoryLog,
    private readonly groups: MemoryGroups,
  ) {}

  transactional(id: string): TransactionalProducer {
    let epoch: number | undefined;
    let broken = false;
    const commit = async (
      records: readonly WireRecord[],
      { consumed, beforeCommit }: TransactionEnd,
    ): Promise<readonly Position[]> => {
      if (broken || epoch === undefined) throw new TypeError('a producer was used again after an error (K1)');
      broken = true;
      if (this.epochs.get(id) !== epoch) throw new FaultError('STREAM_FENCED', id);
      beforeCommit?.();
      const unlessFenced = (): void => {
        // A newer producer ends the transaction of an older one that is under way.
        if (this.epochs.get(id) !== epoch) throw new FaultError('STREAM_FENCED', id);
      };
      const consume = (): void => {
        if (consumed !== undefined) this.groups.commit(consumed.group, consumed.topic, consumed.partition, consumed.offset);
      };
      const [failure] = this.failures;
      if (failure === 'torn' || failure === 'torn twice') {
        this.failures.shift();
        const unsettled = consumed === undefined ? undefined : this.groups.unsettle(consumed);
        const close = (): void => {
          this.log.append(records, true);
          unsettled?.();
          consume();
        };
        this.open.set(id, {
          topics: new Set(records.map(({ topic }) => topic)),
          close,
          losing: failure === 'torn twice' ? 1 : 0,
        });
        throw new FaultError('STREAM_UNAVAILABLE', 'made to fail with its markers lost');
      }
      this.closeTorn(id); // the markers of this transaction close what was open as well, but too late for the offset
      const positions = await this.write(records, true, unlessFenced, () => {
        this.commits += 1;
        consume();
      });
      broken = false;
      return positions;
    };
    return {
      connect: async () => {
        epoch = (this.epochs.get(id) ?? 0) + 1;
        this.epochs.set(id, epoch);
      },
      mend: async () => {
        const torn = this.open.get(id);
        if (torn !== undefined && torn.losing > 0) torn.losing -= 1;
        else this.closeTorn(id);
      },
      prepare: async (records) => ({ commit: (end = {}) => commit(records, end) }),
      dispose() {
        broken = true;
      },
    };
  }

  /** Whether a torn transaction is open there. */
  isOpenOn(topic: string): boolean {
    return [...this.open.values()].some(({ topics }) => topics.has(topic));
  }

  private closeTorn(id: string): void {
    this.open.get(id)?.close();
    this.open.delete(id);
  }

  idempotent(): PlainProducer {
    let broken = false;
    return {
      connect: async () => undefined,
      send: async (records) => {
        if (broken) throw new TypeError('a producer was used again after an error (K1)');
        broken = true;
        const nothing = (): void => undefined;
        const positions = await this.write(records, false, nothing, nothing);
        broken = false;
        return positions;
      },
      dispose() {
        broken = true;
      },
    };
  }

  private async write(
    records: readonly WireRecord[],
    marked: boolean,
    check: () => void,
    done: () => void,
  ): Promise<readonly Position[]> {
    await new Promise((resolve) => setImmediate(resolve)); // a broker is never answered in the same turn
    check();
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    if (bytes > this.largest) throw new FaultError('STREAM_RECORD_TOO_LARGE', 'MESSAGE_TOO_LARGE');
    const failure = this.failures.shift();
    if (failure === 'before') throw new FaultError('STREAM_UNAVAILABLE', 'made to fail before it was written');
    const positions = this.log.append(records, marked);
    done();
    if (failure === 'after') throw new FaultError('STREAM_UNAVAILABLE', 'made to fail after it was written');
    return positions;
  }
}

function readMemory(log: MemoryLog, { topic, partition, from }: ReadOptions, onRun: (run: FetchedRun) => Promise<void>): Reader {
  const stopping = new AbortController();
  const read = async (): Promise<void> => {
    let position = typeof from === 'bigint' ? from : 0n;
    while (!stopping.signal.aborted) {
      const run = log.read(topic, partition, position, 1000, 1024 * 1024);
      if (run === undefined) {
        await log.change([stopping.signal]);
        continue;
      }
      position = run.next;
      await onRun(run);
    }
  };
  const done = read();
  return {
    done,
    async stop() {
      stopping.abort();
      await done.catch(() => undefined); // whoever looks at `done` hears of it
    },
  };
}

function memoryAdmin(log: MemoryLog, groups: MemoryGroups, isOpenOn: (topic: string) => boolean): StreamAdmin {
  const partitions = (topic: string): number[] => Array.from({ length: log.count(topic) ?? 0 }, (_, p) => p);
  return {
    clusterId: async () => 'memory',
    topicNames: async () => log.names(),
    async ensureTopics(plan) {
      const missing = plan.topics.filter(({ name }) => log.count(name) === undefined);
      for (const topic of missing) log.create(topic.name, topic.partitions);
      return missing.map(({ name }) => name);
    },
    async checkTopics(plan) {
      const wrong = plan.topics.filter(({ name, partitions: count }) => log.count(name) !== count);
      if (wrong.length > 0) throw new FaultError('STREAM_TOPIC_MISSING', wrong.map(({ name }) => name).join(', '));
    },
    async endOffsets(topic) {
      if (log.count(topic) === undefined) throw new FaultError('STREAM_TOPIC_MISSING', `${topic} does not exist`);
      return partitions(topic).map((partition) => {
        const end = log.end(topic, partition);
        return { topic, partition, start: '0', end: String(end), high: String(isOpenOn(topic) ? end + 1n : end) };
      });
    },
    async highOffsets(topic) {
      if (log.count(topic) === undefined) throw new FaultError('STREAM_TOPIC_MISSING', `${topic} does not exist`);
      return new Map(partitions(topic).map((partition) => [partition, log.end(topic, partition)]));
    },
    async offsetsSince(topic, since) {
      const counts = new Map(partitions(topic).map((partition) => [partition, 0n]));
      for (const { partition, timestamp } of log.records(topic))
        if (timestamp >= since) counts.set(partition, (counts.get(partition) ?? 0n) + 1n);
      return counts;
    },
    async groupLag(group, topics) {
      return topics.flatMap((topic) =>
        partitions(topic).map((partition) => {
          const committed = groups.committed(group, topic, partition);
          const end = log.end(topic, partition);
          const known = committed === undefined ? {} : { committed: String(committed) };
          return { topic, partition, ...known, end: String(end), lag: Number(end - (committed ?? 0n)) };
        }),
      );
    },
  };
}
