export { PERSON, PERSON_TERMS, SEALED_AT, sealInput, type TestIssuer, testIssuer } from './sealing.js';
