import { setTimeout as pause } from 'node:timers/promises';
import { requestDigest } from '#consumer';
import { type Digest, decryptionKeys, seal } from '#envelope';
import type { FaultReport } from '#faults';
import { FewAtOnce } from '#http';
import { deliveryTopic, HEADER, type RecordType, type SubsystemId } from '#record';
import { createMetrics } from '#telemetry';
import { type MemoryStream, memoryStream, PERSON, SEALED_AT, sealInput, testIssuer } from '#testkit';
import type { DoorEvent } from '../door-event.js';
import type { Known } from '../store/outcome-store.js';
import { peekRequests } from './peek-requests.js';
import { Questions, tooMany } from './questions.js';
import { readQuestion } from './read-question.js';

const ASKER = 'GE/GOV/7002/pensions' as SubsystemId;
const ABOUT = 'population.person' as RecordType;
const TYPE = 'exchange.question' as RecordType;
const TOPIC = deliveryTopic(ASKER, ABOUT);
const CALLER = { subsystem: ASKER, source: `/${ASKER}`, publishes: new Set([TYPE]) };
const issuer = testIssuer();
const question = (more: object = {}) =>
  readQuestion(Buffer.from(JSON.stringify({ identifier: 'x', purpose: 'p', ...more })), ABOUT);

let stream: MemoryStream;
let sent: DoorEvent[];
let known: Known;
let refusals: readonly FaultReport[];
let tellOutcome: () => void;
let ending: AbortController;
let questions: Questions;
beforeEach(() => {
  stream = memoryStream({ topics: [{ name: TOPIC, role: 'delivery', partitions: 1, config: {} }], messageMaxBytes: 2e6 }, () =>
    SEALED_AT.getTime(),
  );
  [sent, known, refusals, ending] = [[], { accepted: [], outcomes: [] }, [], new AbortController()];
  questions = new Questions({
    ...{ type: TYPE, schemaVersion: 1, seconds: 5, atOnce: 2, stream, decryption: decryptionKeys([]), now: () => SEALED_AT },
    keys: { current: () => issuer.keys, refresh: async () => undefined },
    notAgreed: () => refusals,
    handOver: async (events) => void sent.push(...events),
    store: {
      known: async () => known,
      next: (signal) =>
        new Promise((resolve) => {
          tellOutcome = resolve;
          signal.addEventListener('abort', () => resolve());
        }),
    },
    metrics: createMetrics('agency-adapter'),
    stopping: ending.signal,
  });
});
afterEach(async () => {
  ending.abort();
  await questions.close();
});

/** Delivers an answer to a question, for somebody. */
async function deliver(digest: string, { aud = ASKER, number = 1, record = PERSON as object } = {}): Promise<void> {
  const input = sealInput({}, record as typeof PERSON);
  const id = `answer-${number}`;
  const sealed = await seal(
    { ...input, event: { ...input.event, id }, target: { aud, request: digest as Digest } },
    issuer.sealer,
    SEALED_AT,
  );
  if (!sealed.ok) throw new Error(sealed.fault.code);
  const headers = { [HEADER.number]: String(number), [HEADER.agreement]: 'a/1', [HEADER.purpose]: 'p', [HEADER.id]: id };
  const key = input.sub.slice(input.sub.lastIndexOf(':') + 1);
  stream.append({ topic: TOPIC, partition: 0, key, value: sealed.envelope, headers });
}

