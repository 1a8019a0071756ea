import { randomBytes } from 'node:crypto';
import { readTraceparent, writeTraceparent } from '#record';
import type { SpanAttributes, SpanKind, SpanSink } from './span.js';

/** A step that has begun. */
export interface OpenSpan {
  /** For the next step, so that it hangs below this one. */
  readonly traceparent: string;
  /** Ends it, with the fault that ended it where there is one. */
  end(attributes: SpanAttributes, fault?: string): void;
}

/** Makes spans of what agencies ask to be traced. */
export interface Tracer {
  /** False where nothing is ever traced, so that whoever asks can leave all of it out. */
  readonly on: boolean;
  /** Begins a step of a record with this `traceparent`. Undefined where it is absent, malformed, or not to be kept. */
  begin(name: string, kind: SpanKind, traceparent: string | undefined, began?: number): OpenSpan | undefined;
  close(): Promise<void>;
}

/** Traces nothing. */
export const NO_TRACER: Tracer = { on: false, begin: () => undefined, close: () => Promise.resolve() };

/** Hands spans to `sink`. Only traces that the agency marked as sampled are kept: it decides, and pays with its own header. */
export function tracerTo(sink: SpanSink, now: () => number = Date.now): Tracer {
  return {
    on: true,
    begin(name, kind, traceparent, began = now()) {
      const context = traceparent === undefined ? undefined : readTraceparent(traceparent);
      if (context === undefined || !context.sampled) return undefined;
      const { traceId, spanId: parentId } = context;
      const spanId = randomBytes(8).toString('hex');
      return {
        traceparent: writeTraceparent({ traceId, spanId, sampled: true }),
        end: (attributes, fault) =>
          sink.take({
            traceId,
            spanId,
            parentId,
            name,
            kind,
            began,
            ended: now(),
            attributes,
            ...(fault === undefined ? {} : { fault }),
          }),
      };
    },
    close: () => sink.close(),
  };
}
