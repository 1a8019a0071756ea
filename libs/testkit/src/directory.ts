import { publicMemberKey, signConfiguration, signStatement } from '#configuration';
import {
  generatePrivateKey,
  type KeyPurpose,
  type KeySet,
  type Kid,
  kidOf,
  type PublishedKey,
  publicJwkOf,
  publishedKey,
  readKeySet,
  type Signer,
  signRaw,
} from '#envelope';
import {
  type AgreementTerms,
  agreementText,
  type Configuration,
  type MemberKey,
  type MemberKeyPurpose,
  type MemberState,
  type Participant,
  type SignedVersion,
} from '#policy';
import { type MemberId, type RecordType, type SubsystemId } from '#record';
import { SEALED_AT } from './sealing.js';

/** A member of the test directory: what is published of it, and what signs for it. */
export interface TestMember {
  readonly participant: Participant;
  readonly signer: Signer;
}

/** A directory without a service: its anchor, and configurations signed by its key. */
export interface TestDirectory {
  readonly anchors: KeySet;
  readonly published: PublishedKey;
  readonly signer: Signer;
  /** Signs a configuration; it is valid for ten minutes from `at`. */
  issue(version: number, configuration: Configuration, at?: Date): Promise<Buffer>;
}

const OPERATOR = 'GE/GOV/0001' as MemberId;
const HOUR_MS = 3_600_000;

/** Makes a directory whose key is an hour old at {@link SEALED_AT}. */
export function testDirectory(): TestDirectory {
  const privateKey = generatePrivateKey('ES256');
  const jwk = publicJwkOf(privateKey);
  const created = new Date(SEALED_AT.getTime() - HOUR_MS);
  const key = { kid: kidOf(jwk), alg: 'ES256', purpose: 'configuration' satisfies KeyPurpose, created, jwk } as const;
  const signer: Signer = { kid: key.kid, sign: (bytes) => signRaw('ES256', privateKey, bytes) };
  const published = publishedKey(key, OPERATOR);
  return {
    anchors: readKeySet({ keys: [published] }),
    published,
    signer,
    issue: async (version, configuration, at = SEALED_AT) =>
      Buffer.from(await signConfiguration({ iss: OPERATOR, version, configuration }, signer, at, 600)),
  };
}

/** Makes a member with one subsystem, `desk`, and one key, for agreements unless `purpose` says otherwise. */
export function testMember(id: string, state: MemberState = 'approved', purpose: MemberKeyPurpose = 'agreement'): TestMember {
  const member = id as MemberId;
  const privateKey = generatePrivateKey('ES256');
  const key: MemberKey = publicMemberKey(publicJwkOf(privateKey), member, purpose, new Date(SEALED_AT.getTime() - HOUR_MS));
  return {
    participant: {
      id: member,
      name: `Member ${id}`,
      level: 'national',
      state,
      since: '2099-01-01T00:00:00Z',
      registries: [],
      systems: [{ id: `${id}/desk` as SubsystemId, name: 'Desk', endpoints: [{ kind: 'kafka' }] }],
      keys: [key],
    },
    signer: { kid: key.kid as Kid, sign: (bytes) => signRaw('ES256', privateKey, bytes) },
  };
}

/** Terms between two test members that give `/id` and `/birth` of persons, in force at {@link SEALED_AT}; `changes` replace members. */
export function testTerms(provider: TestMember, consumer: TestMember, changes: Partial<AgreementTerms> = {}): AgreementTerms {
  return {
    id: 'a1',
    version: 1,
    provider: provider.participant.id,
    consumer: `${consumer.participant.id}/desk` as SubsystemId,
    type: 'population.person' as RecordType,
    purpose: 'pension',
    fields: ['/id', '/birth'],
    quota: { records: 1000, per: 'hour' },
    from: '2099-01-01T00:00:00Z',
    until: '2100-01-01T00:00:00Z',
    origin: 'topic',
    retention: 'P1Y',
    pseudonym: 'registry',
    encryption: 'none',
    ...changes,
  };
}

/** The terms with the signatures of both sides, an hour before {@link SEALED_AT}. */
export async function testAgreed(
  terms: AgreementTerms,
  ...[provider, consumer]: readonly [TestMember, TestMember]
): Promise<SignedVersion> {
  const seen = new Date(SEALED_AT.getTime() - HOUR_MS);
  const at = seen.toISOString().replace('.000Z', 'Z');
  const signed = async ({ signer }: TestMember) => ({
    at,
    jws: await signStatement('agreement', agreementText(terms), signer, seen),
  });
  return { terms, acceptances: { provider: await signed(provider), consumer: await signed(consumer) } };
}

/** A configuration of these members and versions, each an agreement of its own, with the purpose `pension`. */
export function testConfiguration(members: readonly TestMember[], versions: readonly SignedVersion[] = []): Configuration {
  return {
    members: members.map(({ participant }) => participant),
    purposes: [
      { id: 'pension', title: 'Granting pensions', basis: { text: 'Pension act (fictitious)' }, from: '2099-01-01T00:00:00Z' },
    ],
    agreements: versions.map((version) => ({ id: version.terms.id, versions: [version] })),
    classifications: { 'population.person': { record: 'personal', fields: { '/properties/health': 'special' } } },
  };
}
