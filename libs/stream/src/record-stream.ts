import process from 'node:process';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { FaultError } from '#faults';
import { describeError, type Logger, type Metrics, NO_TRACER, type Tracer } from '#telemetry';
import { BackOff, pause } from './back-off.js';
import type { Bury } from './bury.js';
import type { StreamClient } from './client.js';
import type { DeadLetterSeal } from './dead-letter-seal.js';
import type { CaughtHandler } from './judge.js';
import { type Handled, markChunk } from './on-records.js';
import { openTopics } from './open-topics.js';
import { Pipeline } from './pipeline.js';
import { TOPIC_ROLES, type TopicPlan, type TopicRole, topicsOf } from './plan.js';
import type { AssignedPartition, GroupListener, GroupMembership } from './port.js';
import { traced } from './traced.js';
import { keepChunksYoung } from './young-chunks.js';

export interface RecordStreamOptions {
  /** The service's name; also its consumer group, the first part of its transactional ids and of its dead-letter topic. */
  readonly service: string;
  readonly client: StreamClient;
  /** The topics, or a function that is asked again every `planSeconds`: when the list grows, the group is joined anew. */
  readonly plan: TopicPlan | (() => TopicPlan);
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Where spans go; by default nowhere. It is closed with the stream. */
  readonly tracer?: Tracer;
  readonly bury?: Bury;
  /** Encrypts the bodies of dead letters; absent: they stay as they are. */
  readonly seal?: DeadLetterSeal | undefined;
  /** How much a chunk reads; by default 400 records and 900 KiB. */
  readonly chunk?: { readonly records?: number; readonly bytes?: number };
  /** How often a chunk whose handler throws is tried; by default 3. */
  readonly attempts?: number;
  /** The first and the longest pause before a partition is tried again, in milliseconds; by default 100 and 3,000. */
  readonly backOff?: readonly [first: number, longest: number];
  readonly planSeconds?: number;
  /** After a SIGKILL the partitions rest this long, since kafkajs knows no static membership; by default 6. */
  readonly sessionSeconds?: number;
  /** How long `listen` waits for Kafka before it gives up, in seconds; by default 60. */
  readonly startSeconds?: number;
  /** What ends the process when reading cannot go on; by default exit code 1 after a moment for the logs. */
  readonly onCrash?: (error: unknown) => void;
}

const CHUNK_RECORDS = 400;
const CHUNK_BYTES = 900 * 1024;
/** What a broker needs beside the records within `message.max.bytes`. */
const BATCH_OVERHEAD = 4096;

/**
 * Brings the records of Kafka to `@OnRecords` handlers and their verdicts back to Kafka: exactly once between topics. `listen`
 * throws STREAM_TOPIC_MISSING where a topic of the plan does not exist as planned. `ready()` is false while the group is not
 * joined and while a partition cannot move because a dependency is away.
 */
export class RecordStream extends Server implements CustomTransportStrategy {
  private membership: GroupMembership | undefined;
  private pipelines: Pipeline[] = [];
  private topics: readonly string[] = [];
  private joined = false;
  private replanning: NodeJS.Timeout | undefined;
  /** A longer list is being looked at: where Kafka is slow that takes longer than a turn, and two at once would join the group twice. */
  private isReplanning = false;
  private readonly closing = new AbortController();

  constructor(private readonly options: RecordStreamOptions) {
    super();
  }

  override on(): never {
    throw new Error('RecordStream has no events; ask ready()');
  }

  override unwrap<T>(): T {
    return this.options.client as T;
  }

  ready(): boolean {
    return this.joined && !this.closing.signal.aborted && this.pipelines.every((pipeline) => pipeline.waiting === undefined);
  }

