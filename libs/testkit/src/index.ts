export {
  type TestDirectory,
  type TestMember,
  testAgreed,
  testConfiguration,
  testDirectory,
  testMember,
  testTerms,
} from './directory.js';
export { memoryCustody } from './memory-custody.js';
export { type MemoryMarks, memoryMarks } from './memory-marks.js';
export { type MemoryFailure, type MemoryStream, memoryStream } from './memory-stream.js';
export { danglingReferences, documentedRoutes, routesOf, validateOpenapi } from './openapi.js';
export {
  ingressRecord,
  structuredRecord,
  TEST_ATTRIBUTES,
  TEST_MEMBER,
  TEST_TYPE,
  type TestAttributes,
  type TestRecord,
} from './records.js';
export { PERSON, PERSON_TERMS, SEALED_AT, sealInput, type TestIssuer, testIssuer } from './sealing.js';
export { tampered } from './tampered.js';
export { TestClock } from './test-clock.js';
export { schemaHeader, type ValidatedHeaders, validatedRecord } from './validated.js';
