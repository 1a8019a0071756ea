import type { PlannedTopic, StreamAdmin } from '#stream';
import { type Check, type Finding, well, wrong } from './finding.js';
import { inPlan } from './stream.js';

const HOUR_MS = 3_600_000;
/** Kafka's own, where a topic says nothing. */
const SEGMENT_MS = 7 * 24 * HOUR_MS;
const NEXT =
  'Compare retention.ms and segment.ms of the topic with deploy/kafka/topics.json (kafka-configs.sh): it was made by an older version or changed by hand.';

/** Whether records are gone when their time is over: whole segments go, so the open one is allowed for. */
export const retention: Check = {
  name: 'retention',
  otherwise: 'Look at the broker: docs/runbooks/broker-lost.md.',
  look: (patient) =>
    inPlan(patient, async ({ admin }, plan) => {
      const limited = plan.topics.filter((topic) => keptMs(topic) !== undefined);
      const found: Finding[] = [];
      for (const topic of limited) found.push(...(await judgeRetention(admin, topic, patient.now().getTime())));
      return found.length > 0 ? found : [well('retention', `${limited.length} topics hold nothing whose time is over`)];
    }),
};

/** The longest that a record may be on a topic; undefined where it may stay for ever. */
export function keptMs({ config }: Pick<PlannedTopic, 'config'>): number | undefined {
  const kept = Number(config['retention.ms'] ?? -1);
  return kept < 0 ? undefined : kept + Number(config['segment.ms'] ?? SEGMENT_MS) + HOUR_MS;
}

/** What one topic holds that should be gone. */
export async function judgeRetention(admin: StreamAdmin, topic: PlannedTopic, now: number): Promise<Finding[]> {
  const [ends, young] = await Promise.all([
    admin.endOffsets(topic.name),
    admin.offsetsSince(topic.name, now - (keptMs(topic) ?? 0)),
  ]);
  const old = ends.reduce((sum, { partition, start, high }) => {
    return sum + BigInt(high) - BigInt(start) - (young.get(partition) ?? 0n);
  }, 0n);
  if (old <= 0n) return [];
  return [wrong(`retention/${topic.name}`, 'ill', `${old} offsets are older than they may be`, NEXT)];
}
