import { delivery } from './delivery.js';
import type { Check } from './finding.js';
import { loads } from './loads.js';
import { disk, memory, nodeVersion } from './machine.js';
import { retention } from './retention.js';
import { redis } from './seen.js';
import { certificates, clocks, readiness } from './services.js';
import { broker, deadLetters, lag, topicSettings, topics } from './stream.js';
import { keys, log, schemas } from './trust.js';

/** Everything that is looked at. */
export const CHECKS: readonly Check[] = [
  nodeVersion,
  disk,
  memory,
  clocks,
  broker,
  topics,
  topicSettings,
  lag,
  deadLetters,
  retention,
  redis,
  readiness,
  certificates,
  schemas,
  keys,
  log,
  delivery,
  loads,
];
