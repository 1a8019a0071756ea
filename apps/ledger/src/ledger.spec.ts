import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type JsonValue, sha256Base64url } from '#canonical';
import { firstKey, jtiOf, type KeyRecord, present, seal, sealDisclosable, verifySeal, writeKeyRecord } from '#envelope';
import {
  actLeaf,
  auditRecord,
  type Bundle,
  decodeEvidence,
  decodeLeaf,
  type EvidenceEvent,
  ed25519Signer,
  type NoteSigner,
  newEd25519Key,
  openCheckpoint,
  type Policy,
  readBundle,
  readTlogProof,
  verifyBundle,
  verifyTlogProof,
  writeBundle,
} from '#evidence';
import { FaultError } from '#faults';
import { decodeOutcomes, encodeOutcomes, type MemberId, type Outcome, type OutgoingRecord, readMembership } from '#record';
import { DEAD_LETTER_HEADER, planTopics } from '#stream';
import { createLogger } from '#telemetry';
import {
  type MemoryStream,
  memoryCustody,
  memoryStream,
  PERSON,
  SEALED_AT,
  sealInput,
  type TestIssuer,
  testIssuer,
} from '#testkit';
import { openLedgerKeys, type ReceiptSigner } from './keys/ledger-keys.js';
import { followSealingKeys, type SealingKeys } from './keys/sealing-keys.js';
import { type Ledger, startLedger } from './ledger.js';

const SEALED = 'sealed.population.person';
const OUTCOMES = 'outcomes.GE-GOV-7001';
const ORIGIN = 'log.test/a';
const issuer = testIssuer();
const plan = instancePlan();
let signer: NoteSigner;
let receiptKey: ReceiptSigner;
let policy: Policy;
beforeAll(async () => {
  const keys = await openLedgerKeys(memoryCustody(), ORIGIN, 'GE/GOV/0001' as MemberId, SEALED_AT);
  signer = keys.log;
  receiptKey = keys.receipts;
  policy = { logs: [{ key: signer.key }], witnesses: [], satisfied: () => true };
});

let folder: string;
let stream: MemoryStream;
let crashes: unknown[];
/** Of the log, each time that it was told. */
let sizes: number[];
const running: Ledger[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-ledger-'));
  stream = memoryStream(plan);
  crashes = [];
  sizes = [];
});
afterEach(async () => {
  for (const ledger of running.splice(0)) await ledger.close();
  rmSync(folder, { recursive: true });
});

function instancePlan() {
  const members = [{ id: 'GE/GOV/7001', name: 'A', subsystems: ['base-registry'], publishes: ['population.person'] }];
  const read = readMembership({ operator: 'GE/GOV/0001', members });
  if ('mistakes' in read) throw new Error(read.mistakes.join());
  return planTopics(JSON.parse(readFileSync('deploy/kafka/topics.json', 'utf8')), read.membership);
}

async function start(
  more: {
    signer?: NoteSigner;
    adopt?: boolean;
    on?: MemoryStream;
    policyFile?: string;
    windowSeconds?: number;
    sealingKeys?: SealingKeys;
    store?: string;
  } = {},
): Promise<Ledger> {
  const ledger = await startLedger({
    service: 'ledger',
    issuer: 'GE/GOV/0001',
    client: more.on ?? stream,
    plan: () => plan,
    signer: more.signer ?? signer,
    receiptKey,
    sealingKeys: more.sealingKeys ?? { known: () => issuer.keys, caughtUp: async () => issuer.keys },
    stamps: { url: undefined, everySeconds: 1 },
    logFolder: join(folder, 'log'),
    storeFolder: join(folder, more.store ?? 'store'),
    adopt: more.adopt ?? false,
    chunkRecords: 1000,
    log: createLogger('ledger', 'debug', { write: (line) => void line }),
    observe: { step: () => () => undefined, integrated: (_, size) => void sizes.push(size), indexed: () => undefined },
    witnesses: { policyFile: more.policyFile, windowSeconds: more.windowSeconds ?? 900, observe: () => undefined },
    now: () => SEALED_AT,
    onCrash: (error) => crashes.push(error),
  });
  running.push(ledger);
  return ledger;
}

