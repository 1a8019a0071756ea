import type { ReceivedRecord } from '#record';
import type { PartitionEnd, StreamTransport } from './port.js';

/** Markers of transactions take offsets too: at worst one for each record. */
const OFFSETS_A_RECORD = 2n;

/**
 * The newest committed records of a topic, at most `count`, oldest first by their timestamps. Reads up to where the topic ends at the time of
 * the call and no further. Throws STREAM_TOPIC_MISSING, STREAM_FORBIDDEN and STREAM_UNAVAILABLE.
 */
export async function recentRecords(
  transport: StreamTransport,
  topic: string,
  count: number,
): Promise<readonly ReceivedRecord[]> {
  const ends = await transport.admin.endOffsets(topic);
  const read = await Promise.all(ends.map((end) => lastOf(transport, end, count)));
  return read
    .flat()
    .sort((a, b) => a.timestamp - b.timestamp)
    .slice(-count);
}

async function lastOf(
  transport: StreamTransport,
  { topic, partition, start, end }: PartitionEnd,
  count: number,
): Promise<readonly ReceivedRecord[]> {
  const back = BigInt(end) - OFFSETS_A_RECORD * BigInt(count);
  const from = back > BigInt(start) ? back : BigInt(start);
  if (from >= BigInt(end)) return [];
  const records: ReceivedRecord[] = [];
  let reached: () => void = () => undefined;
  const whole = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const reader = transport.read({ topic, partition, from }, async (run) => {
    records.push(...run.records.filter(({ offset }) => BigInt(offset) < BigInt(end)));
    if (run.next >= BigInt(end)) reached();
  });
  try {
    await Promise.race([whole, reader.done]);
  } finally {
    await reader.stop();
  }
  return records.slice(-count);
}
