import { FaultError } from '#faults';
import { HEADER, type OutgoingRecord, type Position, type RecordType } from '#record';
import { describeError, type Logger, type Metrics, NO_TRACER, type OpenSpan, type Tracer } from '#telemetry';
import type { DoorEvent } from './door-event.js';
import type { OriginSealing } from './origin-sealing.js';
import type { IngressForm } from './steps/ingress-record.js';
import type { AcceptedMark } from './store/accepted-marks.js';

/** Puts records on the road; resolves once Kafka acknowledged all of them. Rejects with STREAM_UNAVAILABLE within a bounded time. */
export interface RecordPublisher {
  publish(records: readonly OutgoingRecord[]): Promise<readonly Position[]>;
}

/** Remembers that events were accepted. */
export interface MarkKeeper {
  accepted(marks: readonly AcceptedMark[]): Promise<void>;
}

/** What is counted and timed on the way. */
export type DoorMetrics = Pick<Metrics, 'received' | 'lastRecord' | 'stepSeconds' | 'publishFailures'>;

/** Hands events over to Kafka. When it resolves, each of them is acknowledged by all in-sync replicas and marked as accepted. */
export type HandOver = (events: readonly DoorEvent[]) => Promise<void>;

/**
 * The one way onto the road. The order is the promise: Kafka first, then the marks, and only then may anybody answer 202. Rejects with
 * STREAM_UNAVAILABLE where Kafka does not acknowledge and with DOOR_UNAVAILABLE where the marks cannot be kept; the caller may
 * then send the same ids again. With `seal` nothing leaves unsealed: KEY_STORE_UNAVAILABLE while the agency's key does not sign.
 * Nothing is begun once `stopping` is aborted (DOOR_UNAVAILABLE).
 */
export function handOver(
  form: IngressForm,
  seal: OriginSealing | undefined,
  publisher: RecordPublisher,
  marks: MarkKeeper,
  metrics: DoorMetrics,
  log: Logger,
  now: () => Date,
  stopping: AbortSignal,
  tracer: Tracer = NO_TRACER,
): HandOver {
  metrics.publishFailures.inc({ fault: 'STREAM_UNAVAILABLE' }, 0); // so that Prometheus sees the first failure as an increase
  return async (events) => {
    if (events.length === 0) return;
    if (stopping.aborted) throw new FaultError('DOOR_UNAVAILABLE', 'the service is stopping');
    const began = performance.now();
    const { records, spans } = tracer.on ? traced(events.map(form), tracer) : { records: events.map(form), spans: [] };
    const sealed = seal === undefined ? records : await seal(events, records);
    const positions = await publisher.publish(sealed).catch((error: unknown) => {
      const code = error instanceof FaultError ? error.code : 'STREAM_UNAVAILABLE';
      metrics.publishFailures.inc({ fault: code });
      log.warn('publish failed', { records: events.length, ...describeError(error) });
      for (const span of spans) span?.end({}, code);
      throw error instanceof FaultError ? error : new FaultError(code, '', { cause: error });
    });
    for (const [i, span] of spans.entries()) span?.end(placeOf(positions[i]));
    metrics.stepSeconds.observe({ step: 'publish' }, (performance.now() - began) / 1000);
    const at = now().toISOString();
    await marks
      .accepted(events.map(({ source, id, type }, i) => ({ source, id, type, at, ingress: place(positions[i]) })))
      .catch((cause: unknown) => {
        throw new FaultError('DOOR_UNAVAILABLE', 'the store does not take marks', { cause });
      });
    for (const [type, count] of countTypes(events)) {
      metrics.received.inc({ record_type: type }, count);
      metrics.lastRecord.set({ record_type: type }, now().getTime() / 1000);
    }
  };
}

/** A span for each record that asks for one, which the next step hangs below. */
function traced(
  records: readonly OutgoingRecord[],
  tracer: Tracer,
): { readonly records: readonly OutgoingRecord[]; readonly spans: readonly (OpenSpan | undefined)[] } {
  const spans = records.map(({ topic, headers }) =>
    tracer.begin(`agency-adapter ${topic}`, 'producer', headers[HEADER.traceparent]?.toString()),
  );
  const followed = records.map((record, i) => {
    const span = spans[i];
    return span === undefined ? record : { ...record, headers: { ...record.headers, [HEADER.traceparent]: span.traceparent } };
  });
  return { records: followed, spans };
}

const placeOf = (position: Position | undefined) => ({
  'messaging.system': 'kafka',
  'messaging.destination.name': position?.topic ?? '',
  'messaging.kafka.offset': Number(position?.offset ?? 0),
});

const place = (position: Position | undefined) =>
  position === undefined ? '' : `${position.topic}/${position.partition}/${position.offset}`;

function countTypes(events: readonly DoorEvent[]): Map<RecordType, number> {
  const counts = new Map<RecordType, number>();
  for (const { recordType } of events) counts.set(recordType, (counts.get(recordType) ?? 0) + 1);
  return counts;
}
