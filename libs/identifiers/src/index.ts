export { COUNTRIES, type CountryName, type CountryPack, comparableName } from './countries.js';
export { countrySchema } from './country-schema.js';
export { examine, type Finding, mayReject, whatHolds } from './examine.js';
export { POLICIES, type Policy, type Scheme } from './scheme.js';
export { SCHEMES, type SchemeName, schemeName } from './table.js';
