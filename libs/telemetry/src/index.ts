export { createLogger, describeError, type LogFields, type Logger } from './logger.js';
export { createMetrics, type Metrics } from './metrics.js';
