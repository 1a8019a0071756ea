export { type FollowedConfiguration, followConfiguration, followDirectory } from './follow.js';
export {
  CONFIGURATION_KEY,
  type ConfigurationClaims,
  configurationDigest,
  MAX_CONFIGURATION_BYTES,
  signConfiguration,
} from './issue.js';
export { agreementsOf, type OpenConfiguration, type Opened, openConfiguration, publishedAgreements } from './open.js';
export { configurationSettings } from './settings.js';
export {
  keyProofText,
  memberChangeText,
  misfit,
  publicMemberKey,
  revocationText,
  type Side,
  type Statement,
  signStatement,
} from './statement.js';
