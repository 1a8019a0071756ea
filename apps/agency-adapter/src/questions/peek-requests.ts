/**
 * What may be the claim `request` of an envelope, without verifying anything: it only tells which of many deliveries are worth verifying. A
 * record may hold a member that looks like the claim, so that there can be several.
 */
export function peekRequests(envelope: Buffer): readonly string[] {
  const begin = envelope.indexOf(DOT);
  const end = envelope.indexOf(DOT, begin + 1);
  if (begin === -1 || end === -1) return [];
  const payload = Buffer.from(envelope.toString('latin1', begin + 1, end), 'base64url').toString('latin1');
  return [...payload.matchAll(REQUEST)].map(([, digest = '']) => digest);
}

const DOT = '.'.charCodeAt(0);
/** As it stands in canonical JSON. */
const REQUEST = /"request":"(sha-256:[A-Za-z0-9_-]{43})"/g;
