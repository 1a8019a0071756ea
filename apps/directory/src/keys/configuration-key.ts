import { existsSync } from 'node:fs';
import { type KeyCustody, type KeySet, publishedKey, readKeySet, type Signer, signerOf } from '#envelope';
import { FaultError } from '#faults';
import type { MemberId } from '#record';
import { readJsonFile, replaceFile } from '#settings';

/** The key that signs configurations, and all that services trust for it. */
export interface ConfigurationKey {
  readonly signer: Signer;
  readonly anchors: KeySet;
  /** The anchor as it is handed out. */
  readonly jwks: unknown;
  /** Whether key and anchor were made just now. */
  readonly made: boolean;
}

/**
 * The newest key of our store that the anchor names. Where neither a key nor an anchor is there yet, makes both: the anchor is the file
 * that every service is given. Throws KEY_ABSENT where there is only one of them, since then some service would not believe us, and
 * KEY_SET_INVALID.
 */
export async function openConfigurationKey(
  custody: KeyCustody,
  anchorFile: string,
  iss: MemberId,
  now: Date,
): Promise<ConfigurationKey> {
  const keys = [...(await custody.keys('configuration'))];
  const isFirst = keys.length === 0 && !existsSync(anchorFile);
  if (isFirst) {
    const key = await custody.create('configuration', 'ES256', now);
    await replaceFile(anchorFile, `${JSON.stringify({ keys: [publishedKey(key, iss)] }, undefined, 2)}\n`);
    keys.push(key);
  }
  if (!existsSync(anchorFile))
    throw new FaultError('KEY_ABSENT', `${anchorFile} is missing, which names our key to the services`);
  const jwks = readJsonFile(anchorFile);
  const anchors = readKeySet(jwks);
  const own = keys.filter(({ kid }) => anchors.get(kid)?.purpose === 'configuration' && anchors.get(kid)?.iss === iss).at(-1);
  if (own === undefined) throw new FaultError('KEY_ABSENT', `no key of this store stands in ${anchorFile} for ${iss}`);
  return { signer: signerOf(custody, own.kid), anchors, jwks, made: isFirst };
}
