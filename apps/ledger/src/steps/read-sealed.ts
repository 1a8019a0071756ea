import { parseStrict, sha256Base64url, sliceMembers } from '#canonical';
import { verifySeal } from '#envelope';
import type { Leaf } from '#evidence';
import type { FaultCode } from '#faults';
import type { ReceivedRecord } from '#record';
import type { SealingKeys } from '../keys/sealing-keys.js';

/** A leaf before its time is known. */
export type Draft = Omit<Leaf, 't'>;

const JTI = /^[A-Za-z0-9_-]{43}$/;
const DIGEST = /^sha-256:[A-Za-z0-9_-]{43}$/;
/** Enough to keep the threads of Node's pool busy; what lies further behind would only keep files waiting. */
const AT_ONCE = 16;

/**
 * The leaf of each envelope of a chunk: its identity, the digest of its payload and of its record; or the fault for which it gets
 * none: its seal does not hold, or it is no envelope of this issuer. Whether its claims are well-formed and the record matches its
 * digest is for each reader to verify: the log says who sealed what and when, not that it is true.
 */
export async function readSealed(
  records: readonly ReceivedRecord[],
  issuer: string,
  keys: SealingKeys,
): Promise<(readonly Draft[] | FaultCode)[]> {
  const read = await all(records, (record) => readOne(record, issuer, keys.known()));
  if (!read.includes('ENVELOPE_KEY_UNKNOWN')) return read;
  // A key is in the register before it seals, but this copy of the register may be behind the envelopes.
  const now = await keys.caughtUp();
  return all(records, (record, i) => (read[i] === 'ENVELOPE_KEY_UNKNOWN' ? readOne(record, issuer, now) : (read[i] ?? [])));
}

async function readOne({ value, topic }: ReceivedRecord, issuer: string, keys: ReturnType<SealingKeys['known']>) {
  if (value === null) return 'LOG_INPUT';
  const seal = await verifySeal(value, keys);
  if (!seal.ok) return seal.code;
  const { iss, jti, record_digest: rd } = claimsOf(seal.payload);
  if (iss !== issuer || typeof jti !== 'string' || !JTI.test(jti)) return 'LOG_INPUT';
  if (rd !== undefined && !(typeof rd === 'string' && DIGEST.test(rd))) return 'LOG_INPUT';
  const type = topic.slice(topic.indexOf('.') + 1);
  const s256 = sha256Base64url(seal.payload);
  return [{ k: 'record', id: `${iss}|${jti}`, s256, type, ...(rd === undefined ? {} : { rd }) } as const];
}

/** The leaf that says that something lay on a sealed topic which must not be there, and why. */
export function intruderDraft({ topic, partition, offset, timestamp, value }: ReceivedRecord, f: FaultCode): Draft {
  const id = `${topic}/${partition}/${offset}@${timestamp}`;
  return { k: 'rejection', id, s256: sha256Base64url(value ?? Buffer.alloc(0)), f };
}

/** The claims that a leaf needs, cut out of the payload: reading all of it would cost three times as much. */
function claimsOf(payload: Buffer): Readonly<Record<string, unknown>> {
  const members = sliceMembers(payload);
  const names = ['iss', 'jti', 'record_digest'].filter((name) => members?.has(name));
  return Object.fromEntries(names.map((name) => [name, textOf(payload, members?.get(name))]));
}

function textOf(payload: Buffer, place: { readonly start: number; readonly end: number } | undefined): unknown {
  const parsed = place === undefined ? undefined : parseStrict(payload.subarray(place.start, place.end));
  return parsed?.ok === true ? parsed.value : undefined;
}

/** One result for each item, in order, a few at a time. */
async function all<T, R>(items: readonly T[], work: (item: T, i: number) => R | Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [i, item] of left) results[i] = await work(item, i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
