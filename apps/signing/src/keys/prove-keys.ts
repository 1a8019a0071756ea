import { canonicalize, sha256, sha256Digest } from '#canonical';
import { type Digest, type KeySet, readKeySet, type Sealer, type SealInput, seal, verify } from '#envelope';
import { FaultError } from '#faults';
import { type RecordType, type SubjectUrn, type SubsystemId, schemaUrn } from '#record';

/**
 * Seals a statement about nobody and verifies it with the key set exactly as it is published. Gives that key set, read. Throws
 * KEY_UNPROVEN where the envelope does not hold: a key that cannot be proven must not seal a single record.
 */
export async function proveKeys(sealer: Sealer, keySet: Buffer, now: Date): Promise<KeySet> {
  const keys = readKeySet(JSON.parse(keySet.toString('utf8')));
  const sealed = await seal(statementAboutNobody(sealer, now), sealer, now);
  if (!sealed.ok) throw new FaultError('KEY_UNPROVEN', `the proof cannot be sealed: ${sealed.fault.pointer}`);
  const verification = verify(sealed.envelope, { keys, now });
  if (!verification.ok) throw new FaultError('KEY_UNPROVEN', `the proof does not verify: ${verification.fault.code}`);
  return keys;
}

function statementAboutNobody({ iss }: Sealer, now: Date): SealInput {
  const type = 'khidi.proof' as RecordType;
  const agency = `${iss}/signing` as SubsystemId;
  const nothing = sha256();
  return {
    event: {
      id: 'proof',
      source: `/${agency}`,
      type: `${type}.created`,
      time: now.toISOString(),
      dataschema: schemaUrn(type, 1),
    },
    sub: `urn:khidi:khidi:${nothing.toString('base64url')}` as SubjectUrn,
    seq: 0,
    terms: {
      schema: { subject: type, version: 1, digest: sha256Digest() as Digest },
      law: { basis: 'none', classification: 'public', retention: 'P0D' },
    },
    origin: { agency, auth: 'self', digest: nothing, received: now.toISOString() },
    record: canonicalize({}),
  };
}
