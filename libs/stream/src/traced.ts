import { HEADER, type OutgoingRecord, type ReceivedRecord, type Verdict } from '#record';
import type { OpenSpan, SpanAttributes, Tracer } from '#telemetry';
import type { CaughtHandler } from './judge.js';

/**
 * The same handler with a span for each record whose agency asks for one (`traceparent`, sampled): from the call to the verdict.
 * What is handed on hangs below that span. Where tracing is off it is the handler itself.
 */
export function traced(handler: CaughtHandler, service: string, tracer: Tracer): CaughtHandler {
  if (!tracer.on) return handler;
  return async (batch) => {
    const began = Date.now();
    const handled = await handler(batch);
    if ('thrown' in handled) return handled; // a defect or a dependency that is away: the chunk comes again
    const verdicts = handled.verdicts.map((verdict, i) => {
      const record = batch[i];
      const span =
        record === undefined ? undefined : tracer.begin(`${service} ${record.topic}`, 'consumer', sentWith(record), began);
      return span === undefined || record === undefined ? verdict : spanned(span, record, verdict);
    });
    return { verdicts };
  };
}

function spanned(span: OpenSpan, record: ReceivedRecord, verdict: Verdict): Verdict {
  span.end({ ...placeInSpan(record), 'khidi.verdict': verdict.kind }, faultOf(verdict));
  if (verdict.kind !== 'accepted') return verdict;
  return { ...verdict, outputs: verdict.outputs.map((output) => handedOn(output, span.traceparent)) };
}

/** What a span says of where its record stands, in OpenTelemetry's words for messaging. */
export const placeInSpan = ({ topic, partition, offset }: ReceivedRecord): SpanAttributes => ({
  'messaging.system': 'kafka',
  'messaging.destination.name': topic,
  'messaging.destination.partition.id': String(partition),
  'messaging.kafka.offset': Number(offset),
});

/** Only where the step passes the trace on at all. */
function handedOn(output: OutgoingRecord, traceparent: string): OutgoingRecord {
  if (output.headers[HEADER.traceparent] === undefined) return output;
  return { ...output, headers: { ...output.headers, [HEADER.traceparent]: traceparent } };
}

function faultOf(verdict: Verdict): string | undefined {
  if (verdict.kind === 'retry' || verdict.kind === 'dead') return verdict.fault;
  return verdict.kind === 'rejected' || verdict.kind === 'conflict' ? verdict.outcome.outcome.faults?.[0]?.code : undefined;
}

/** The `traceparent` that a record was sent with; one that stands there twice is none. */
export function sentWith({ headers }: ReceivedRecord): string | undefined {
  const value = headers[HEADER.traceparent];
  return Buffer.isBuffer(value) ? value.toString('latin1') : undefined;
}
