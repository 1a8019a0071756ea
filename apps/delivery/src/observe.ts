import type { Metrics } from '#telemetry';
import type { Delivery } from './delivery.js';
import type { LaneObserver } from './lanes/lane.js';
import type { PushObserver } from './push/pusher.js';
import type { ReceiptObserver } from './receipts/receipt-desk.js';

/** Counts what becomes of records for each consumer; labels name organisations, types and codes, never records. */
export function laneMetrics(metrics: Metrics): LaneObserver {
  return {
    handed({ consumer, type }, handed) {
      for (const { fate, faults } of handed) {
        const fault = faults?.[0]?.code ?? '';
        if (fate === 'delivered') metrics.deliveries.inc({ consumer, record_type: type });
        else if (fate === 'refused') metrics.deliveriesRefused.inc({ consumer, record_type: type, fault });
        else metrics.deadLetters.inc({ fault });
      }
      metrics.lastRecord.set({ record_type: type }, Date.now() / 1000);
    },
    quota: (agreement, remaining) => metrics.quotaRemaining.set({ quota: agreement }, remaining),
    waits: ({ consumer, type }, waits) => metrics.deliveryWaits.set({ consumer, record_type: type }, waits ? 1 : 0),
  };
}

/** Counts at each scrape what waits: records that no lane has decided on, and dead letters that nobody has dealt with. */
export function waitingMetrics(metrics: Metrics, { lanes, desk }: Pick<Delivery, 'lanes' | 'desk'>): void {
  metrics.beforeScrape(() => {
    for (const { name, records } of lanes.behind())
      metrics.deliveryLag.set({ consumer: name.consumer, record_type: name.type }, records);
    metrics.deadLettersOpen.reset();
    for (const { id } of desk.list({})) metrics.deadLettersOpen.inc({ given_up_by: id.slice(0, id.indexOf('/')) });
  });
}

/** Counts requests to webhooks by what came of them. */
export function pushMetrics(metrics: Metrics): PushObserver {
  return {
    posted: ({ consumer }, posted) => metrics.pushes.inc({ consumer, result: posted.ok ? 'accepted' : posted.why }),
    circuit: ({ consumer, type }, open) => metrics.circuits.set({ consumer, record_type: type }, open ? 1 : 0),
    dead: (fault) => metrics.deadLetters.inc({ fault }),
  };
}

/** Counts receipts, and shows how many are overdue. */
export function receiptMetrics(metrics: Metrics): ReceiptObserver {
  return {
    received: (consumer, result) => metrics.receipts.inc({ consumer, result }),
    missing: ({ consumer, type }, count) => metrics.receiptsMissing.set({ consumer, record_type: type }, count),
  };
}
