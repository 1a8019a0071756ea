import { HEADER } from './event.js';
import { deliveryTopic, type RecordType, type SubsystemId } from './names.js';
import type { OutgoingRecord, ReceivedRecord } from './stream.js';

/** Says on a consumer's topic that an initial load is complete. It is no delivery: it has no number and no envelope. */
export interface LoadMark {
  /** The id of the load, as it stands beside each delivery of it. */
  readonly load: string;
  /** The number of the last delivery before it: whoever has all up to there has the whole load. 0 where nothing was delivered. */
  readonly through: number;
  /** When it was complete (RFC 3339). */
  readonly at: string;
}

/** The key of the mark: no pseudonym, so that compaction keeps the newest mark beside the newest record of each subject. */
const MARK_KEY = 'initial-load';
const LOAD_ID = /^[0-9a-f-]{36}$/;

/** The mark as a record of the consumer's topic. */
export function loadMarkRecord(consumer: SubsystemId, type: RecordType, mark: LoadMark): OutgoingRecord {
  return {
    topic: deliveryTopic(consumer, type),
    partition: 0,
    key: MARK_KEY,
    value: encodeLoadMark(mark),
    headers: { [HEADER.contentType]: 'application/json', [HEADER.loaded]: mark.load },
  };
}

/** The value bytes of a mark (JSON, UTF-8); a webhook is told with the same. */
export function encodeLoadMark({ load, through, at }: LoadMark): Buffer {
  return Buffer.from(JSON.stringify({ load, through, at }));
}

/** Whether a message of a consumer's topic is a mark and no delivery. */
export function isLoadMark({ headers }: Pick<ReceivedRecord, 'headers'>): boolean {
  return headers[HEADER.loaded] !== undefined;
}

/** Reads what {@link encodeLoadMark} wrote; undefined where the bytes are something else. */
export function decodeLoadMark(value: Buffer | null): LoadMark | undefined {
  try {
    const { load, through, at } = Object(JSON.parse(String(value))) as Record<string, unknown>;
    const counts = Number.isSafeInteger(through) && Number(through) >= 0;
    if (typeof load === 'string' && LOAD_ID.test(load) && counts && typeof at === 'string' && !Number.isNaN(Date.parse(at)))
      return { load, through: Number(through), at };
  } catch {
    // not JSON: somebody else's record
  }
  return undefined;
}