async function stop(ledger: Ledger): Promise<void> {
  running.splice(running.indexOf(ledger), 1);
  await ledger.close();
}

/** An envelope as signing writes it; `at` and `given` change what is sealed. */
async function envelope(id: string, given = 'ნინო', at = SEALED_AT, sealing = seal): Promise<OutgoingRecord> {
  const input = sealInput({}, { ...(PERSON as object), given });
  const sealed = await sealing({ ...input, event: { ...input.event, id } }, issuer.sealer, at);
  if (!sealed.ok) throw new Error(sealed.fault.code);
  return { topic: SEALED, key: 'k', value: sealed.envelope, headers: {}, partition: 0 };
}
const value = ({ value: bytes }: OutgoingRecord): Buffer => bytes ?? Buffer.alloc(0);

const sealedBy = (by: TestIssuer) => async (): Promise<Buffer | null> => {
  const sealed = await seal(sealInput(), by.sealer, SEALED_AT);
  return sealed.ok ? sealed.envelope : null;
};
const changed = (how: (compact: string) => string) => async (): Promise<Buffer> =>
  Buffer.from(how(value(await envelope('a')).toString('latin1')));
const payloadOf = (id: string, compact: string): string => {
  const [, payload = ''] = compact.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return Buffer.from(JSON.stringify({ ...claims, jti: jtiOf('/GE/GOV/7001/base-registry', id) })).toString('base64url');
};
const named = (id: string): string => `GE/GOV/0001|${jtiOf('/GE/GOV/7001/base-registry', id)}`;

function outcomes(...all: Outcome[]): OutgoingRecord {
  return { topic: OUTCOMES, key: 'GE/GOV/7001', value: encodeOutcomes(all), headers: {}, partition: 0 };
}
const rejected = (offset: number): Outcome => ({
  kind: 'rejected',
  ingress: `ingress.GE-GOV-7001.population.person/0/${offset}`,
  at: SEALED_AT.toISOString(),
  faults: [{ code: 'SCHEMA_VIOLATION', pointer: '/id' }],
});

const events = (of = SEALED): EvidenceEvent[] =>
  stream
    .records('evidence')
    .flatMap(({ value }) => decodeEvidence(value) ?? [])
    .filter(({ topic }) => topic === of);

/** Waits until the log has so many leaves and the topic is covered up to its end. */
async function until(ledger: Ledger, size: number): Promise<void> {
  const last = String(stream.records(SEALED).at(-1)?.offset ?? '');
  while (ledger.reader.size() < size || (last !== '' && events().at(-1)?.last !== last)) await pause(2);
}

