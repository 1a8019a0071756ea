import { sha256Base64url } from '#canonical';
import { firstKey, seal, writeKeyRecord } from '#envelope';
import { encodeOutcomes, type Outcome, type OutgoingRecord } from '#record';
import type { StreamClient } from '#stream';
import { PERSON, SEALED_AT, sealInput, testIssuer } from '#testkit';
import { OUTCOMES, TYPE } from './ledger-instance.js';

/** What the log must say at the end: which exchanges and refusals were written, and what each envelope's payload was. */
export interface Written {
  /** `iss|jti` → payload digests of all envelopes with this identity. */
  readonly exchanges: Map<string, Set<string>>;
  readonly refusals: Set<string>;
  /** How many envelopes repeat or contradict an earlier one. */
  repeats: number;
  conflicts: number;
}

export const nothingWritten = (): Written => ({ exchanges: new Map(), refusals: new Set(), repeats: 0, conflicts: 0 });

const issuer = testIssuer();

/** Registers the key that seals, as signing would. */
export async function registerKey(client: StreamClient): Promise<void> {
  const at = new Date(SEALED_AT.getTime() - 3_600_000);
  const key = firstKey(issuer.key, issuer.sealer.iss, 'file', { by: 'test', at, why: 'test' });
  const publisher = client.publisher({ timeoutMs: 60_000 });
  await publisher.publish([{ topic: 'keys', key: key.kid, partition: 0, value: writeKeyRecord(key), headers: {} }]);
  await publisher.close();
}

/**
 * Writes a batch as signing and validation would: new exchanges, one of them sealed again at another time, one with other content
 * under an old id, and two refusals. Kafka has acknowledged everything when this settles.
 */
export async function writeBatch(client: StreamClient, number: number, size: number, written: Written): Promise<void> {
  const ids = Array.from({ length: size }, (_, i) => `${number}-${i}`);
  const envelopes = await Promise.all(ids.map((id) => sealed(id, 0, written)));
  if (number > 0) {
    envelopes.push(await sealed(`${number - 1}-0`, 60, written), await sealed(`${number - 1}-1`, 0, written, 'თამარ'));
    written.repeats += 1;
    written.conflicts += 1;
  }
  const refusals = [0, 1].map((i): Outcome => {
    const ingress = `ingress.GE-GOV-7001.${TYPE}/0/${2 * number + i}`;
    const at = new Date(SEALED_AT.getTime() + number).toISOString();
    written.refusals.add(`${ingress}@${at}`);
    return { kind: 'rejected', ingress, at, faults: [{ code: 'SCHEMA_VIOLATION' }] };
  });
  const publisher = client.publisher({ timeoutMs: 60_000 });
  const outcome: OutgoingRecord = { topic: OUTCOMES, key: 'GE/GOV/7001', value: encodeOutcomes(refusals), headers: {} };
  for (let done = false; !done; ) {
    try {
      await publisher.publish([...envelopes, outcome]);
      done = true;
    } catch {
      // the broker is away on purpose: the same records again, which must cost nothing
    }
  }
  await publisher.close();
}

async function sealed(id: string, later: number, written: Written, given = 'ნინო'): Promise<OutgoingRecord> {
  const input = sealInput({}, { ...(PERSON as object), given });
  const at = new Date(SEALED_AT.getTime() + later * 1000);
  const answer = await seal({ ...input, event: { ...input.event, id } }, issuer.sealer, at);
  if (!answer.ok) throw new Error(answer.fault.code);
  const name = `${answer.statement.iss}|${answer.statement.jti}`;
  const digest = sha256Base64url(Buffer.from(answer.envelope.toString('latin1').split('.')[1] ?? '', 'base64url'));
  written.exchanges.set(name, (written.exchanges.get(name) ?? new Set()).add(digest));
  return { topic: `sealed.${TYPE}`, key: id.slice(-1), value: answer.envelope, headers: {} };
}
