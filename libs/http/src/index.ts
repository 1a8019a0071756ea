export { Attempts } from './attempts.js';
export { correlationId } from './correlation.js';
export { authenticate, type Callers, checkSecret, hashSecret, newSecret, parseBasic, readCallers } from './credentials.js';
export { readOperators } from './operators.js';
export { ProblemFilter, sendProblem } from './problem.filter.js';
export { ProblemException } from './problem-exception.js';
export { readQuery, readWhole, wrong } from './query.js';
export { CallerGone, letGo, readBody } from './read-body.js';
export { type RunningService, runService, type ServiceOptions, startOrExplain } from './run-service.js';
