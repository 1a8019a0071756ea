export { askRedis, type RedisAnswer } from './ask-redis.js';
export { type Marks, markValue, type SeenEntry, type SeenVerdict, verdictOf } from './marks.js';
export { SeenMarks, type SeenMarksOptions } from './seen-marks.js';
