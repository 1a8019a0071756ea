export { DEMONSTRATION_COUNTRIES, LOCALITY, localities } from './localities.js';
export { PERSON, type PersonOptions, persons } from './persons.js';
export {
  PUBLIC_BODY_COUNTRIES,
  type PublicBody,
  type PublicBodyCountry,
  publicBodies,
  publicBodiesFile,
} from './public-bodies.js';
export { type Expected, memberFor, type SourceRecord } from './source-record.js';