describe('when envelopes are sealed', () => {
  it('each gets one leaf that says what was sealed, and a proof that holds', async () => {
    const ledger = await start();
    stream.append(await envelope('a'), await envelope('b'));
    await until(ledger, 2);
    const index = (await ledger.reader.find('record', named('b'))) ?? -1;
    const { entry } = await ledger.reader.leaf(index);
    expect(decodeLeaf(entry)).toMatchObject({ k: 'record', id: named('b'), type: 'population.person' });
    const proof = readTlogProof(await ledger.reader.proof(index));
    expect(proof !== undefined && verifyTlogProof(proof, entry, policy).ok).toBe(true);
  });

  it('an event says up to where they may be delivered, and which leaf is whose', async () => {
    const ledger = await start();
    stream.append(await envelope('a'), await envelope('b'), await envelope('c'));
    await until(ledger, 3);
    const all = events();
    expect(all[0]).toMatchObject({ topic: SEALED, partition: 0, first: '0', leaf: 0 });
    expect(all.at(-1)).toMatchObject({ last: '2', size: 3 });
    expect(all.flatMap(({ without }) => without)).toEqual([]);
  });

  it('the same exchange again gets no second leaf, also with another time and signature', async () => {
    const ledger = await start();
    stream.append(await envelope('a'));
    await until(ledger, 1);
    stream.append(await envelope('a', 'ნინო', new Date(SEALED_AT.getTime() + 60_000)), await envelope('b'));
    await until(ledger, 2);
    expect(events().flatMap(({ without }) => without)).toEqual(['1']);
    expect(await ledger.reader.find('record', named('b'))).toBe(1);
  });

  it('other content under the same id is a conflict: a leaf that says so, and never delivered', async () => {
    const ledger = await start();
    stream.append(await envelope('a'), await envelope('a', 'თამარ'), await envelope('b'));
    await until(ledger, 3);
    expect(events().flatMap(({ without }) => without)).toEqual(['1']);
    expect(await ledger.reader.find('record', named('b'))).toBe(1);
    expect(await ledger.reader.find('conflict', `${named('a')}|${SEALED}/0/1`)).toBe(2);
  });
});

