import { FaultError } from '#faults';
import type { PartitionEnd, StreamAdmin } from './port.js';

/**
 * Those of `topics` where some transaction is open now. What we may not see or does not exist counts as closed. One question after
 * another, since they share a connection. Throws STREAM_UNAVAILABLE.
 */
export async function openTopics(admin: StreamAdmin, topics: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const topic of topics) {
    const ends = await admin.endOffsets(topic).catch(unlessHidden);
    if (ends.some(({ end, high }) => end !== high)) found.push(topic);
  }
  return found;
}

function unlessHidden(error: unknown): readonly PartitionEnd[] {
  if (error instanceof FaultError && (error.code === 'STREAM_FORBIDDEN' || error.code === 'STREAM_TOPIC_MISSING')) return [];
  throw error;
}
