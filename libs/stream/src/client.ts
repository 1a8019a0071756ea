import type { ReceivedRecord } from '#record';
import type { FencedWriter } from './fenced-writer.js';
import { openFencedWriter } from './fenced-writer.js';
import type { StreamAdmin, StreamTransport } from './port.js';
import { coalescingPublisher, type Publisher, type PublisherOptions } from './publisher.js';
import { recentRecords } from './recent.js';
import { compactedTable, type Table } from './table.js';
import { type Tail, type TailOptions, tailTopic } from './tail.js';

/** What apps use of a Kafka cluster besides {@link RecordStream}. */
export interface StreamClient {
  readonly transport: StreamTransport;
  readonly admin: StreamAdmin;
  /** A publisher of its own; close it with `close()`. */
  publisher(options?: Partial<PublisherOptions>): Publisher;
  /** The latest value of every key of a compacted topic; `start()` it. */
  table(topic: string): Table;
  /**
   * Opens the only writer that may use `id` from now on: older ones are fenced. `topics` are those that it writes. Open it before
   * their tables are read: a torn write of before, which only this completes, would hold up every reader. Throws STREAM_UNAVAILABLE.
   */
  fencedWriter(id: string, topics: readonly string[]): Promise<FencedWriter>;
  /** Reads committed records without a group and without committing; order is kept within a partition. */
  tail(
    topic: string,
    options: TailOptions,
    onRecords: (records: readonly ReceivedRecord[]) => void | Promise<void>,
  ): Promise<Tail>;
  /** The newest committed records of a topic, at most `count`, oldest first; see {@link recentRecords}. */
  recent(topic: string, count: number): Promise<readonly ReceivedRecord[]>;
  close(): Promise<void>;
}

/** Builds the client on a transport. */
export function streamClient(transport: StreamTransport): StreamClient {
  return {
    transport,
    admin: transport.admin,
    publisher: (options) => coalescingPublisher(transport, options),
    table: (topic) => compactedTable(transport, topic),
    fencedWriter: (id, topics) => openFencedWriter(transport, id, topics),
    tail: (topic, options, onRecords) => tailTopic(transport, topic, options, onRecords),
    recent: (topic, count) => recentRecords(transport, topic, count),
    close: () => transport.close(),
  };
}
