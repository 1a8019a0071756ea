export * from './event.js';
export * from './handover.js';
export * from './members.js';
export * from './names.js';
export * from './outcome.js';
export * from './stream.js';
export * from './traceparent.js';
export * from './warnings.js';
