export { commonSettings, readJsonFile, readMembers, recordTypesOf } from './common.js';
export { type FollowedFile, followFile } from './followed-file.js';
export {
  callerSecretFile,
  configurationAnchorFile,
  consumerSecretFile,
  deadLetterKeyFile,
  type Instance,
  type InstanceServer,
  type InstanceService,
  instanceFile,
  instancePassphraseFile,
  kafkaOf,
  memberKeysFolder,
  readInstance,
} from './instance.js';
export { passphraseOr } from './passphrase.js';
export { flag, integer, list, oneOf, readSettings, type Setting, type SettingsOf, secret, text } from './reader.js';
export { replaceFile } from './replace-file.js';
export { createSealedFile, openOrCreateSealedFile, openSealedFile } from './sealed-file.js';
export { Secret } from './secret.js';
export { readTlsFiles, type TlsTexts, tlsContextOf } from './tls-files.js';
