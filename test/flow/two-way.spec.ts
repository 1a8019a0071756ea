import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { requestDigest } from '#consumer';
import type { MemberId } from '#record';
import { TYPE } from './exchange.js';
import { AT_ONCE, PERSON, SILENCE, TwoWay } from './two-way.js';

const QUESTIONS = 60;
const PROPOSALS = 20;

async function until(fact: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !fact() && Date.now() < end; ) await pause(20);
}

describe('when a consumer asks and corrects', () => {
  let exchange: TwoWay;
  let plain: string;
  beforeAll(async () => {
    exchange = await TwoWay.start();
    for (let i = 0; i < QUESTIONS; i += 10) await Promise.all(Array.from({ length: 10 }, () => exchange.ask()));
    await Promise.all(exchange.answers.slice(0, PROPOSALS).map((answer) => exchange.propose(answer)));
    // What answers nobody goes to everybody who may have it; what does not say to what is refused.
    plain = await exchange.send('GE/GOV/7001' as MemberId, { type: `${TYPE}.updated`, schema: TYPE, body: PERSON });
    await until(() => exchange.decisions.length >= PROPOSALS && exchange.overheard.length >= 1);
    process.stdout.write(
      `two-way: asked=${QUESTIONS} read=${exchange.asked.length} answered=${exchange.answers.length - 1} ` +
        `proposed=${PROPOSALS} decided=${exchange.decisions.length} overheard=${exchange.overheard.length} troubles=${exchange.troubles.length}\n`,
    );
  }, 120_000);
  afterAll(() => exchange?.stop(), 60_000);

  it('gets one answer to each question, bound to it, and nobody else hears of it', () => {
    expect(exchange.troubles).toEqual([]);
    const requests = exchange.answers.flatMap(({ request }) => request ?? []);
    expect([exchange.asked.length, requests.length, new Set(requests).size]).toEqual([QUESTIONS, QUESTIONS, QUESTIONS]);
    expect(exchange.overheard.map(({ claims }) => claims.event.id)).toEqual([plain]);
    for (const { whole, record } of exchange.answers)
      expect([whole, record]).toEqual([true, JSON.parse(PERSON.toString('utf8'))]);
  });

  it('brings each proposal to the owner and the decision back, under one correlation', () => {
    const correlation = ({ record }: { record: object }) => (record as { correlation: string }).correlation;
    const proposed = exchange.corrections.map(correlation);
    expect(new Set(proposed).size).toBe(PROPOSALS);
    expect(exchange.decisions.map(correlation).sort()).toEqual([...proposed].sort());
    expect(
      exchange.decisions.every(({ op, record }) => op === 'updated' && (record as { state?: string }).state === 'accepted'),
    ).toBe(true);
  });

  it('leaves evidence of question, answer and proposal', async () => {
    const some = [exchange.asked, exchange.answers, exchange.corrections].flatMap((all) => all.slice(0, 5));
    expect(await Promise.all(some.map((one) => exchange.isLogged(one)))).toEqual(some.map(() => true));
  });

  it('answers questions in one HTTP call, with what is delivered as ever', async () => {
    const before = exchange.asked.length;
    const ask = async () => (await exchange.askOverHttp()).json() as Promise<HttpAnswer>;
    const answers: HttpAnswer[] = [];
    for (let i = 0; i < 40; i += 10) answers.push(...(await Promise.all(Array.from({ length: 10 }, ask))));
    const digests = exchange.asked.slice(before).map(({ record }) => requestDigest(record));
    expect(answers.map(({ request }) => request).sort()).toEqual([...digests].sort());
    expect(new Set(digests).size).toBe(40);
    expect(answers.every(({ record }) => JSON.stringify(record) === JSON.stringify(answers[0]?.record))).toBe(true);
    expect(answers[0]?.record).toEqual(JSON.parse(PERSON.toString('utf8')));
    await until(() => answers.every(({ jti }) => exchange.answers.some((delivered) => delivered.jti === jti)));
    const delivered = new Map(exchange.answers.map(({ jti, envelope }) => [jti as string, envelope.toString('latin1')]));
    expect(answers.map(({ jti }) => delivered.get(jti))).toEqual(answers.map(({ envelope }) => envelope));
    const alone = await exchange.askOverHttp(undefined, { accept: 'application/jose' });
    expect([alone.status, (await alone.text()).split('.').length]).toEqual([200, 3]);
  }, 60_000);

  it('says at once what is not agreed or not right, and what is too much', async () => {
    const before = exchange.asked.length;
    const problem = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
    const other = { identifier: 'x', purpose: 'another' };
    expect(await problem(await exchange.askOverHttp(other))).toEqual([403, 'QUESTION_NOT_AGREED']);
    const foreign = await exchange.askOverHttp(undefined, { path: '/v1/questions/vehicle.vehicle' });
    expect(await problem(foreign)).toEqual([403, 'QUESTION_NOT_AGREED']);
    const malformed = { identifier: 1, purpose: 'test' };
    expect(await problem(await exchange.askOverHttp(malformed))).toEqual([422, 'QUESTION_REJECTED']);
    expect(exchange.asked.length).toBe(before);

    const gone = new AbortController();
    const silent = { identifier: SILENCE, purpose: 'test' };
    const path = `/v1/questions/${TYPE}?wait=8`;
    const waiting = Array.from({ length: AT_ONCE }, () => exchange.askOverHttp(silent, { path, signal: gone.signal }));
    const left = Promise.allSettled(waiting);
    await until(() => exchange.unanswered.length === AT_ONCE);
    const refused = await exchange.askOverHttp();
    expect([...(await problem(refused)), refused.headers.get('retry-after')]).toEqual([429, 'QUESTION_TOO_MANY', '1']);
    gone.abort();
    await left;
    let free = await exchange.askOverHttp();
    for (let i = 0; i < 50 && free.status === 429; i++) {
      await pause(50);
      free = await exchange.askOverHttp();
    }
    expect(free.status).toBe(200);
    exchange.unanswered.splice(0);
  }, 60_000);

  it('leads to an answer that comes late, and to one that an adapter was killed before', async () => {
    const silent = { identifier: SILENCE, purpose: 'test' };
    const late = await exchange.askOverHttp(silent, { path: `/v1/questions/${TYPE}?wait=1` });
    const place = late.headers.get('location') ?? '';
    expect([late.status, (await exchange.read(place)).status]).toEqual([504, 404]);
    await until(() => exchange.unanswered.length === 1);
    exchange.answerLate();
    const found = await exchange.read(`${place}&wait=10`);
    expect([found.status, ((await found.json()) as HttpAnswer).record]).toEqual([200, JSON.parse(PERSON.toString('utf8'))]);

    const named = { ...silent, id: randomUUID() };
    const before = exchange.answers.length;
    const broken = exchange.askOverHttp(named).then(
      ({ status }) => status,
      () => 'broken',
    );
    await until(() => exchange.unanswered.length === 1);
    await exchange.killAdapter();
    expect(await broken).toBe('broken');
    exchange.answerLate();
    await until(() => exchange.answers.length > before);
    const again = await exchange.askOverHttp(named);
    const answer = (await again.json()) as HttpAnswer;
    expect([again.status, answer.request]).toEqual([200, requestDigest({ ...named, about: TYPE })]);
    const times = exchange.asked.filter(({ record }) => (record as { id?: string }).id === named.id);
    expect([times.length, exchange.troubles]).toEqual([1, []]);
  }, 60_000);
});

/** What an adapter answers to a question. */
interface HttpAnswer {
  readonly request: string;
  readonly jti: string;
  readonly record: object;
  readonly envelope: string;
}
