import { setTimeout as pause } from 'node:timers/promises';
import type { MemberId } from '#record';
import { TYPE } from './exchange.js';
import { PERSON, TwoWay } from './two-way.js';

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
});
