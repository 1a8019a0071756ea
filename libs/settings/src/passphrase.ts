import { Secret } from './secret.js';

const DEVELOPMENT = 'khidi development passphrase: not for real keys';

/**
 * The passphrase for key files: the one given, or a development default that everybody knows. `warn` is called in the second
 * case, so that no service uses it silently.
 */
export function passphraseOr(given: Secret | undefined, warn: () => void): Secret {
  if (given !== undefined) return given;
  warn();
  return new Secret(DEVELOPMENT);
}
