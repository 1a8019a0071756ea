/** What may stand at a span: places and codes. Ids of events and anything of a record may not. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/**
 * How a step stands to its neighbours (OpenTelemetry): it produces for the next one, consumes from the last one, asks another system, or
 * none of these.
 */
export type SpanKind = 'internal' | 'producer' | 'consumer' | 'client';

/** One step of one record. Times are milliseconds since 1970. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly began: number;
  readonly ended: number;
  readonly attributes: SpanAttributes;
  /** The fault with which the step ended. */
  readonly fault?: string;
}

/** Where spans go. Never throws and never holds up the road: what cannot be taken is dropped and counted. */
export interface SpanSink {
  take(span: Span): void;
  /** Hands on what is still held. */
  close(): Promise<void>;
}
