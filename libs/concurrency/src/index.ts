export { type JoinedSignal, joinSignals } from './joined-signal.js';
export { threadFile } from './thread-file.js';
export { Turns } from './turns.js';
