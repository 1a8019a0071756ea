export { type Agreement, type AgreementState, type AgreementVersion, inForce, stateOf } from './agreement.js';
export { type Decision, decide, type PolicyFault, type PolicyRequest } from './decide.js';
export { explain } from './explain.js';
export { type Policy, type PolicySource, preparePolicy } from './policy.js';
export { termsFaults } from './read-terms.js';
export { type AgreementTerms, CLASSES, type Fields, ORIGINS, type Purpose } from './terms.js';
export { agreementDigest, agreementText } from './text.js';
