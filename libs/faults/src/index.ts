export type { Fault } from './fault.js';
export { type Problem, problem } from './problem.js';
export { FaultError, type FaultReport, faultReport } from './report.js';
export { faultSentence } from './sentence.js';
export { FAULTS, type FaultCode } from './table.js';
