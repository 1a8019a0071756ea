import type { Span, SpanAttributes } from './span.js';

/** OpenTelemetry's numbers for kinds and states (opentelemetry-proto, trace/v1). */
const KIND = { internal: 1, client: 3, producer: 4, consumer: 5 } as const;
const STATUS_ERROR = 2;

/** An `ExportTraceServiceRequest` in the JSON encoding of OTLP 1.x: ids in hex, 64-bit numbers as decimal strings. */
export function otlpJson(service: string, version: string, spans: readonly Span[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: {
          attributes: attributesOf({ 'service.name': service, 'service.version': version, 'service.namespace': 'khidi' }),
        },
        scopeSpans: [{ scope: { name: 'khidi', version }, spans: spans.map(spanOf) }],
      },
    ],
  });
}

function spanOf({ traceId, spanId, parentId, name, kind, began, ended, attributes, fault }: Span): object {
  return {
    traceId,
    spanId,
    parentSpanId: parentId,
    name,
    kind: KIND[kind],
    startTimeUnixNano: nanoseconds(began),
    endTimeUnixNano: nanoseconds(Math.max(began, ended)),
    attributes: attributesOf(attributes),
    status: fault === undefined ? {} : { code: STATUS_ERROR, message: fault },
  };
}

/** Milliseconds with their fraction, which a double of nanoseconds could not hold. */
const nanoseconds = (ms: number): string => String(BigInt(Math.round(ms * 1000)) * 1000n);

function attributesOf(attributes: SpanAttributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}
