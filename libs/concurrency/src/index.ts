export { type JoinedSignal, joinSignals } from './joined-signal.js';
export { Turns } from './turns.js';