describe('when something else lies on a sealed topic', () => {
  const faultsOf = (): unknown[] =>
    stream.records('dead-letter.ledger').map(({ headers }) => headers[DEAD_LETTER_HEADER.fault]?.toString());

  it.each([
    ['an envelope of another member', 'ENVELOPE_KEY_UNKNOWN', sealedBy(testIssuer('GE/GOV/6666'))],
    ['one sealed with a key that nobody published', 'ENVELOPE_KEY_UNKNOWN', sealedBy(testIssuer())],
    ['a forged payload', 'ENVELOPE_SIGNATURE', changed((value) => value.replace(/\.[^.]+\./, `.${payloadOf('other', value)}.`))],
    ['a forged signature', 'ENVELOPE_SIGNATURE', changed((value) => value.replace(/[^.]{20}$/, 'AAAAAAAAAAAAAAAAAAAA'))],
    ['an envelope without a signature', 'ENVELOPE_GRAMMAR', changed((value) => value.replace(/[^.]+$/, ''))],
    ['text', 'ENVELOPE_GRAMMAR', async () => Buffer.from('{"iss":"GE/GOV/0001"}')],
    ['a tombstone', 'LOG_INPUT', async () => null],
  ])('%s gets no record leaf, is kept as a dead letter with %s and never delivered', async (_, fault, make) => {
    const ledger = await start();
    const value = await make();
    stream.append({ topic: SEALED, key: 'k', value, headers: {}, partition: 0 }, await envelope('b'));
    await until(ledger, 2);
    expect(events().flatMap(({ without }) => without)).toEqual(['0']);
    expect(faultsOf()).toEqual([fault]);
    expect(stream.records('dead-letter.ledger').map((record) => record.value)).toEqual([value]);
    const leaves = await Promise.all([0, 1].map(async (i) => decodeLeaf((await ledger.reader.leaf(i)).entry)));
    expect(leaves).toMatchObject([
      { k: 'record', id: named('b') },
      { k: 'rejection', f: fault },
    ]);
  });

  describe('since its key was revoked before it was logged', () => {
    const revoked = {
      known: () => new Map([...issuer.keys].map(([kid, key]) => [kid, { ...key, revokedAt: 0 }])),
      caughtUp: async () => revoked.known(),
    };
    const INGRESS = 'ingress.GE-GOV-7001.population.person/2/7';
    const hints = { ce_id: 'a', ce_source: '/GE/GOV/7001/base-registry', ce_type: 'population.person.created' };
    const sealed = async (more: Record<string, string> = {}) => {
      const { value, ...record } = await envelope('a');
      const headers = { ...hints, khidi_ingress: INGRESS, ...more };
      return { ...record, value, headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, Buffer.from(v)])) };
    };
    const told = () => stream.records(OUTCOMES).flatMap(({ value }) => decodeOutcomes(value) ?? []);

    it('the agency is told, and the refusal gets its leaf', async () => {
      const ledger = await start({ sealingKeys: revoked });
      stream.append(await sealed());
      await until(ledger, 2);
      const { ce_id: id, ce_source: source, ce_type: type } = hints;
      const at = SEALED_AT.toISOString();
      const faults = [{ code: 'ENVELOPE_KEY_STATUS' }];
      expect(told()).toEqual([{ kind: 'rejected', ingress: INGRESS, id, source, type, at, faults }]);
      expect(await ledger.reader.find('rejection', `${INGRESS}@${at}`)).toBe(1);
      expect([faultsOf(), events()[0]?.without]).toEqual([['ENVELOPE_KEY_STATUS'], ['0']]);
    });

    it('nobody is told of a repeat of what is in the log', async () => {
      let keys: SealingKeys = { known: () => issuer.keys, caughtUp: async () => issuer.keys };
      const ledger = await start({ sealingKeys: { known: () => keys.known(), caughtUp: () => keys.caughtUp() } });
      stream.append(await sealed());
      await until(ledger, 1);
      keys = revoked;
      stream.append(await sealed());
      await until(ledger, 2);
      expect([faultsOf(), told()]).toEqual([['ENVELOPE_KEY_STATUS'], []]);
    });

    it.each([
      ['of another member than the topic', { khidi_ingress: 'ingress.GE-GOV-7002.population.person/2/7' }],
      ['of a member that there is not', { ce_source: '/GE/GOV/9/x', khidi_ingress: 'ingress.GE-GOV-9.population.person/2/7' }],
      ['of no place', { khidi_ingress: '' }],
    ])('nobody is told where the hints are %s', async (_, more) => {
      const ledger = await start({ sealingKeys: revoked });
      stream.append(await sealed(more));
      await until(ledger, 1);
      expect([faultsOf(), told()]).toEqual([['ENVELOPE_KEY_STATUS'], []]);
    });
  });

  it('a key that this copy of the register has not seen yet is waited for, also while Kafka does not answer', async () => {
    let asked = 0;
    const caughtUp = async () => {
      asked += 1;
      if (asked === 1) throw new Error('away');
      return issuer.keys;
    };
    const ledger = await start({ sealingKeys: { known: () => new Map(), caughtUp } });
    stream.append(await envelope('a'));
    await until(ledger, 1);
    expect(faultsOf()).toEqual([]);
    expect(ledger.checks.log()).toBe(true);
  });

  it('keys are those of the register: a revoked one makes no more leaves, its successor does', async () => {
    const asked = { by: 'nino', at: new Date('2099-03-01T09:00:00Z'), why: 'test' };
    const record = firstKey(issuer.key, 'GE/GOV/0001' as MemberId, 'file', asked);
    const put = (key: KeyRecord): void =>
      void stream.append({ topic: 'keys', key: key.kid, value: writeKeyRecord(key), headers: {}, partition: 0 });
    put(record);
    const sealingKeys = await followSealingKeys(stream, 'GE/GOV/0001' as MemberId);
    expect((await verifySeal(value(await envelope('a')), sealingKeys.known())).ok).toBe(true);
    const next = testIssuer();
    put(firstKey(next.key, 'GE/GOV/0001' as MemberId, 'file', asked));
    put(firstKey(testIssuer('GE/GOV/6666').key, 'GE/GOV/6666' as MemberId, 'member', asked));
    put({ ...record, state: 'revoked', revoked: { at: '2099-03-01T09:30:00Z', reason: 'compromised' } });
    const keys = await sealingKeys.caughtUp();
    expect(keys.size).toBe(2);
    expect(await verifySeal(value(await envelope('b')), keys)).toMatchObject({ ok: false, code: 'ENVELOPE_KEY_STATUS' });
    expect((await verifySeal((await sealedBy(next)()) ?? Buffer.alloc(0), keys)).ok).toBe(true);
    await sealingKeys.close();
  });
});

