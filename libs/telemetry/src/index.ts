export { LOG_LEVELS, type LogLevel } from './levels.js';
export { type AdjustableLogger, createLogger, describeError, type LogFields, type Logger } from './logger.js';
export { createMetrics, type Metrics } from './metrics.js';
export { createTracer } from './tracing/create-tracer.js';
export type { Span, SpanAttributes, SpanSink } from './tracing/span.js';
export { NO_TRACER, type OpenSpan, type Tracer, tracerTo } from './tracing/tracer.js';
