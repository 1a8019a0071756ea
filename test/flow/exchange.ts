import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JsonValue, sha256Base64url } from '#canonical';
import { CONFIGURATION_KEY, publicMemberKey, signConfiguration, signStatement } from '#configuration';
import {
  firstKey,
  generatePrivateKey,
  generateSealingKey,
  kidOf,
  publicJwkOf,
  publishedKey,
  readKeySet,
  type Signer,
  salter,
  seal,
  signRaw,
  softwareSigner,
  writeKeyRecord,
} from '#envelope';
import { encodeEvidence } from '#evidence';
import { type AgreementTerms, agreementText, type Configuration, type MemberKey } from '#policy';
import {
  HEADER,
  type MemberId,
  memberOf,
  type OutgoingRecord,
  type RecordType,
  type SubjectUrn,
  type SubsystemId,
  sealedTopic,
} from '#record';
import { sealInput } from '#testkit';

export const TYPE = 'population.person' as RecordType;
export const OPERATOR = 'GE/GOV/0001' as MemberId;
export const PROVIDER = 'GE/GOV/7001' as MemberId;
const SEALED = sealedTopic(TYPE);
const MINUTE_MS = 60_000;

/** One side of an exchange, as the configuration and agreements need it. */
interface Party {
  readonly member: MemberId;
  readonly key: ReturnType<typeof publicMemberKey>;
  readonly signer: Signer;
}

function party(member: MemberId): Party {
  const privateKey = generatePrivateKey('ES256');
  const key = publicMemberKey(publicJwkOf(privateKey), member, 'agreement', new Date(Date.now() - MINUTE_MS));
  return { member, key, signer: { kid: kidOf(publicJwkOf(privateKey)), sign: (bytes) => signRaw('ES256', privateKey, bytes) } };
}

/** Who gets persons, in which form, and where to. */
export interface Wanted {
  readonly consumer: SubsystemId;
  readonly fields: AgreementTerms['fields'];
  readonly webhook?: string;
  /** Within which time it signs that it has got a delivery, as `PT1M`; absent: it need not. */
  readonly receipts?: string;
  /** Where these differ from what all are about. */
  readonly type?: RecordType;
  readonly provider?: MemberId;
  /** Gives changes only, from this instant on. */
  readonly changesFrom?: string;
  readonly terms?: Partial<AgreementTerms>;
  /** Further keys that the consumer's member has. */
  readonly keys?: readonly MemberKey[];
}

/** What the agreements are about. */
export interface AgreedOn {
  readonly type: RecordType;
  readonly providers: readonly MemberId[];
  /** How long the configuration holds. */
  readonly seconds: number;
  readonly quota: AgreementTerms['quota'];
}

const PERSONS: AgreedOn = { type: TYPE, providers: [PROVIDER], seconds: 3600, quota: { records: 1_000_000, per: 'hour' } };

/** What a directory published: its anchor and its first configuration. */
export interface TestDirectory {
  readonly anchor: object;
  readonly record: OutgoingRecord;
  /** A later configuration, in which something has changed; `version` is 2, 3, 4 … */
  next(version: number, change: (before: Configuration) => Configuration): Promise<OutgoingRecord>;
}