describe('when evidence is asked for', () => {
  it('one bundle proves the exchange with nothing else, and without the envelope that it took place', async () => {
    const ledger = await start();
    const sealed = await envelope('a');
    stream.append(sealed, await envelope('b'));
    await until(ledger, 2);
    const index = (await ledger.reader.find('record', named('a'))) ?? -1;
    const whole: Bundle = {
      leaf: (await ledger.reader.leaf(index)).entry.toString('utf8'),
      proof: await ledger.reader.proof(index),
      policy: ledger.reader.policy(),
      envelope: sealed.value?.toString('latin1') ?? '',
      keys: { keys: [issuer.published as unknown as JsonValue, ...JSON.parse(ledger.reader.keySet()).keys] },
      receipt: await ledger.reader.receipt(index),
    };
    const read = readBundle(Buffer.from(writeBundle(whole)));
    if (read === undefined) throw new Error('not read');
    const now = SEALED_AT;
    expect(verifyBundle(read, { now })).toMatchObject({ ok: true, index, claims: { jti: named('a').split('|')[1] } });
    const { envelope: _, ...erased } = read;
    expect(verifyBundle(erased, { now })).toMatchObject({ ok: true, leaf: { id: named('a') } });
    const other = (await envelope('b')).value?.toString('latin1') ?? '';
    const failed = (bundle: Bundle): string | undefined =>
      verifyBundle(bundle, { now }).steps.find(({ result }) => result === 'failed')?.name;
    expect(failed({ ...read, envelope: other })).toBe('envelope is the leaf');
    expect(failed({ ...read, envelope: other.slice(0, -2) })).toBe('envelope');
    expect(failed({ ...read, leaf: read.leaf.replace('"t":', '"t":1') })).toBe('inclusion');
    expect(failed({ ...read, receipt: await ledger.reader.receipt(1 - index) })).toBe('receipt');
    expect(failed({ ...read, policy: `log ${ed25519Signer(ORIGIN, 'note', newEd25519Key()).key.vkey}\nquorum none\n` })).toBe(
      'log signature',
    );
    expect(failed({ ...read, schema: { text: '{}', references: [] } })).toBe('schema');
    expect(readBundle(Buffer.from(writeBundle({ ...whole, more: 'x' } as Bundle)))).toBeUndefined();
  });
});

describe('when evidence is asked for of an envelope with disclosures', () => {
  it('is proved by the same bundle, whatever part of it is disclosed', async () => {
    const ledger = await start();
    const sealed = await envelope('a', 'ნინო', SEALED_AT, sealDisclosable);
    stream.append(sealed);
    await until(ledger, 1);
    const index = (await ledger.reader.find('record', named('a'))) ?? -1;
    const whole = sealed.value ?? Buffer.alloc(0);
    const bundle: Bundle = {
      leaf: (await ledger.reader.leaf(index)).entry.toString('utf8'),
      proof: await ledger.reader.proof(index),
      policy: ledger.reader.policy(),
      envelope: whole.toString('latin1'),
      keys: { keys: [issuer.published as unknown as JsonValue] },
    };
    const part = present(whole, (pointer) => pointer === '/record/birth').toString('latin1');
    for (const one of [bundle, { ...bundle, envelope: part }])
      expect(verifyBundle(one, { now: SEALED_AT })).toMatchObject({ ok: true, index });
  });
});

