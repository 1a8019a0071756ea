import { randomUUID } from 'node:crypto';
import { sha256Digest } from '#canonical';
import { type Act, auditRecord } from '#evidence';
import { HEADER, type RecordType } from '#record';
import type { StreamClient } from '#stream';
import { type Bodies, findBodies } from './find-bodies.js';

const AT_ONCE = 500;

/** Who erases, and why. */
export interface ErasureAct {
  readonly by: string;
  readonly why: string;
  readonly at: string;
}

export interface Erased extends Bodies {
  /** It stands in the audit line and in every tombstone. */
  readonly act: string;
}

/**
 * Writes a tombstone for every key under which bodies of the subject lie. First comes the line of the act in the audit topic, which
 * becomes a leaf: with the record type and the digest of the pseudonym, never with the pseudonym. Evidence is not touched: leaves say
 * digests only. Nothing is written where there is nothing to erase. Done again it does no harm.
 */
export async function eraseSubject(
  client: StreamClient,
  type: RecordType,
  pseudonym: string,
  { by, why, at: time }: ErasureAct,
): Promise<Erased> {
  const { places, bodies } = await findBodies(client, type, pseudonym);
  const id = randomUUID();
  if (places.length === 0) return { act: id, places, bodies };
  const act: Act = {
    ...{ kind: 'override', at: time, by, action: `erase ${id}`, subject: type, why },
    before: sha256Digest(Buffer.from(pseudonym)),
  };
  const publisher = client.publisher();
  try {
    await publisher.publish([auditRecord(act)]);
    for (let at = 0; at < places.length; at += AT_ONCE) {
      const part = places.slice(at, at + AT_ONCE);
      await publisher.publish(part.map((place) => ({ ...place, value: null, headers: { [HEADER.erasure]: id } })));
    }
  } finally {
    await publisher.close();
  }
  return { act: id, places, bodies };
}
