import { compare, lint } from '#compatibility';
import { hashSecret, newSecret, runService } from '#http';
import type { Agreement } from '#policy';
import type { TopicPlan } from '#stream';
import { createLogger, createMetrics } from '#telemetry';
import { type MemoryStream, memoryStream, TestClock } from '#testkit';
import { Impact } from './changes/impact.js';
import { LintReports } from './changes/lint-reports.js';
import { Registration } from './changes/register.js';
import { Review } from './changes/review.js';
import { type Compare, Safety } from './changes/safety.js';
import { comparisonOf } from './compare-schemas.js';
import { type Access, openAccess, type Role, SecretAccess } from './door/access.js';
import { openDoor } from './door/open-door.js';
import { SchemaRegistryModule } from './schema-registry.module.js';
import { Store } from './store/store.js';

const PLAN: TopicPlan = {
  topics: [
    { name: 'schemas', role: 'schemas', partitions: 1, config: {} },
    { name: 'schema-audit', role: 'schema-audit', partitions: 1, config: {} },
  ],
  messageMaxBytes: 2_097_152,
};
const secrets = new Map<string, string>();
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

/** A schema that a record type may have. */
export const personSchema = (more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    type: 'object',
    properties: { id: { type: 'string' } },
    additionalProperties: false,
    'x-khidi': { identifier: '/id', sequence: 'offset', classification: 'public', legalBasis: 'test', retention: 'P1Y' },
    ...more,
  });

/** The Authorization header of a user, whose secret is made when it is first asked for. */
export function authorizationOf(user: string): string {
  return `Basic ${Buffer.from(`${user}:${secretOf(user)}`).toString('base64')}`;
}

export function secretOf(user: string): string {
  const secret = secrets.get(user) ?? newSecret().secret;
  secrets.set(user, secret);
  return secret;
}

/** What of a registry under test differs from the usual one. */
export interface FixtureOptions {
  readonly client?: MemoryStream;
  readonly compare?: Compare;
  readonly users?: Readonly<Record<string, readonly Role[]>>;
  readonly anonymousReads?: boolean;
  readonly open?: boolean;
  readonly plan?: TopicPlan;
  readonly agreements?: () => readonly Agreement[];
}

export const newStream = (): MemoryStream => memoryStream(PLAN);

/** A registry in this process, on an in-memory Kafka. Several may share one. */
export async function startRegistry(options: FixtureOptions = {}) {
  const client = options.client ?? newStream();
  const clock = new TestClock(new Date('2099-01-01T00:00:00Z'));
  const log = createLogger('registry', 'error', { write: () => undefined });
  const table = client.table('schemas');
  const store = new Store({
    table,
    topic: 'schemas',
    auditTopic: 'schema-audit',
    open: () => client.fencedWriter('schema-registry', ['schemas', 'schema-audit']),
    log,
    now: clock.now,
  });
  await table.start();
  const safety = new Safety(store, options.compare ?? (async (question) => comparisonOf(compare(question))));
  const registration = new Registration(store, safety, true);
  const metrics = createMetrics('registry');
  const access = accessOf(options);
  const service = await runService({
    service: 'registry',
    module: SchemaRegistryModule,
    host: '127.0.0.1',
    port: 0,
    log,
    metrics,
    checks: {},
    configure: (app) => {
      const review = new Review(store, registration, safety);
      const plan = () => options.plan;
      const impact = new Impact({ admin: client.admin, plan, agreements: options.agreements, now: clock.now });
      const lintReports = new LintReports(async (source) => lint(source));
      const registry = {
        store,
        registration,
        safety,
        review,
        lintReports,
        impact,
        about: { clusterId: 'memory', version: 'test' },
      };
      openDoor(app, { registry, access, metrics, log, loopbackOnly: options.open === true });
    },
  });
  const call = async (method: string, path: string, body?: unknown, more: Readonly<Record<string, string>> = {}) => {
    const init =
      body === undefined ? {} : { body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) };
    const headers = { authorization: authorizationOf('ministry'), 'content-type': MEDIA_TYPE, ...more };
    const answer = await fetch(`${service.url}${path}`, { method, headers, ...init } as RequestInit);
    const text = await answer.text();
    return { status: answer.status, type: answer.headers.get('content-type'), body: text === '' ? undefined : JSON.parse(text) };
  };
  const register = (subject: string, schema: string, references?: unknown, more: object = {}) =>
    call('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schemaType: 'JSON', schema, references, ...more });
  return { url: service.url, call, register, clock, client, store, close: () => service.close() };
}

function accessOf({ users = { ministry: ['administrator'] }, anonymousReads = true, open = false }: FixtureOptions): Access {
  if (open) return openAccess('127.0.0.1');
  const callers = Object.entries(users).map(([user, roles]) => [user, { roles, secrets: [hashSecret(secretOf(user))] }] as const);
  return new SecretAccess(new Map(callers), anonymousReads, () => undefined);
}
