import type { Metrics } from '#telemetry';
import type { SealingObserver } from './seal-records.js';

/** Counts and times sealing; labels name record types, steps and faults, never records. */
export function sealingMetrics(metrics: Metrics, keyCreated: () => Date | undefined, now: () => Date): SealingObserver {
  const age = () => {
    const created = keyCreated();
    if (created !== undefined)
      metrics.keyAge.set({ purpose: 'sealing' }, Math.max(0, (now().getTime() - created.getTime()) / 1000));
  };
  age();
  return {
    step: (name) => metrics.stepSeconds.startTimer({ step: name }),
    handled(type, received, faults, seconds) {
      const labels = { record_type: type };
      metrics.received.inc(labels, received);
      metrics.sealed.inc(labels, seconds.length);
      metrics.accepted.inc(labels, seconds.length);
      for (const { code } of faults) metrics.rejected.inc({ ...labels, fault: code });
      for (const one of seconds) metrics.roadSeconds.observe(labels, Math.max(0, one)); // clocks may differ by a little
      metrics.lastRecord.set(labels, now().getTime() / 1000);
      age();
    },
  };
}
