import { CONTENT_TYPE, HEADER, type HeaderBytes, pseudonymIn } from '#record';
import type { EnvelopeClaims } from '../claims.js';

/** What a Kafka message says beside its value. Both are unsigned hints, and worth no more than their agreement with the claims. */
export interface MessageHints {
  readonly headers: HeaderBytes;
  readonly key?: Buffer | null;
}

/** The claims that a message repeats; the subject may not have been disclosed. */
type Stated = Pick<EnvelopeClaims, 'seq'> &
  Partial<Pick<EnvelopeClaims, 'sub'>> & {
    readonly event: Omit<EnvelopeClaims['event'], 'subject'> & Partial<Pick<EnvelopeClaims['event'], 'subject'>>;
  };

/**
 * Whether key and headers agree with the claims. A header may be absent, which contradicts nothing; one that occurs twice, or a
 * CloudEvents attribute that was never signed, does not agree.
 */
export function agrees({ headers, key }: MessageHints, claims: Stated, contentType: string = CONTENT_TYPE.envelope): boolean {
  const { event, sub } = claims;
  const signed = new Map<string, string | undefined>([
    [HEADER.contentType, contentType],
    [HEADER.specversion, '1.0'],
    [HEADER.id, event.id],
    [HEADER.source, event.source],
    [HEADER.type, event.type],
    [HEADER.time, event.time],
    [HEADER.subject, event.subject],
    [HEADER.dataschema, event.dataschema],
    [HEADER.sequence, String(claims.seq)],
  ]);
  // A subject that is not disclosed cannot stand beside the envelope either.
  const pseudonym = sub === undefined ? undefined : pseudonymIn(sub);
  if (key !== undefined && (key === null || pseudonym === undefined || !key.equals(Buffer.from(pseudonym)))) return false;
  return Object.entries(headers).every(([name, value]) => {
    const expected = signed.get(name);
    if (value === undefined || (expected === undefined && !name.toLowerCase().startsWith('ce_'))) return true;
    return expected !== undefined && Buffer.isBuffer(value) && value.equals(Buffer.from(expected));
  });
}
