import { createHash } from 'node:crypto';
import type { MemberId } from '#record';
import type { KeyRecord } from './key-record.js';
import { type PublishedKey, publishedKey } from './published-key.js';

/** How long after its retirement a key may still be found on an envelope, in seconds: what was under way, and clocks. */
const LAG_SECONDS = 60;

/**
 * The keys that verify what is on its way now: those that sign, those that will, and those that did until a short while ago, since
 * their envelopes still lie on the topics. `overlapSeconds` is how long those are kept. Never a revoked key.
 */
export function currentKeys(records: Iterable<KeyRecord>, now: Date, overlapSeconds: number): PublishedKey[] {
  const since = now.getTime() - overlapSeconds * 1000;
  const wanted = [...records].filter(
    ({ state, retired, activated }) =>
      state === 'pending' ||
      state === 'active' ||
      (state === 'retired' && activated !== undefined && Date.parse(retired ?? '') > since),
  );
  return wanted.sort(byAge).map(published);
}

/**
 * The keys that sign nothing any more, for all time: RFC 7517 with `iat`, `exp` and `revoked` as in the historical keys of OpenID
 * Federation 1.0 (section 8.7.3). A key that never signed is not in it, unless it was revoked.
 */
export function historicalKeys(records: Iterable<KeyRecord>): PublishedKey[] {
  const wanted = [...records].filter(
    ({ state, activated }) => state === 'revoked' || (state === 'retired' && activated !== undefined),
  );
  return wanted.sort(byAge).map((record) => ({ ...published(record), iat: seconds(record.created) }));
}

/** All keys that ever sealed for `iss` or soon will, with their times: for whoever judges what was sealed at any time. */
export function sealingKeys(records: Iterable<KeyRecord>, iss: MemberId): PublishedKey[] {
  const wanted = [...records].filter(
    ({ purpose, iss: owner, state, activated }) =>
      purpose === 'sealing' && owner === iss && (state !== 'retired' || activated !== undefined),
  );
  return wanted.map(published);
}

/** The keys by which members seal what they state: those in use, and those that were, with their times. */
export function originKeys(records: Iterable<KeyRecord>): PublishedKey[] {
  return [...records].filter(({ purpose, activated }) => purpose === 'origin' && activated !== undefined).map(published);
}

function published(record: KeyRecord): PublishedKey {
  const { retired, revoked, certificate } = record;
  const key = publishedKey({ ...record, created: new Date(record.created) }, record.iss);
  return {
    ...key,
    ...(retired === undefined && revoked === undefined
      ? {}
      : { exp: retired === undefined ? seconds(revoked?.at) : Math.ceil(Date.parse(retired) / 1000) + LAG_SECONDS }),
    ...(revoked === undefined ? {} : { revoked: { revoked_at: seconds(revoked.at), reason: revoked.reason } }),
    ...(certificate === undefined ? {} : { 'x5t#S256': certificateThumbprint(certificate), x5c: [certificate] }),
  };
}

/** `x5t#S256` of a certificate: base64url of SHA-256 over its DER (RFC 7515 section 4.1.8). */
export function certificateThumbprint(base64: string): string {
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64url');
}

const seconds = (time: string | undefined): number => Math.floor(Date.parse(time ?? '') / 1000);
const byAge = (a: KeyRecord, b: KeyRecord): number => a.created.localeCompare(b.created);
