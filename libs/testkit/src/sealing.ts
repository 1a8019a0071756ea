import { canonicalize, type JsonValue, sha256, sha256Base64url, sha256Digest } from '#canonical';
import {
  type Digest,
  generateSealingKey,
  type KeySet,
  type PublishedKey,
  publishedKey,
  readKeySet,
  type Sealer,
  type SealInput,
  type SealingKey,
  salter,
  softwareSigner,
  type Terms,
} from '#envelope';
import { type MemberId, memberId, type RecordType, type SubjectUrn, type SubsystemId, schemaUrn } from '#record';

/** The moment at which fixtures are sealed. */
export const SEALED_AT = new Date('2099-03-01T10:00:00Z');

/** A synthetic person, born long after today. */
export const PERSON: JsonValue = { birth: '2099-02-28', family: 'ბერიძე', given: 'ნინო', id: '01001099001', weight: 3.25 };

/** What the registry says of the person schema. */
export const PERSON_TERMS: Terms = {
  schema: { subject: 'population.person' as RecordType, version: 1, digest: sha256Digest(Buffer.from('a schema')) as Digest },
  law: { basis: 'Law on Civil Acts, §12', classification: 'personal', retention: 'P75Y' },
};

/** A validated record that can be sealed; `changes` replace members, `record` is written in canonical form. */
export function sealInput(changes: Partial<SealInput> = {}, record: JsonValue = PERSON): SealInput {
  const id = changes.event?.id ?? 'event-1';
  return {
    event: {
      id,
      source: '/GE/GOV/7001/base-registry',
      type: 'population.person.updated',
      time: '2099-03-01T09:59:58.250Z',
      dataschema: schemaUrn(PERSON_TERMS.schema.subject, PERSON_TERMS.schema.version),
    },
    sub: `urn:khidi:population:${sha256Base64url(Buffer.from('a person'))}` as SubjectUrn,
    seq: 7,
    terms: PERSON_TERMS,
    origin: {
      agency: 'GE/GOV/7001/base-registry' as SubsystemId,
      auth: 'topic',
      digest: sha256(Buffer.from('what the agency sent')),
      received: '2099-03-01T09:59:59.000Z',
    },
    record: canonicalize(record),
    ...changes,
  };
}

/** An issuer with a key of its own, and what it publishes. */
export interface TestIssuer {
  readonly key: SealingKey;
  readonly sealer: Sealer;
  readonly published: PublishedKey;
  readonly keys: KeySet;
}

/** Makes an issuer whose key is an hour old when fixtures are sealed. */
export function testIssuer(member = 'GE/GOV/0001'): TestIssuer {
  const iss = memberId(member) as MemberId;
  const key = generateSealingKey(new Date(SEALED_AT.getTime() - 3_600_000));
  const published = publishedKey(key, iss);
  const sealer = { iss, signer: softwareSigner(key), salt: salter(Buffer.alloc(32, 7)) };
  return { key, sealer, published, keys: readKeySet({ keys: [published] }) };
}
