export { askRedis, type RedisAnswer } from './ask-redis.js';
export { type Marks, markValue, type SeenEntry, type SeenVerdict, verdictOf } from './marks.js';
export { type Budget, LocalQuotas, type QuotaRule, type Quotas } from './quotas.js';
export { RedisQuotas, type RedisQuotasOptions } from './redis-quotas.js';
export { redisSettings } from './redis-settings.js';
export { SeenMarks, type SeenMarksOptions } from './seen-marks.js';
