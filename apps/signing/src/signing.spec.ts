import { readFileSync } from 'node:fs';
import { type KeyRecord, readKeySet, salter, verify } from '#envelope';
import { newSecret, runService } from '#http';
import { decodeOutcomes, type MemberId, type ReceivedRecord, readMembership } from '#record';
import { planTopics, RecordStream } from '#stream';
import { createLogger, createMetrics } from '#telemetry';
import { type MemoryStream, memoryCustody, memoryStream, SEALED_AT, testIssuer, validatedRecord } from '#testkit';
import { openKeyOffice } from './keys/key-office.js';
import { sealingMetrics } from './observe.js';
import { recordSealing, type SealingDesk } from './seal-records.js';
import { signingModule } from './signing.module.js';
import { sampledSelfCheck } from './steps/self-check.js';
import { tellBuried } from './tell-buried.js';

const VALIDATED = 'validated.population.person';
const SEALED = 'sealed.population.person';
const issuer = testIssuer();
const keySet = Buffer.from(JSON.stringify({ keys: [issuer.published] }));
const now = () => SEALED_AT;
const OFFICERS = { nino: newSecret(), giorgi: newSecret() };
const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
});

function instance() {
  const subsystems = ['base-registry'];
  const members = [{ id: 'GE/GOV/7001', name: 'A', subsystems, publishes: ['population.person'] }];
  const read = readMembership({ operator: 'GE/GOV/0001', members });
  if ('mistakes' in read) throw new Error(read.mistakes.join());
  return planTopics(JSON.parse(readFileSync('deploy/kafka/topics.json', 'utf8')), read.membership);
}

/** The service as it runs, but for Kafka. */
async function start(stream: MemoryStream, sealer: SealingDesk['sealer'] = issuer.sealer) {
  const broken: string[] = [];
  const metrics = createMetrics('signing');
  const log = createLogger('signing', 'debug', { write: (line) => void line });
  const sealing = recordSealing({
    sealer,
    selfCheck: sampledSelfCheck(() => issuer.keys, 1),
    now,
    observe: sealingMetrics(metrics, () => issuer.key.created, now),
    onBroken: ({ code }) => broken.push(code),
  });
  const custody = memoryCustody();
  const { register } = await openKeyOffice({
    ...{ client: stream, custody, iss: 'GE/GOV/0001' as MemberId, salt: salter(Buffer.alloc(32, 7)), topic: 'keys', now, log },
    ...{ pendingSeconds: 0, overlapSeconds: 3600, newEpoch: false },
  });
  const callers = new Map(Object.entries(OFFICERS).map(([user, { hash }]) => [user, [hash]]));
  const options = { service: 'signing', client: stream, plan: instance(), log, metrics, bury: tellBuried(now) };
  const strategy = new RecordStream({ ...options, backOff: [1, 2] });
  const service = await runService({
    service: 'signing',
    module: signingModule({
      sealing,
      keySets: { keySet: () => keySet, signedSet: async (which) => `${which} set` },
      desk: { register, custody, now },
      officers: { callers, metrics },
    }),
    host: '127.0.0.1',
    port: 0,
    log,
    metrics,
    checks: { kafka: () => strategy.ready(), keys: () => sealing.trusted() },
    stream: strategy,
  });
  running.push(service);
  return { service, broken, metrics };
}

function given(records: readonly ReceivedRecord[]): MemoryStream {
  const stream = memoryStream(instance());
  const headers = (record: ReceivedRecord) => record.headers as Record<string, Buffer>;
  stream.append(...records.map((r) => ({ topic: VALIDATED, key: r.key ?? '', value: r.value, headers: headers(r) })));
  return stream;
}

const outcomes = (stream: MemoryStream) =>
  stream.records('outcomes.GE-GOV-7001').flatMap(({ value }) => decodeOutcomes(value) ?? []);

describe('when the service runs', () => {
  it('seals what was validated, tells the member, and keeps what it cannot seal', async () => {
    const stream = given([
      validatedRecord({ ce_id: 'a' }),
      validatedRecord({ ce_id: 'b', ce_time: 'yesterday' }),
      validatedRecord({ ce_id: 'c' }),
    ]);
    const { metrics } = await start(stream);
    await stream.drained('signing', VALIDATED);
    const sealed = stream.records(SEALED).map(({ value, headers, key }) => {
      const verification = verify(value ?? Buffer.alloc(0), {
        keys: readKeySet(JSON.parse(keySet.toString())),
        now: SEALED_AT,
        message: { headers, key },
      });
      return verification.ok ? [verification.claims.event.id, verification.claims.seq] : verification.fault.code;
    });
    expect(sealed).toEqual([
      ['a', 0],
      ['c', 2],
    ]);
    expect(outcomes(stream).map(({ kind, id }) => [kind, id])).toEqual([
      ['sealed', 'a'],
      ['rejected', 'b'],
      ['sealed', 'c'],
    ]);
    expect(stream.records('dead-letter.signing')).toHaveLength(1);
    expect(await metrics.render()).toMatch(/khidi_records_sealed_total\{record_type="population.person",service="signing"\} 2/);
  });

  it('publishes its key set for anybody to keep for a while', async () => {
    const { service } = await start(memoryStream(instance()));
    const answer = await fetch(`${service.url}/.well-known/jwks.json`);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      200,
      'application/jwk-set+json',
      'public, max-age=300, must-revalidate',
    ]);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(keySet);
    const headers = { 'if-none-match': answer.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
    expect((await fetch(`${service.url}/.well-known/jwks.json`, { headers })).status).toBe(304);
  });
});