  override listen(callback: (error?: unknown) => void): void {
    this.start().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  /** Finishes the chunk under way, commits, and leaves the group, so that a restart need not wait for the session to end. */
  override async close(): Promise<void> {
    this.closing.abort();
    clearInterval(this.replanning);
    await this.membership?.close();
    await this.options.tracer?.close();
    this.joined = false;
  }

  private async start(): Promise<void> {
    keepChunksYoung();
    const plan = await this.checkedPlan();
    await this.join(plan);
    const { plan: given, planSeconds = 10 } = this.options;
    if (typeof given === 'function') this.replanning = setInterval(() => void this.replan(given), planSeconds * 1000).unref();
  }

  private plan(): TopicPlan {
    const { plan } = this.options;
    return typeof plan === 'function' ? plan() : plan;
  }

  /** Waits for Kafka, but not for a missing topic: that is a mistake which a restart does not mend. */
  private async checkedPlan(): Promise<TopicPlan> {
    const { client, startSeconds = 60, log } = this.options;
    const deadline = Date.now() + startSeconds * 1000;
    for (;;) {
      const plan = this.plan();
      try {
        await client.admin.checkTopics(plan);
        return plan;
      } catch (error) {
        const away = error instanceof FaultError && error.code === 'STREAM_UNAVAILABLE';
        if (!away || Date.now() > deadline || this.closing.signal.aborted) throw error;
        log.warn('waiting for Kafka', describeError(error));
        await pause(1000, this.closing.signal);
      }
    }
  }

  private rolesHandled(): TopicRole[] {
    return TOPIC_ROLES.filter((role) => this.messageHandlers.has(role));
  }

  private async join(plan: TopicPlan): Promise<void> {
    const { client, service, sessionSeconds = 6 } = this.options;
    this.topics = this.rolesHandled().flatMap((role) => topicsOf(plan, role));
    const roles = new Map(plan.topics.map(({ name, role }) => [name, role]));
    this.membership = await client.transport.join(
      { group: service, topics: this.topics, sessionMs: sessionSeconds * 1000 },
      this.listener(plan, roles),
    );
  }

  private listener(plan: TopicPlan, roles: ReadonlyMap<string, TopicRole>): GroupListener {
    const { log } = this.options;
    return {
      onAssigned: (partitions) => {
        log.info('partitions assigned', { partitions: partitions.length });
        const torn = this.tornTopics(plan);
        this.pipelines = partitions.map((partition) => this.pipeline(plan, partition, roles.get(partition.topic), torn));
      },
      onRevoked: async () => {
        await Promise.all(this.pipelines.map((pipeline) => pipeline.done));
        this.pipelines = [];
      },
      onStatus: (joined) => {
        this.joined = joined;
      },
      onCrash: (error) => this.crash(error),
    };
  }

  /**
   * The topics where some transaction is open now: of those that were under way when whoever had our partitions ended, Kafka may have
   * forgotten some (see `mend`). Usually none is, and then an assignment costs no more than this question.
   */
  private async tornTopics(plan: TopicPlan): Promise<readonly string[]> {
    const { admin } = this.options.client;
    const topics = plan.topics.map(({ name }) => name).filter((name) => !this.topics.includes(name));
    for (const waits = new BackOff(100, 3000); !this.closing.signal.aborted; await waits.wait(this.closing.signal)) {
      try {
        return await openTopics(admin, topics);
      } catch (error) {
        this.options.log.warn('waiting for Kafka', describeError(error));
      }
    }
    return [];
  }

  private pipeline(
    plan: TopicPlan,
    partition: AssignedPartition,
    role: TopicRole | undefined,
    torn: Promise<readonly string[]>,
  ): Pipeline {
    const { service, client, log, metrics, chunk, attempts = 3, backOff = [100, 3000], bury, tracer = NO_TRACER } = this.options;
    return new Pipeline(partition, {
      service,
      group: service,
      transport: client.transport,
      handler: traced(this.handlerOf(role), service, tracer),
      bury,
      seal: this.options.seal,
      chunkRecords: chunk?.records ?? CHUNK_RECORDS,
      chunkBytes: chunk?.bytes ?? CHUNK_BYTES,
      recordBytes: plan.messageMaxBytes - BATCH_OVERHEAD,
      attempts,
      torn,
      backOff,
      log,
      metrics,
    });
  }

  /** Calls the controller through Nest, so that injection and interceptors work, and never rejects. */
  private handlerOf(role: TopicRole | undefined): CaughtHandler {
    const handler = role === undefined ? undefined : this.messageHandlers.get(role);
    return async (batch): Promise<Handled> => {
      try {
        if (handler === undefined) throw new TypeError('no handler for this role');
        markChunk(batch);
        const answer: unknown = await handler(batch);
        return (isObservable(answer) ? await lastValueFrom(answer) : answer) as Handled;
      } catch (thrown) {
        return { thrown };
      }
    };
  }

  /** A longer list of topics needs a new subscription. A planned topic that does not exist yet is asked for again next time. */
  private async replan(read: () => TopicPlan): Promise<void> {
    const { log, client } = this.options;
    if (this.isReplanning) return;
    this.isReplanning = true;
    try {
      const plan = read();
      const topics = this.rolesHandled().flatMap((role) => topicsOf(plan, role));
      if (this.closing.signal.aborted || topics.every((topic) => this.topics.includes(topic))) return;
      await client.admin.checkTopics(plan);
      log.info('the list of topics grew', { topics: topics.length });
      await this.membership?.close();
      if (!this.closing.signal.aborted) await this.join(plan);
    } catch (error) {
      log.warn('the list of topics could not be renewed', describeError(error));
    } finally {
      this.isReplanning = false;
    }
  }

  private crash(error: unknown): void {
    this.joined = false;
    this.options.log.error('reading cannot go on', describeError(error));
    if (this.options.onCrash !== undefined) this.options.onCrash(error);
    else setTimeout(() => process.exit(1), 200); // a moment for the log to be written
  }
}
