import type { Metrics } from '../metrics.js';
import { OtlpSink } from './otlp-sink.js';
import { NO_TRACER, type Tracer, tracerTo } from './tracer.js';

/** The tracer of one service: off, and free of any cost, unless `endpoint` names a collector (`none`: none). */
export function createTracer(service: string, endpoint: string, metrics: Metrics, version = '0.1.0'): Tracer {
  if (endpoint === 'none') return NO_TRACER;
  return tracerTo(new OtlpSink({ endpoint, service, version, onDropped: (spans) => metrics.spansDropped.inc(spans) }));
}
