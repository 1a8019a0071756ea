import type { OutgoingRecord, Position, ReceivedRecord } from '#record';
import type { FencedWriter } from './fenced-writer.js';
import { openFencedWriter } from './fenced-writer.js';
import type { StreamAdmin, StreamTransport } from './port.js';
import { coalescingPublisher, type PublisherOptions } from './publisher.js';
import { compactedTable, type Table } from './table.js';
import { tailTopic } from './tail.js';

/** What apps use of a Kafka cluster besides {@link RecordStream}. */
export interface StreamClient {
  readonly transport: StreamTransport;
  readonly admin: StreamAdmin;
  /** A publisher of its own; close it with `close()`. */
  publisher(options?: Partial<PublisherOptions>): Publisher;
  /** The latest value of every key of a compacted topic; `start()` it. */
  table(topic: string): Table;
  /** Opens the only writer that may use `id` from now on: older ones are fenced. Throws STREAM_UNAVAILABLE. */
  fencedWriter(id: string): Promise<FencedWriter>;
  /** Reads committed records without a group and without committing; order is kept within a partition. */
  tail(
    topic: string,
    options: TailOptions,
    onRecords: (records: readonly ReceivedRecord[]) => void | Promise<void>,
  ): Promise<Tail>;
  close(): Promise<void>;
}

/** Publishes records that are acknowledged by all in-sync replicas. */
export interface Publisher {
  /**
   * Resolves with the positions, in order, once all records are acknowledged. Records of one caller keep their order. Rejects with
   * STREAM_RECORD_TOO_LARGE where one of these records is too large (none of them is written then), and with STREAM_UNAVAILABLE
   * where Kafka does not answer in time: whether they were written is then unknown, and the same ids may be sent again.
   */
  publish(records: readonly OutgoingRecord[]): Promise<readonly Position[]>;
  /** Whether the last send went well (true before the first). */
  ready(): boolean;
  /** Waits for what was accepted, then closes. */
  close(): Promise<void>;
}

export interface TailOptions {
  /** Where to begin: an offset (then `partition` is needed where the topic has more than one), or an end of the topic. */
  readonly fromOffset: string | 'earliest' | 'latest';
  /** Only this partition; all of them where absent. */
  readonly partition?: number;
}

export interface Tail {
  /** Rejects when reading failed for good or `onRecords` threw; resolves after `stop()`. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** Builds the client on a transport. */
export function streamClient(transport: StreamTransport): StreamClient {
  return {
    transport,
    admin: transport.admin,
    publisher: (options) => coalescingPublisher(transport, options),
    table: (topic) => compactedTable(transport, topic),
    fencedWriter: (id) => openFencedWriter(transport, id),
    tail: (topic, options, onRecords) => tailTopic(transport, topic, options, onRecords),
    close: () => transport.close(),
  };
}
