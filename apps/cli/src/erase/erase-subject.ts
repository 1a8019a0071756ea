import { randomUUID } from 'node:crypto';
import { sha256Digest } from '#canonical';
import { type Act, auditRecord } from '#evidence';
import {
  encodeErased,
  HEADER,
  type MemberId,
  memberInTopic,
  memberOf,
  outcomesTopic,
  type RecordType,
  readSource,
} from '#record';
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
 * digests only. The adapters of the agencies are told by their outcomes topics, and remove the contents that those records name. Nothing is written where there is nothing to erase. Done again it does no harm.
 */
export async function eraseSubject(
  client: StreamClient,
  type: RecordType,
  pseudonym: string,
  { by, why, at: time }: ErasureAct,
): Promise<Erased> {
  const found = await findBodies(client, type, pseudonym);
  const { places, bodies, exchanges } = found;
  const id = randomUUID();
  if (places.length === 0) return { act: id, places, bodies, exchanges };
  const act: Act = {
    ...{ kind: 'override', at: time, by, action: `erase ${id}`, subject: type, why },
    before: sha256Digest(Buffer.from(pseudonym)),
  };
  const publisher = client.publisher();
  try {
    await publisher.publish([auditRecord(act)]);
    const told = tellAdapters(found);
    if (told.length > 0) await publisher.publish(told);
    for (let at = 0; at < places.length; at += AT_ONCE) {
      const part = places.slice(at, at + AT_ONCE);
      await publisher.publish(part.map((place) => ({ ...place, value: null, headers: { [HEADER.erasure]: id } })));
    }
  } finally {
    await publisher.close();
  }
  return { act: id, places, bodies, exchanges };
}

/** What the members whose records they are must forget: one line for so many exchanges, since a record of Kafka has its bounds. */
function tellAdapters({ exchanges, places }: Bodies) {
  const members = new Map<MemberId, string[]>();
  for (const exchange of exchanges) {
    const agency = readSource(exchange.slice(0, exchange.indexOf(' ')));
    if (agency === undefined) continue;
    const member = memberOf(agency);
    members.set(member, [...(members.get(member) ?? []), exchange]);
  }
  return [...members].flatMap(([member, all]) => {
    const isTheirs = ({ topic }: Bodies['places'][number]): boolean => topic.startsWith(`ingress.${memberInTopic(member)}.`);
    const keys = places.filter(isTheirs).map(({ key }) => key.toString('latin1'));
    const count = Math.ceil(Math.max(all.length, keys.length) / AT_ONCE);
    return Array.from({ length: count }, (_, i) => {
      const part = <T>(list: readonly T[]): readonly T[] => list.slice(i * AT_ONCE, (i + 1) * AT_ONCE);
      const value = encodeErased({ exchanges: part(all), keys: part(keys) });
      return { topic: outcomesTopic(member), partition: 0, key: member, value, headers: { 'content-type': 'application/json' } };
    });
  });
}
