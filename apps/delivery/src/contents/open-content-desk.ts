import { join } from 'node:path';
import { keyFor, openCustody } from '#custody';
import { publishedKey, signerOf } from '#envelope';
import { FaultError } from '#faults';
import { type MemberId, memberId } from '#record';
import { followFile, readJsonFile, replaceFile, type Secret, type SettingsOf } from '#settings';
import { describeError, type Logger } from '#telemetry';
import type { deliverySettings } from '../settings.js';
import { ContentDesk, type ContentParts } from './content-desk.js';

/**
 * Opens the desk where the settings say at which addresses contents are fetched; undefined where they do not. Its key is made at the first start, and
 * its public part is written beside it, as the JWK set that every adapter is given (`KHIDI_PERMIT_KEYS`). Throws SETTINGS_INVALID, and KEY_STORE_UNAVAILABLE.
 */
export async function openContentDesk(
  settings: SettingsOf<typeof deliverySettings>,
  passphrase: () => Secret,
  parts: Omit<ContentParts, 'signer' | 'addressOf'> & { readonly log: Logger },
): Promise<{ readonly desk: ContentDesk; close(): Promise<void> } | undefined> {
  if (settings.contentAddresses === '') return undefined;
  const { log, now, operator } = parts;
  const custody = openCustody(settings, passphrase());
  const { key, made } = await keyFor(custody, 'permits', 'ES256', now());
  const file = join(settings.keysFolder, 'permits.jwks.json');
  const keys = (await custody.keys('permits')).map((one) => publishedKey(one, operator));
  await replaceFile(file, `${JSON.stringify({ keys }, undefined, 2)}\n`);
  log.info('contents are fetched by permit', {
    kid: key.kid,
    made,
    file,
    next: 'give the file to the adapters: KHIDI_PERMIT_KEYS',
  });
  const addresses = followFile(settings.contentAddresses, readAddresses, {
    onRead: (read) => log.info('addresses of contents read', { members: read.size }),
    onMistake: (error) => log.error('the addresses of contents are not usable; the last ones stay', describeError(error)),
  });
  return {
    desk: new ContentDesk({
      ...parts,
      signer: signerOf(custody, key.kid),
      addressOf: (member) => addresses.current().get(member),
    }),
    async close() {
      addresses.close();
      await custody.close();
    },
  };
}

/** `{"GE/GOV/7001": "https://adapter.example"}`. Throws SETTINGS_INVALID. */
function readAddresses(file: string): ReadonlyMap<MemberId, string> {
  const read = readJsonFile(file);
  const entries = typeof read === 'object' && read !== null && !Array.isArray(read) ? Object.entries(read) : undefined;
  const addresses = new Map<MemberId, string>();
  for (const [name, url] of entries ?? [['', '']]) {
    const member = memberId(name);
    if (member === undefined || typeof url !== 'string' || !/^https?:\/\/[^/\s?#@]+\/?$/.test(url))
      throw new FaultError('SETTINGS_INVALID', `${file} is like {"GE/GOV/7001": "https://adapter.example"}`);
    addresses.set(member, url);
  }
  return addresses;
}
