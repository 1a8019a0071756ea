import { keptMs, overdueOffsets, type StreamAdmin, type TopicPlan } from '#stream';
import { describeError, type Logger } from '#telemetry';

const EVERY_MS = 300_000;

/** What measuring retention takes. */
export interface RetentionWatch {
  readonly admin: Pick<StreamAdmin, 'endOffsets' | 'offsetsSince'>;
  readonly plan: () => TopicPlan;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'warn'>;
  /** Told of each topic that forgets: how many offsets are older than they may be. */
  readonly show: (topic: string, overdue: number) => void;
}

/** Measures now and every five minutes whether Kafka has removed what is older than the plan allows. Gives the function that ends it. */
export function watchRetention(watch: RetentionWatch): () => void {
  const measure = async (): Promise<void> => {
    for (const topic of watch.plan().topics) {
      if (keptMs(topic) === undefined) continue;
      watch.show(topic.name, await overdueOffsets(watch.admin, topic, watch.now().getTime()));
    }
  };
  // Kafka may be away: what was shown last stays, and readiness says the rest.
  const again = (): void =>
    void measure().catch((error: unknown) => watch.log.warn('retention could not be measured', describeError(error)));
  again();
  const timer = setInterval(again, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
