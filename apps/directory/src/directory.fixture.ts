import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyProofText, openConfiguration, publicMemberKey, signStatement } from '#configuration';
import { generatePrivateKey, type KeyCustody, publicJwkOf, type Signer, signRaw } from '#envelope';
import { type Callers, newSecret, runService } from '#http';
import { type AgreementTerms, agreementText, type MemberKey, type MemberKeyPurpose } from '#policy';
import { type MemberId, readMembership, type SubsystemId } from '#record';
import { planTopics, type TopicPlan } from '#stream';
import { createLogger, createMetrics } from '#telemetry';
import { type MemoryStream, memoryCustody, memoryStream, TestClock } from '#testkit';
import { directoryModule } from './directory.module.js';
import { openConfigurationKey } from './keys/configuration-key.js';
import { invitationHash } from './members/life.js';
import { openDirectory } from './open-directory.js';

export const OPERATOR = 'GE/GOV/0001' as MemberId;
const OFFICERS = { nino: newSecret(), giorgi: newSecret() };

function plan(): TopicPlan {
  const members = [{ id: 'GE/GOV/7001', name: 'A', subsystems: ['desk'], publishes: ['population.person'] }];
  const read = readMembership({ operator: OPERATOR, members });
  if ('mistakes' in read) throw new Error(read.mistakes.join());
  return planTopics(JSON.parse(readFileSync('deploy/kafka/topics.json', 'utf8')), read.membership);
}

/** An answer of the directory. */
export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly code?: string; readonly detail?: string };
}

/** A member with one key, as it acts outside. */
export interface Outsider {
  readonly id: MemberId;
  readonly key: MemberKey;
  readonly signer: Signer;
  /** The key as it is sent, with a proof for a challenge. */
  proved(challenge: string): Promise<object>;
  signed(terms: AgreementTerms): Promise<string>;
}

/** What may differ from a directory of its own in memory, whose clock stands. */
export interface Given {
  readonly stream?: MemoryStream;
  readonly custody?: KeyCustody;
  readonly anchorFile?: string;
  readonly callers?: Callers;
  readonly now?: () => Date;
}

/** The whole service but for Kafka. */
export class DirectoryUnderTest {
  readonly clock = new TestClock();
  readonly stream: MemoryStream;
  readonly custody: KeyCustody;
  readonly now: () => Date;
  private readonly folder = mkdtempSync(join(tmpdir(), 'khidi-directory-'));
  private readonly running: { close(): Promise<void> }[] = [];

  constructor(private readonly given: Given = {}) {
    this.stream = given.stream ?? memoryStream(plan());
    this.custody = given.custody ?? memoryCustody();
    this.now = given.now ?? this.clock.now;
  }

  /** Starts it, or another one on the same topics with the same keys. */
  async start() {
    const { now, stream } = this;
    const log = createLogger('directory', 'error', { write: () => undefined });
    const key = await openConfigurationKey(
      this.custody,
      this.given.anchorFile ?? join(this.folder, 'anchor.json'),
      OPERATOR,
      now(),
    );
    const topics = { directory: 'directory', configuration: 'configuration', schemas: 'schemas' };
    const metrics = createMetrics('directory');
    const directory = await openDirectory({
      ...{ client: stream, topics, iss: OPERATOR, key, validSeconds: 600, renewSeconds: 3600, now, log, metrics },
    });
    const { register, followed, published } = directory;
    const callers = this.given.callers ?? new Map(Object.entries(OFFICERS).map(([user, { hash }]) => [user, [hash]]));
    const service = await runService({
      service: 'directory',
      module: directoryModule(
        { register, followed, published, operator: OPERATOR, jwks: key.jwks, metrics, now },
        { callers, metrics },
      ),
      ...{ host: '127.0.0.1', port: 0, log, metrics, checks: {} },
    });
    this.running.push(service, directory);
    const ask = async (path: string, body?: object, officer?: keyof typeof OFFICERS): Promise<Answer> => {
      const basic = officer === undefined ? '' : Buffer.from(`${officer}:${OFFICERS[officer].secret}`).toString('base64');
      const answer = await fetch(`${service.url}${path}`, {
        ...(officer === undefined ? {} : { headers: { authorization: `Basic ${basic}` } }),
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
    };
    const opened = () => {
      const value = stream.records('configuration').at(-1)?.value;
      const open = openConfiguration(value ?? Buffer.alloc(0), key.anchors, now());
      if (!open.ok) throw new Error(`${open.code} ${open.detail}`);
      return open.value;
    };
    const acts = () => stream.records('audit').map(({ value }) => JSON.parse(String(value)) as Record<string, string>);
    return { ...directory, url: service.url, key, ask, opened, acts };
  }

  /** Lets a member in: invited by one officer, approved by the other. */
  async letIn(ask: Awaited<ReturnType<DirectoryUnderTest['start']>>['ask'], id: string): Promise<Outsider> {
    const member = this.outsider(id);
    const { body } = await ask('/v1/members', { id, name: `Agency ${id}`, why: 'asked to take part' }, 'nino');
    await ask(`/v1/members/${id}/join`, await joinBody(member, String(body.invitation)));
    await ask(`/v1/members/${id}/approve`, { why: 'its statute was checked' }, 'giorgi');
    return member;
  }

  outsider(id: string, purpose: MemberKeyPurpose = 'agreement'): Outsider {
    const member = id as MemberId;
    const privateKey = generatePrivateKey('ES256');
    const jwk = publicJwkOf(privateKey);
    const key = publicMemberKey(jwk, member, purpose, this.now());
    const signer: Signer = { kid: key.kid as Signer['kid'], sign: (bytes) => signRaw('ES256', privateKey, bytes) };
    return {
      id: member,
      key,
      signer,
      proved: async (challenge) => {
        const proof = await signStatement('proof', keyProofText(OPERATOR, member, key, challenge), signer, this.now());
        return { jwk, purpose, proof };
      },
      signed: (terms) => signStatement('agreement', agreementText(terms), signer, this.now()),
    };
  }

  async close(): Promise<void> {
    for (const one of this.running.splice(0)) await one.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a member sends to join. */
export async function joinBody(member: Outsider, invitation: string, more: readonly Outsider[] = []) {
  const challenge = invitationHash(invitation);
  const keys = await Promise.all([member, ...more].map((one) => one.proved(challenge)));
  const systems = [{ id: `${member.id}/desk` as SubsystemId, name: 'Desk', endpoints: [{ kind: 'kafka' }] }];
  return { invitation, keys, systems };
}
