import { jtiOf } from '#envelope';
import { HEADER } from '#record';
import { deadLetter, type TopicPlan } from '#stream';
import { createLogger } from '#telemetry';
import { memoryMarks, memoryStream, validatedRecord } from '#testkit';
import { followBuriedLater } from './buried-later.js';

const PLAN: TopicPlan = {
  messageMaxBytes: 1_000_000,
  topics: ['signing', 'ledger'].map((service) => ({
    ...{ name: `dead-letter.${service}`, role: 'dead-letter', partitions: 1, config: {} },
  })),
};

const record = validatedRecord();
const text = (name: string) => String(record.headers[name]);
const jti = jtiOf(text(HEADER.source), text(HEADER.id));
const ingress = String(JSON.parse(text(HEADER.origin)).ingress);
const [topic = '', partition = '', offset = ''] = ingress.split('/');
const ours = { jti, mac: 'content', position: { topic, partition: Number(partition), offset } };
const later = { ...ours, position: { ...ours.position, offset: `${offset}9` } };

async function given() {
  const stream = memoryStream(PLAN);
  const marks = memoryMarks();
  const parts = { client: stream, marks, log: createLogger('validation', 'fatal') };
  const give = (...records: ReturnType<typeof deadLetter>[]) =>
    stream.append(...records.map((one) => ({ ...one, key: String(one.key), headers: one.headers as Record<string, Buffer> })));
  return { marks, give, follow: () => followBuriedLater(parts), close: () => stream.close() };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('when signing gives up a record that was accepted here', () => {
  it('forgets its id, so that the next try of the agency is judged anew', async () => {
    const { marks, give, follow, close } = await given();
    await marks.mark([ours]);
    expect(await marks.mark([later])).toEqual(['duplicate']);
    await follow();
    give(deadLetter('signing', record, 'SEAL_INPUT'));
    await until(() => marks.values.size === 0);
    expect(await marks.mark([later])).toEqual(['new']);
    await close();
  });

  it.each([
    [0, ingress],
    [1, `${ingress}9`],
    [1, undefined],
  ])('or the ledger, of a record that says where it came in (%s stay marked)', async (left, where) => {
    const { marks, give, follow, close } = await given();
    const earlier = validatedRecord({ [HEADER.origin]: undefined, [HEADER.ingress]: where });
    const last = { ...ours, jti: jtiOf(text(HEADER.source), 'event-2') };
    await marks.mark([ours, last]);
    await follow();
    give(deadLetter('ledger', earlier, 'ENVELOPE_KEY_STATUS'));
    give(deadLetter('ledger', validatedRecord({ [HEADER.id]: 'event-2', [HEADER.ingress]: ingress }), 'ENVELOPE_KEY_STATUS'));
    await until(() => marks.values.size <= 1);
    expect(marks.values.size).toBe(left);
    await close();
  });

  it('leaves an id alone that another try has marked since, also when everything is read again', async () => {
    const { marks, give, follow, close } = await given();
    const other = validatedRecord({ [HEADER.id]: 'event-2' });
    const last = { ...ours, jti: jtiOf(text(HEADER.source), 'event-2') };
    await marks.mark([later, last]);
    give(deadLetter('signing', record, 'SEAL_INPUT'), deadLetter('signing', other, 'SEAL_INPUT'));
    await follow();
    await until(() => marks.values.size === 1);
    expect(await marks.mark([later])).toEqual(['repeat']);
    await close();
  });

  it('waits while Redis is away, and passes over what is no record of ours', async () => {
    const { marks, give, follow, close } = await given();
    await marks.mark([ours]);
    marks.away = true;
    for (const origin of ['', '{', 'null', '{"ingress":"a/b"}', undefined])
      give(deadLetter('signing', validatedRecord({ [HEADER.origin]: origin }), 'SEAL_INPUT'));
    give(deadLetter('signing', record, 'STREAM_DEFECT'));
    await follow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    marks.away = false;
    await until(() => marks.values.size === 0);
    await close();
  });
});
