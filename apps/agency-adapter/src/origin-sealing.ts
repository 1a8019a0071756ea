import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalize, parseStrict } from '#canonical';
import { keyFor, openCustody } from '#custody';
import { type OriginSealer, sealOrigin, signerOf } from '#envelope';
import { HEADER, type MemberId, type OutgoingRecord } from '#record';
import { passphraseOr, type SettingsOf } from '#settings';
import type { Logger } from '#telemetry';
import type { DoorEvent } from './door-event.js';
import type { adapterSettings } from './settings.js';

/** Adds the agency's own seal to records that are about to leave. Rejects with KEY_STORE_UNAVAILABLE. */
export type OriginSealing = (
  events: readonly DoorEvent[],
  records: readonly OutgoingRecord[],
) => Promise<readonly OutgoingRecord[]>;

/**
 * Seals each event by its attributes and the canonical form of its record. One that cannot have a seal, since its data is no strict
 * JSON or an attribute is missing, goes on as it is: the judgement on the road refuses it and tells the agency why.
 */
export function originSealing(sealer: OriginSealer, now: () => Date): OriginSealing {
  return (events, records) =>
    Promise.all(
      records.map(async (record, i) => {
        const event = events[i];
        const { time, dataschema } = event?.attributes ?? {};
        const parsed = parseStrict(event?.data ?? Buffer.alloc(0));
        if (event === undefined || time === undefined || dataschema === undefined || !parsed.ok) return record;
        const stated = { id: event.id, source: event.source, type: event.type, time, dataschema };
        const seal = await sealOrigin(stated, canonicalize(parsed.value), sealer, now());
        return { ...record, headers: { ...record.headers, [HEADER.seal]: seal } };
      }),
    );
}

/**
 * Opens the agency's key where the settings ask for seals, or makes it at the first start, and writes its public part beside it:
 * the operator's officers take it in with `khidi key import --member` and activate it. Undefined where nothing is to be sealed.
 */
export async function openOriginSealing(
  settings: SettingsOf<typeof adapterSettings>,
  iss: MemberId,
  now: () => Date,
  log: Logger,
): Promise<OriginSealing | undefined> {
  if (!settings.originSeal) return undefined;
  const passphrase = passphraseOr(settings.passphrase, () => log.warn('development passphrase in use: not for real keys'));
  const custody = openCustody(settings, passphrase);
  const { key, made } = await keyFor(custody, 'origin', 'ES256', now());
  const file = join(settings.keysFolder, `origin-${key.kid}.public.json`);
  writeFileSync(file, `${JSON.stringify({ ...key.jwk, kid: key.kid, alg: key.alg, use: 'sig' }, undefined, 2)}\n`, {
    mode: 0o644,
  });
  const next = 'give the public key to the operator: khidi key import --member';
  log.info('records are sealed at their origin', { kid: key.kid, made, file, next });
  return originSealing({ iss, signer: signerOf(custody, key.kid) }, now);
}