const soon = (ms = 5000) => AbortSignal.timeout(ms);
async function until(fact: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !fact(); ) {
    if (Date.now() > end) throw new Error('it did not happen');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('when a question is asked over HTTP', () => {
  it('gives the answer that is bound to it, and no other', async () => {
    const [one, other] = [question(), question()];
    const asking = questions.ask(CALLER, ABOUT, one, soon());
    await until(() => sent.length === 1);
    await deliver(other.digest, { number: 1 });
    await deliver(one.digest, { number: 2 });
    expect(await asking).toMatchObject({ answer: { request: one.digest, number: 2, record: PERSON } });
    expect(sent[0]).toMatchObject({ id: one.id, recordType: TYPE, source: CALLER.source });
    expect(requestDigest(JSON.parse(String(sent[0]?.data)) as object)).toBe(one.digest);
  });

  it('passes over what is bound to it by words of a record only, or is for somebody else', async () => {
    const one = question();
    const asking = questions.ask(CALLER, ABOUT, one, soon(150));
    await until(() => sent.length === 1);
    await deliver(question().digest, { record: { ...(PERSON as object), request: one.digest } });
    await deliver(one.digest, { aud: 'GE/GOV/7003/other' as SubsystemId, number: 2 });
    expect(await asking).toMatchObject({ late: { digest: one.digest, from: 0n } });
  });

  it('says where an answer will be, and finds it there', async () => {
    const one = question();
    const asking = await questions.ask(CALLER, ABOUT, one, soon(20));
    await deliver(one.digest);
    if (!('late' in asking)) throw new Error('it was not late');
    expect(await questions.find(CALLER, asking.late, 0, soon())).toMatchObject({ request: one.digest });
    expect(await questions.find(CALLER, { ...asking.late, digest: question().digest }, 0, soon())).toBeUndefined();
  });

  it('gives the answer that has come already to what is asked again under its id', async () => {
    const one = question({ id: 'named' });
    await questions.ask(CALLER, ABOUT, one, soon(20));
    await deliver(one.digest);
    expect(await questions.ask(CALLER, ABOUT, one, soon())).toMatchObject({ answer: { request: one.digest } });
  });

  it('puts nothing on the road that is not agreed on', async () => {
    refusals = [{ code: 'POLICY_NO_AGREEMENT' }];
    await expect(questions.ask(CALLER, ABOUT, question(), soon())).rejects.toMatchObject({ code: 'QUESTION_NOT_AGREED' });
    expect(sent).toEqual([]);
  });

  it('waits for a broker that does not let it read no longer than its caller does, and asks nothing then', async () => {
    stream.tail = () => new Promise((_, reject) => ending.signal.addEventListener('abort', () => reject(new Error('ended'))));
    await expect(questions.ask(CALLER, ABOUT, question(), soon(20))).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    expect(sent).toEqual([]);
  });

  it('tells at once that the road has refused it', async () => {
    const asking = questions.ask(CALLER, ABOUT, question(), soon());
    await until(() => sent.length === 1);
    const rejected = { kind: 'rejected', ingress: 't/0/0', at: '2026-01-01T00:00:00Z', faults: [{ code: 'SCHEMA_VIOLATION' }] };
    known = { accepted: [], outcomes: [rejected as Known['outcomes'][number]] };
    tellOutcome();
    await expect(asking).rejects.toMatchObject({ code: 'QUESTION_REJECTED', more: { errors: rejected.faults } });
  });

  it('hears of a refusal of what was asked before also while the broker is still asked where the topic ends', async () => {
    const one = question({ id: 'named' });
    const rejected = { kind: 'rejected', ingress: 't/0/0', at: '2026-01-01T00:00:00Z', faults: [{ code: 'SCHEMA_VIOLATION' }] };
    known = { accepted: [], outcomes: [rejected as Known['outcomes'][number]] };
    const unheard: unknown[] = [];
    const listen = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', listen);
    const ends = stream.admin.endOffsets;
    stream.admin.endOffsets = async (topic) => {
      if (sent.length > 0) await pause(20);
      return ends(topic);
    };
    await expect(questions.ask(CALLER, ABOUT, one, soon())).rejects.toMatchObject({ code: 'QUESTION_REJECTED' });
    process.off('unhandledRejection', listen);
    expect(unheard).toEqual([]);
  });

  it('remembers nothing of types that are delivered to nobody', async () => {
    const at = { digest: question().digest, from: 0n };
    for (const name of ['a.b', 'c.d', 'e.f'])
      await expect(questions.find(CALLER, { ...at, about: name as RecordType }, 0, soon())).rejects.toMatchObject({
        code: 'STREAM_TOPIC_MISSING',
      });
    expect(questions.reading).toBe(0);
    expect(await questions.find(CALLER, { ...at, about: ABOUT }, 0, soon())).toBeUndefined();
    expect(questions.reading).toBe(1);
  });

  it('gives each subsystem its places and takes them back', async () => {
    const places = new FewAtOnce(1, tooMany);
    const free = places.take(ASKER);
    expect(() => places.take(ASKER)).toThrow(expect.objectContaining({ code: 'QUESTION_TOO_MANY' }));
    places.take('GE/GOV/7003/other' as SubsystemId)();
    free();
    free();
    places.take(ASKER);
    expect(() => places.take(ASKER)).toThrow();
  });

  it('frees the place of a question that could not be handed over', async () => {
    const away = { ...CALLER, publishes: new Set<RecordType>() };
    for (let i = 0; i < 3; i++)
      await expect(questions.ask(away, ABOUT, question(), soon())).rejects.toMatchObject({ code: 'DOOR_TYPE_UNROUTED' });
  });
});

describe('when a body is no question', () => {
  it.each([
    ['[]', 'DOOR_FRAMING'],
    ['{"purpose":"p","purpose":"q"}', 'DOOR_FRAMING'],
    ['{}', 'DOOR_PARAMETER'],
    ['{"purpose":"p","id":7}', 'DOOR_PARAMETER'],
    ['{"purpose":"p","about":"vehicle.vehicle"}', 'DOOR_PARAMETER'],
  ])('refuses %s with %s', (body, code) => {
    expect(() => readQuestion(Buffer.from(body), ABOUT)).toThrow(expect.objectContaining({ code }));
  });

  it('finds no request in what is no envelope', () => {
    expect([peekRequests(Buffer.from('x')), peekRequests(Buffer.from('a.b.c'))]).toEqual([[], []]);
  });
});
