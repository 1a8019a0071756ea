export { withBreaker } from './breaker.js';
export { FileCustody } from './file/file-custody.js';
export { keyFor } from './key-for.js';
export { custodySettings, openCustody } from './open-custody.js';
export { Pkcs11Custody } from './pkcs11/pkcs11-custody.js';
export { TransitCustody } from './transit/transit-custody.js';