/** A directory in the test: its anchor, and the record of the configuration in which everybody agreed on what is wanted. */
export async function directoryOf(wanted: readonly Wanted[], about: Partial<AgreedOn> = {}): Promise<TestDirectory> {
  const { type, providers, seconds, quota } = { ...PERSONS, ...about };
  const privateKey = generatePrivateKey('ES256');
  const jwk = publicJwkOf(privateKey);
  const created = new Date(Date.now() - MINUTE_MS);
  const key = { kid: kidOf(jwk), alg: 'ES256', purpose: 'configuration', created, jwk } as const;
  const named = wanted.flatMap(({ consumer, provider }) => [
    memberOf(consumer),
    ...(provider === undefined ? providers : [provider]),
  ]);
  const sides = new Map([...new Set(named)].map((id) => [id, party(id)]));
  const since = text(created);
  const configuration: Configuration = {
    members: [...sides.values()].map(({ member, key: own }) => ({
      id: member,
      name: member,
      level: 'national',
      state: 'approved',
      since,
      registries: [],
      systems: wanted
        .filter(({ consumer }, i) => memberOf(consumer) === member && wanted.findIndex((one) => one.consumer === consumer) === i)
        .map(({ consumer, webhook }) => ({
          id: consumer,
          name: consumer,
          endpoints: webhook === undefined ? [{ kind: 'kafka' as const }] : [{ kind: 'webhook' as const, url: webhook }],
        })),
      keys: [own, ...wanted.flatMap(({ consumer, keys = [] }) => (memberOf(consumer) === member ? keys : []))],
    })),
    purposes: [{ id: 'test', title: 'A test', basis: { text: 'A law (fictitious)' }, from: since }],
    agreements: await Promise.all(
      wanted
        .flatMap((one) => (one.provider === undefined ? providers : [one.provider]).map((provider) => ({ ...one, provider })))
        .map(async ({ consumer, fields, provider, receipts, changesFrom, type: of = type, terms: more = {} }, i) => {
          const terms: AgreementTerms = {
            ...{ id: `a${i}`, version: 1, provider, consumer, type: of, purpose: 'test', fields },
            ...{ quota, from: since, until: '2099-01-01T00:00:00Z', origin: 'topic' },
            ...{ retention: 'P1Y', pseudonym: 'registry', encryption: 'none', ...more },
            ...(receipts === undefined ? {} : { receipts }),
            ...(changesFrom === undefined ? {} : { begins: 'changes', from: changesFrom }),
          };
          const sign = async (signer: Signer | undefined) => ({
            at: since,
            jws: signer === undefined ? '' : await signStatement('agreement', agreementText(terms), signer, created),
          });
          const acceptances = {
            provider: await sign(sides.get(provider)?.signer),
            consumer: await sign(sides.get(memberOf(consumer))?.signer),
          };
          return { id: terms.id, versions: [{ terms, acceptances }] };
        }),
    ),
    classifications: Object.fromEntries(
      [type, ...wanted.flatMap((one) => one.type ?? [])].map((of) => [of, { record: 'personal' as const, fields: {} }]),
    ),
  };
  const signer: Signer = { kid: key.kid, sign: (bytes) => signRaw('ES256', privateKey, bytes) };
  const publish = async (version: number, changed: Configuration): Promise<OutgoingRecord> => {
    const content = { iss: OPERATOR, version, configuration: changed };
    const value = Buffer.from(await signConfiguration(content, signer, new Date(), seconds));
    return { topic: 'configuration', partition: 0, key: CONFIGURATION_KEY, value, headers: {} };
  };
  return {
    anchor: { keys: [publishedKey(key, OPERATOR)] },
    record: await publish(1, configuration),
    next: (version, change) => publish(version, change(configuration)),
  };
}

const text = (at: Date): string => at.toISOString().replace(/\.\d{3}Z$/, 'Z');

/** Seals persons and says that they are in the log, in the place of signing and ledger. */
export class SealedRoad {
  private readonly key = generateSealingKey(new Date(Date.now() - MINUTE_MS));
  private readonly sealer = { iss: OPERATOR, signer: softwareSigner(this.key), salt: salter(Buffer.alloc(32, 7)) };
  readonly keys = readKeySet({ keys: [publishedKey(this.key, OPERATOR)] });
  private seq = 0;

  /** The public key, for the topic `keys`. */
  get keyRecord(): OutgoingRecord {
    const record = firstKey(this.key, OPERATOR, 'file', { by: 'test', at: this.key.created, why: 'test' });
    return { topic: 'keys', partition: 0, key: this.key.kid, value: writeKeyRecord(record), headers: {} };
  }

  /** One change of a subject; each subject keeps one of four partitions. */
  async change(id: string, subject: number): Promise<OutgoingRecord> {
    this.seq += 1;
    const pseudonym = sha256Base64url(Buffer.from(`subject ${subject}`));
    const record: JsonValue = { birth: '2099-02-28', family: 'ბერიძე', given: id, id: String(subject) };
    const input = sealInput({ seq: this.seq, sub: `urn:khidi:population:${pseudonym}` as SubjectUrn }, record);
    const sealed = await seal({ ...input, event: { ...input.event, id } }, this.sealer, new Date());
    if (!sealed.ok) throw new Error(sealed.fault.code);
    return { topic: SEALED, partition: subject % 4, key: pseudonym, value: sealed.envelope, headers: { [HEADER.id]: id } };
  }

  /** What the ledger says of records that were written one after another, each by itself. */
  logged(partition: number, offsets: readonly string[], without: readonly string[]): OutgoingRecord {
    const event = {
      topic: SEALED,
      partition,
      first: offsets[0] ?? '0',
      last: offsets.at(-1) ?? '0',
      leaf: 0,
      leaves: 0,
      size: 0,
    };
    return {
      topic: 'evidence',
      partition: 0,
      key: `${SEALED}/${partition}`,
      value: encodeEvidence({ ...event, without }),
      headers: {},
    };
  }
}

/** A webhook that the test answers for; it takes what is said of initial loads. */
export async function webhook(
  answer: (body: Buffer, number: number) => number | Promise<number>,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.headers['khidi-loaded'] !== undefined) return void response.writeHead(204).end();
      const answered = Promise.resolve(answer(Buffer.concat(parts), Number(request.headers['khidi-number'])));
      void answered.then((status) => response.writeHead(status).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}
