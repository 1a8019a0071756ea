import type { HeaderBytes, OutgoingRecord, Position, ReceivedRecord } from '#record';
import type { TopicPlan } from './plan.js';

/**
 * What a Kafka client (or the in-memory stream of the testkit) must offer so that everything else in this lib runs on it.
 * Nothing here names a vendor. All offsets are decimal strings outside and bigint inside.
 */
export interface StreamTransport {
  /** Joins `group` for `topics` and keeps trying until `close`; `listener` hears of every assignment. */
  join(options: JoinOptions, listener: GroupListener): Promise<GroupMembership>;
  /** A transactional producer; a second one with the same id fences the first for good. */
  transactional(id: string): TransactionalProducer;
  /** An idempotent producer without transactions. */
  idempotent(): PlainProducer;
  /** Reads one partition without a group, committed records only, in order. */
  read(options: ReadOptions, onRun: (run: FetchedRun) => Promise<void>): Reader;
  readonly admin: StreamAdmin;
  /** Ends everything that is still open. */
  close(): Promise<void>;
}

/** A record as it goes to the wire: like {@link OutgoingRecord}, but dead letters may keep a missing key and repeated headers. */
export interface WireRecord {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers: OutgoingRecord['headers'] | HeaderBytes;
  readonly partition?: number;
}

/** Records of one partition that follow each other, and the offset after them (control records included). */
export interface FetchedRun {
  readonly records: readonly ReceivedRecord[];
  readonly next: bigint;
  /** The end of what may be read now (last stable offset). */
  readonly end: bigint;
}

export interface JoinOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** How long the group waits for a member that is silent, in milliseconds: so long its partitions rest after a SIGKILL. */
  readonly sessionMs: number;
}

export interface GroupListener {
  /** The partitions that are ours from now on, until `onRevoked`. */
  onAssigned(partitions: readonly AssignedPartition[]): void;
  /** They are no longer ours once the promise is settled: finish or give up what is under way. */
  onRevoked(): Promise<void>;
  /** Whether the group is joined; false while the broker is away. */
  onStatus(joined: boolean): void;
  /** What no waiting mends (no right to read, a defect): the process must end. */
  onCrash(error: unknown): void;
}

export interface GroupMembership {
  /** Gives the partitions back, leaves the group and closes. */
  close(): Promise<void>;
}

/** One input partition while it is ours. */
export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Aborted when the partition is no longer ours. */
  readonly revoked: AbortSignal;
  /** Asks the broker whether we are still a member of the group's current generation. */
  confirm(): Promise<boolean>;
  /**
   * The committed offset, read from the broker now; undefined where there is none. Throws STREAM_UNAVAILABLE while a transaction that
   * consumed this partition is open (KIP-447): the offset from before it would have its records handled twice.
   */
  committed(): Promise<bigint | undefined>;
  /** The first offset that still exists. */
  earliest(): Promise<bigint>;
  /** Drops what was fetched and reads on from `offset`. Nothing is fetched before the first seek. */
  seek(offset: bigint): void;
  /** Waits for records; at most `records` and `bytes` of them, but at least one. Undefined once revoked or `signal` is aborted. */
  take(records: number, bytes: number, signal?: AbortSignal): Promise<FetchedRun | undefined>;
}

/** What one transaction says beside its records. `consumed` is the input partition's new committed offset. */
export interface TransactionEnd {
  readonly consumed?: { readonly group: string; readonly topic: string; readonly partition: number; readonly offset: bigint };
  /** Called after everything is produced and before it is committed (crash points of tests). */
  readonly beforeCommit?: () => void;
}

/** Where a transaction of ours may have been left open: all partitions of `topics`, and the offsets of `group`. */
export interface TornPlaces {
  readonly topics: readonly string[];
  readonly group?: string;
}

/** The records of one transaction, ready to be written. */
export interface PreparedWrites {
  /** All or nothing. One call at a time for a producer. Gives the positions of the records. */
  commit(end?: TransactionEnd): Promise<readonly Position[]>;
}

/** After any error of `connect`, `mend`, `prepare` or `commit` the producer is of no more use: `dispose` it and make a new one (K1). */
export interface TransactionalProducer {
  /** Fences older producers of this id and waits until their last transaction has ended. */
  connect(): Promise<void>;
  /**
   * Commits what a transaction of this id left open there. Apache Kafka answers a commit before its markers are written; when the
   * broker is killed in between, starts again and loses its session meanwhile, it drops those markers and still counts the
   * transaction as complete (seen with 4.3.1: "likely deleted already and hence can be skipped"). Its records and its offset stay
   * open: nobody can read past them, and what was consumed would be handled twice. An empty transaction over the same places
   * writes the markers. Where nothing is open this changes nothing. To be called before the first `commit`.
   */
  mend(places: TornPlaces): Promise<void>;
  /**
   * Puts the records of one transaction into the form in which they are written, so that nothing else of them is kept while the transaction
   * before commits: what lives that long costs the garbage collector more than writing it does.
   */
  prepare(records: readonly WireRecord[]): Promise<PreparedWrites>;
  /** Closes at once; never waits for the broker. */
  dispose(): void;
}

/** After a failed `send` the producer is of no more use. */
export interface PlainProducer {
  connect(): Promise<void>;
  /** Written once and acknowledged by all in-sync replicas within `timeoutMs`, or rejected. One call at a time. */
  send(records: readonly WireRecord[], timeoutMs: number): Promise<readonly Position[]>;
  dispose(): void;
}

export interface ReadOptions {
  readonly topic: string;
  readonly partition: number;
  /** An offset, or the first one that still exists. */
  readonly from: bigint | 'earliest';
}

export interface Reader {
  /** Settles when reading has stopped and the last `onRun` has returned; rejects with what `onRun` threw. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** The ends of one partition. */
export interface PartitionEnd {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that still exists. */
  readonly start: string;
  /** The offset after the last record that a reader of committed records can see. */
  readonly end: string;
  /** The offset after the last record that was written, whether its transaction has been closed or not. */
  readonly high: string;
}

/** How far a group is behind on one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Absent where the group has not committed yet. */
  readonly committed?: string;
  readonly end: string;
  readonly lag: number;
}

/** What may be asked of and done to the cluster. All throw STREAM_UNAVAILABLE where it does not answer. */
export interface StreamAdmin {
  clusterId(): Promise<string>;
  /** The names of all topics that whoever asks may see. */
  topicNames(): Promise<readonly string[]>;
  /** Creates the topics of the plan that are missing. Gives their names. Never changes one that exists. */
  ensureTopics(plan: TopicPlan): Promise<readonly string[]>;
  /** Throws STREAM_TOPIC_MISSING that names every topic that is missing or has another number of partitions. */
  checkTopics(plan: TopicPlan): Promise<void>;
  endOffsets(topic: string): Promise<readonly PartitionEnd[]>;
  /** By partition: `high` alone, which is one question instead of three. Throws STREAM_TOPIC_MISSING. */
  highOffsets(topic: string): Promise<ReadonlyMap<number, bigint>>;
  /** By partition: how many offsets were given from `since` (milliseconds since 1970) on. Throws STREAM_TOPIC_MISSING. */
  offsetsSince(topic: string, since: number): Promise<ReadonlyMap<number, bigint>>;
  groupLag(group: string, topics: readonly string[]): Promise<readonly PartitionLag[]>;
}