describe('when an envelope of its own does not verify', () => {
  it('writes nothing, commits nothing, and is not ready any more', async () => {
    const other = testIssuer().sealer.signer;
    const stream = given([validatedRecord()]);
    const signer = { kid: issuer.sealer.signer.kid, sign: (bytes: Uint8Array) => other.sign(bytes) };
    const { service, broken } = await start(stream, { ...issuer.sealer, signer });
    const ready = async () => (await fetch(`${service.url}/health/ready`)).json();
    while (broken.length === 0) await ready();
    expect(await ready()).toMatchObject({ status: 'not ready', checks: { keys: false } });
    expect([broken, stream.records(SEALED), outcomes(stream), stream.committed('signing', VALIDATED)]).toEqual([
      ['ENVELOPE_SIGNATURE'],
      [],
      [],
      undefined,
    ]);
  });
});

describe('when officers decide on keys', () => {
  const ask = async (url: string, who: keyof typeof OFFICERS | undefined, path: string, body?: object) => {
    const secret = who === undefined ? 'nobody' : OFFICERS[who].secret;
    const answer = await fetch(`${url}/v1/keys${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${who ?? 'nino'}:${secret}`).toString('base64')}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: answer.status,
      body: (await answer.json()) as KeyRecord & { code?: string; keys?: KeyRecord[]; csr?: string },
    };
  };

  it('needs two of them to let a key seal, and names who did what', async () => {
    const { service } = await start(memoryStream(instance()));
    const made = await ask(service.url, 'nino', '', { purpose: 'sealing', why: 'yearly' });
    expect([made.status, made.body.state]).toEqual([201, 'pending']);
    const activate = (who: keyof typeof OFFICERS) => ask(service.url, who, `/${made.body.kid}/activate`, { why: 'yearly' });
    expect((await activate('nino')).body).toMatchObject({ state: 'pending', proposal: { by: 'nino' } });
    expect(await activate('nino')).toMatchObject({ status: 409, body: { code: 'KEY_FOUR_EYES' } });
    const { body } = await activate('giorgi');
    expect([body.state, body.acts.at(-1)]).toMatchObject(['active', { act: 'activate', by: 'nino', confirmedBy: 'giorgi' }]);
    const { keys = [] } = (await ask(service.url, 'giorgi', '')).body;
    expect(keys.map(({ purpose, state }) => `${purpose} ${state}`).sort()).toEqual([
      'key-set active',
      'sealing active',
      'sealing retired',
    ]);
    expect(JSON.stringify(keys)).not.toContain('"d"');
  });

  it('lets nobody else in, and says what is wrong with a request', async () => {
    const { service } = await start(memoryStream(instance()));
    expect((await ask(service.url, undefined, '')).status).toBe(401);
    expect((await ask(service.url, undefined, '', { purpose: 'sealing', why: 'theft' })).status).toBe(401);
    const codes = await Promise.all(
      [
        ['', { purpose: 'sealing' }],
        ['', { purpose: 'everything', why: 'x' }],
        ['', { member: 'GE/GOV/7001', jwk: { kty: 'RSA' }, why: 'x' }],
        ['', { member: 'nobody', jwk: {}, why: 'x' }],
        ['/abc/activate', { why: 'x' }],
        ['/abc/revoke', { why: 'x', reason: 'mood' }],
      ].map(async ([path, body]) => (await ask(service.url, 'nino', String(path), body as object)).body.code),
    );
    expect(codes).toEqual([...Array(4).fill('KEY_REQUEST_INVALID'), 'KEY_UNKNOWN', 'KEY_REQUEST_INVALID']);
  });

  it('answers 429 after too many wrong secrets, and lets the right one in all the same', async () => {
    const { service } = await start(memoryStream(instance()));
    const statuses = [];
    for (let i = 0; i < 31; i += 1) statuses.push((await ask(service.url, undefined, '')).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    expect((await ask(service.url, 'nino', '')).status).toBe(200);
  });

  it('prints a certification request for a key of ours', async () => {
    const { service } = await start(memoryStream(instance()));
    const [key] = (await ask(service.url, 'nino', '')).body.keys ?? [];
    const subject = { country: 'GE', organisation: 'Test Agency', commonName: 'Khidi seal' };
    const { csr = '' } = (await ask(service.url, 'nino', `/${key?.kid}/csr`, subject)).body;
    expect(csr).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----/);
  });
});
