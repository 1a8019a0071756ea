import { type Check, type Finding, well, wrong } from './finding.js';
import { inPlan } from './stream.js';

const NEXT = 'See docs/runbooks/alerts.md#khidiretentionnotenforced.';

/** Whether records are gone when their time is over. */
export const retention: Check = {
  name: 'retention',
  otherwise: 'Look at the broker: docs/runbooks/broker-lost.md.',
  look: (patient) =>
    inPlan(patient, async ({ admin }, plan) => {
      const { keptMs, overdueOffsets } = await import('#stream');
      const limited = plan.topics.filter((topic) => keptMs(topic) !== undefined);
      const found: Finding[] = [];
      for (const topic of limited) {
        const old = await overdueOffsets(admin, topic, patient.now().getTime());
        if (old > 0) found.push(wrong(`retention/${topic.name}`, 'ill', `${old} offsets are older than they may be`, NEXT));
      }
      return found.length > 0 ? found : [well('retention', `${limited.length} topics hold nothing whose time is over`)];
    }),
};