describe('when records are refused', () => {
  it('each refusal gets a leaf with its first fault, and what was not refused gets none', async () => {
    const ledger = await start();
    const sealed: Outcome = { kind: 'sealed', ingress: 'i/0/9', at: SEALED_AT.toISOString(), jti: 'x' };
    stream.append(outcomes(rejected(1), sealed, rejected(2), { ...rejected(3), kind: 'conflict' }));
    await until(ledger, 3);
    const id = (n: number): string => `${rejected(n).ingress}@${rejected(n).at}`;
    expect(await ledger.reader.find('rejection', id(2))).toBe(1);
    expect(await ledger.reader.find('conflict', id(3))).toBe(2);
    expect(decodeLeaf((await ledger.reader.leaf(1)).entry)).toMatchObject({ f: 'SCHEMA_VIOLATION' });
  });
});

describe('when somebody administers', () => {
  it('each act gets a leaf of its kind, and a line that does not say what it is counts as an override', async () => {
    const ledger = await start();
    const act = { at: '2099-03-01T09:00:00Z', by: 'nino', action: 'accept', why: 'a test' };
    stream.append(
      auditRecord({ ...act, kind: 'policy', subject: 'agreement-1' }),
      auditRecord({ ...act, kind: 'key', action: 'retire' }),
      { topic: 'audit', key: 'k', value: Buffer.from('{"kind":"record"}'), headers: {}, partition: 0 },
    );
    await until(ledger, 3);
    stream.append({ topic: 'schema-audit', key: 'k', value: Buffer.from('{}'), headers: {}, partition: 0 });
    await until(ledger, 4);
    const leaves = await Promise.all([0, 1, 2, 3].map(async (i) => decodeLeaf((await ledger.reader.leaf(i)).entry)));
    expect(leaves.map((leaf) => leaf?.k)).toEqual(['policy', 'key', 'override', 'schema']);
    const [line] = stream.records('audit');
    expect(leaves[0]).toMatchObject(actLeaf(line!));
    expect(leaves[0]?.s256).toBe(sha256Base64url(line?.value ?? Buffer.alloc(0)));
  });
});

