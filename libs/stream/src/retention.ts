import type { PlannedTopic } from './plan.js';
import type { StreamAdmin } from './port.js';

const HOUR_MS = 3_600_000;
/** Kafka's own, where a topic says nothing. */
const SEGMENT_MS = 7 * 24 * HOUR_MS;

/**
 * The longest that a record may be on a topic, in milliseconds: whole segments go, so the open one is allowed for, and an hour for the
 * broker to look. Undefined where it may stay for ever.
 */
export function keptMs({ config }: Pick<PlannedTopic, 'config'>): number | undefined {
  const kept = Number(config['retention.ms'] ?? -1);
  return kept < 0 ? undefined : kept + Number(config['segment.ms'] ?? SEGMENT_MS) + HOUR_MS;
}

/** How many offsets of a topic are older than they may be; `now` is milliseconds since 1970. Needs only the right to describe it. */
export async function overdueOffsets(
  admin: Pick<StreamAdmin, 'endOffsets' | 'offsetsSince'>,
  topic: PlannedTopic,
  now: number,
): Promise<number> {
  const kept = keptMs(topic);
  if (kept === undefined) return 0;
  const [ends, young] = await Promise.all([admin.endOffsets(topic.name), admin.offsetsSince(topic.name, now - kept)]);
  const old = ends.reduce(
    (sum, { partition, start, high }) => sum + BigInt(high) - BigInt(start) - (young.get(partition) ?? 0n),
    0n,
  );
  return Number(old > 0n ? old : 0n); // something may be written between the two questions
}
