import { sentWith } from '#stream';
import type { Metrics, Tracer } from '#telemetry';
import type { JudgedChunk } from './steps/judge-chunk.js';

/** Counts what was integrated; labels name kinds and types, never records. */
export interface LedgerObserver {
  step(name: 'read' | 'unique' | 'tiles' | 'commit' | 'publish'): () => void;
  /** `began` is when the integration began, in milliseconds since 1970. */
  integrated(judged: readonly JudgedChunk[], size: number, began: number): void;
  /** Told how many leaves the SQL index has. */
  indexed(size: number): void;
}

/** The same observer, which also ends each trace that an agency asked for with the span of its leaf. */
export function tracedLedger(observer: LedgerObserver, tracer: Tracer): LedgerObserver {
  if (!tracer.on) return observer;
  return {
    step: (name) => observer.step(name),
    indexed: (size) => observer.indexed(size),
    integrated(judged, size, began) {
      observer.integrated(judged, size, began);
      for (const { chunk, without } of judged) {
        if (!chunk.sealed) continue;
        const refused = new Map(without.map(({ record, why }) => [record, why]));
        for (const record of chunk.records) {
          const span = tracer.begin(`ledger ${chunk.topic}`, 'consumer', sentWith(record), began);
          span?.end({
            'messaging.system': 'kafka',
            'messaging.destination.name': chunk.topic,
            'messaging.kafka.offset': Number(record.offset),
            'khidi.verdict': refused.get(record) ?? 'leaf',
          });
        }
      }
    },
  };
}

export function ledgerMetrics(metrics: Metrics): LedgerObserver {
  return {
    step: (name) => metrics.stepSeconds.startTimer({ step: name }),
    indexed: (size) => metrics.indexSize.set(size),
    integrated(judged, size) {
      metrics.logSize.set(size);
      for (const { chunk, leaves, without } of judged) {
        const type = chunk.topic.slice(chunk.topic.indexOf('.') + 1);
        if (chunk.sealed) metrics.received.inc({ record_type: type }, chunk.records.length);
        for (const { k } of leaves) metrics.leaves.inc({ kind: k });
        for (const one of without) {
          if (one.why === 'foreign') metrics.deadLetters.inc({ fault: one.fault });
          else metrics.duplicates.inc({ record_type: type, kind: one.why === 'repeat' ? 'duplicate' : 'conflict' });
        }
      }
    },
  };
}

/** Shows how long the log may go on without its witnesses, and which of them cosigned. */
export function witnessMetrics(metrics: Metrics): (left: number, answers: ReadonlyMap<string, boolean>) => void {
  return (left, answers) => {
    metrics.witnessWindow.set(left);
    for (const [witness, cosigned] of answers) metrics.witnesses.set({ witness }, cosigned ? 1 : 0);
  };
}