describe('when the ledger starts again', () => {
  it('says how large the log is before anything new comes', async () => {
    const before = await start();
    stream.append(await envelope('a'), await envelope('b'));
    await until(before, 2);
    await stop(before);
    sizes = [];
    await start();
    expect(sizes).toEqual([2]);
  });

  it('goes on where it was, and gives nothing a second leaf', async () => {
    const first = await start();
    stream.append(await envelope('a'));
    await until(first, 1);
    await stop(first);
    stream.append(await envelope('b'));
    const second = await start();
    await until(second, 2);
    expect(await second.reader.find('record', named('a'))).toBe(0);
    expect(events().map(({ first: at }) => at)).toEqual(['0', '1']);
  });

  it('makes its index again from the entries', async () => {
    const first = await start();
    stream.append(await envelope('a'));
    await until(first, 1);
    await stop(first);
    rmSync(join(folder, 'store'), { recursive: true });
    const second = await start();
    stream.append(await envelope('a'), await envelope('b'));
    await until(second, 2);
    expect(await second.reader.find('record', named('b'))).toBe(1);
  });

  it("refuses yesterday's files with LOG_DIFFERS", async () => {
    const ledger = await start();
    stream.append(await envelope('a'));
    await until(ledger, 1);
    cpSync(join(folder, 'log'), join(folder, 'yesterday'), { recursive: true });
    stream.append(await envelope('b'));
    await until(ledger, 2);
    await stop(ledger);
    rmSync(join(folder, 'log'), { recursive: true });
    cpSync(join(folder, 'yesterday'), join(folder, 'log'), { recursive: true });
    await expect(start()).rejects.toMatchObject({ code: 'LOG_DIFFERS' });
  });

  it.each(['tile/entries/000.p/2', 'tile/0/000.p/2', 'checkpoint'])('refuses a changed %s with LOG_DIFFERS', async (file) => {
    const ledger = await start();
    stream.append(await envelope('a'), await envelope('b'));
    await until(ledger, 2);
    await stop(ledger);
    const path = join(folder, 'log', file);
    const bytes = readFileSync(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await expect(start()).rejects.toMatchObject({ code: 'LOG_DIFFERS' });
  });

  it('does not go on with a log of which Kafka knows nothing, unless told to', async () => {
    const first = await start();
    stream.append(await envelope('a'));
    await until(first, 1);
    await stop(first);
    await expect(start({ on: memoryStream(plan) })).rejects.toMatchObject({ code: 'LOG_STATE_MISSING' });
    stream = memoryStream(plan);
    const adopted = await start({ adopt: true });
    stream.append(await envelope('b'));
    await until(adopted, 2);
    expect(await adopted.reader.find('record', named('a'))).toBe(0);
  });
});

describe('when the answer of a commit is lost', () => {
  it.each(['before', 'after'] as const)('decides once (%s it was written)', async (failure) => {
    const ledger = await start();
    stream.fail(failure);
    stream.append(await envelope('a'));
    await until(ledger, 1);
    expect(events()).toHaveLength(1);
    expect(crashes).toEqual([]);
  });
});

describe('when the key store is away', () => {
  it('nothing is signed by other means, readiness says so, and what was decided is signed once it is back', async () => {
    let away = false;
    const sign = async (message: Buffer) => {
      if (away) throw new FaultError('KEY_STORE_UNAVAILABLE', 'the token does not answer');
      return signer.sign(message);
    };
    const ledger = await start({ signer: { key: signer.key, sign } });
    stream.append(await envelope('a'));
    await until(ledger, 1);
    away = true;
    stream.append(await envelope('b'), await envelope('c'));
    while (ledger.checks.log()) await pause(2);
    expect(ledger.reader.size()).toBe(1);
    expect(openCheckpoint(readFileSync(join(folder, 'log', 'checkpoint'), 'utf8'), signer.key)?.size).toBe(1);
    away = false;
    await until(ledger, 3);
    expect([ledger.checks.log(), crashes]).toEqual([true, []]);
  });
});

describe('when another ledger takes over', () => {
  it('it does not even start on the same files with an index of its own: it would write over tiles before it is fenced', async () => {
    const first = await start();
    stream.append(await envelope('a'));
    await until(first, 1);
    await expect(start({ store: 'store-2' })).rejects.toMatchObject({ code: 'LOG_FENCED' });
    stream.append(await envelope('b'));
    await until(first, 2);
    await stop(first);
    const second = await start({ store: 'store-2' });
    expect(second.reader.size()).toBe(2);
  });

  it('the first one ends and signs nothing more', async () => {
    const first = await start();
    stream.append(await envelope('a'));
    await until(first, 1);
    const state = await import('./state/committed-state.js');
    const other = await state.openState(stream, ORIGIN);
    const decided = other.current;
    if (decided === undefined) throw new Error('nothing was decided');
    await other.commit({ ...decided, marks: new Map([['sealed.population.person/0', 5n]]) }, []);
    stream.append(await envelope('b'));
    while (crashes.length === 0) await pause(2);
    expect(crashes[0]).toMatchObject({ code: 'LOG_FENCED' });
    expect(first.reader.size()).toBe(1);
    await other.close();
  });
});

describe('when the log is asked', () => {
  it('its checkpoint is a signed note, and tiles beyond it do not exist', async () => {
    const ledger = await start();
    stream.append(await envelope('a'));
    await until(ledger, 1);
    expect(openCheckpoint(ledger.reader.checkpoint(), signer.key)).toMatchObject({ size: 1, origin: ORIGIN });
    expect((await ledger.reader.tile('tile/0/000.p/1'))?.length).toBe(32);
    expect(await ledger.reader.tile('tile/0/000.p/2')).toBeUndefined();
    expect(await ledger.reader.tile('tile/0/../../store')).toBeUndefined();
    expect(await ledger.reader.find('record', 'nobody')).toBeUndefined();
  });
});
