import type { KeyCustody } from '#envelope';
import { FaultError } from '#faults';
import { integer, oneOf, type Secret, type SettingsOf, secret, text } from '#settings';
import { withBreaker } from './breaker.js';
import { FileCustody } from './file/file-custody.js';
import { Pkcs11Custody } from './pkcs11/pkcs11-custody.js';
import { TransitCustody } from './transit/transit-custody.js';

/** Where private keys live; spread them into the settings of a service that signs. */
export const custodySettings = {
  keyStore: oneOf('KHIDI_KEY_STORE', 'where private keys live', ['file', 'pkcs11', 'transit'], { default: 'file' }),
  keyStoreTimeout: integer('KHIDI_KEY_STORE_TIMEOUT', 'how long an answer of the key store may take, in milliseconds', {
    min: 50,
    max: 60_000,
    default: 5000,
  }),
  pkcs11Library: text('KHIDI_PKCS11_LIBRARY', "path of the vendor's PKCS #11 library", { default: '' }),
  pkcs11Token: text('KHIDI_PKCS11_TOKEN', 'label of the token', { default: '' }),
  pkcs11Pin: secret('KHIDI_PKCS11_PIN', 'PIN of the token', { optional: true }),
  transitUrl: text('KHIDI_TRANSIT_URL', 'address of the Vault or OpenBao server', { default: '' }),
  transitMount: text('KHIDI_TRANSIT_MOUNT', 'where its transit engine is mounted', { default: 'transit' }),
  transitTokenFile: text('KHIDI_TRANSIT_TOKEN_FILE', 'file of its token, which an agent may renew', { default: '' }),
} as const;

/** Opens the store that the settings name. Throws SETTINGS_INVALID that names what is missing for it. */
export function openCustody(
  settings: SettingsOf<typeof custodySettings> & { readonly keysFolder: string },
  passphrase: Secret,
): KeyCustody {
  const timeoutMs = settings.keyStoreTimeout;
  // The stores know their own time-outs best; the breaker's is for what they cannot see.
  const guard = (custody: KeyCustody) => withBreaker(custody, { timeoutMs: timeoutMs * 2 });
  switch (settings.keyStore) {
    case 'file':
      return new FileCustody(settings.keysFolder, passphrase);
    case 'pkcs11': {
      const { pkcs11Library: library, pkcs11Token: label, pkcs11Pin: pin } = settings;
      if (library === '' || label === '' || pin === undefined)
        throw new FaultError(
          'SETTINGS_INVALID',
          'pkcs11 needs KHIDI_PKCS11_LIBRARY, KHIDI_PKCS11_TOKEN and KHIDI_PKCS11_PIN_FILE',
        );
      return guard(new Pkcs11Custody({ place: { library, label }, pin, timeoutMs }));
    }
    case 'transit': {
      const { transitUrl: url, transitMount: mount, transitTokenFile: tokenFile } = settings;
      if (url === '' || tokenFile === '')
        throw new FaultError('SETTINGS_INVALID', 'transit needs KHIDI_TRANSIT_URL and KHIDI_TRANSIT_TOKEN_FILE');
      return guard(new TransitCustody({ url, mount, tokenFile, timeoutMs }));
    }
  }
}
