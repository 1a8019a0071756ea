import { EVIDENCE_TOPIC } from '#evidence';
import { decodeErased, HEADER, isErasure, type OutgoingRecord, type RecordType } from '#record';
import { memoryStream } from '#testkit';
import { readTopic } from '../read-topic.js';
import { eraseSubject } from './erase-subject.js';

const TYPE = 'population.person' as RecordType;
const HERS = 'A'.repeat(43);
const HIS = 'B'.repeat(43);
const INGRESS = 'ingress.GE-GOV-7001.population.person';
const TOPICS = [
  INGRESS,
  'validated.population.person',
  'sealed.population.person',
  'dead-letter.signing',
  'audit',
  EVIDENCE_TOPIC,
];
const ACT = { by: 'nino', why: 'file 12/2099', at: '2099-01-01T00:00:00Z' };

const origin = (offset: number) => ({ [HEADER.origin]: JSON.stringify({ ingress: `${INGRESS}/0/${offset}` }) });
const record = (topic: string, key: string, headers: OutgoingRecord['headers'] = {}): OutgoingRecord => ({
  ...{ topic, partition: 0, key, value: Buffer.from('a body'), headers },
});

/** One topic of each kind; her records have the keys `m1` and HERS, his `m2` and HIS. */
function road() {
  const topics = TOPICS.map((name) => ({ name, role: 'sealed' as const, partitions: 1, config: {} }));
  const client = memoryStream({ topics, messageMaxBytes: 1_000_000 });
  client.append(
    ...['m1', 'm2', 'm1'].map((key) => record(INGRESS, key)),
    record('validated.population.person', HERS, origin(0)),
    record('validated.population.person', HIS, origin(1)),
    record('sealed.population.person', HERS),
    record('sealed.population.person', HIS),
    record('dead-letter.signing', 'm1'),
    record('dead-letter.signing', HIS),
  );
  return client;
}

describe('when a subject is erased', () => {
  it('writes a tombstone for each key under which its bodies lie, and for nobody else', async () => {
    const client = road();
    const { act, bodies, places } = await eraseSubject(client, TYPE, HERS, ACT);
    expect(bodies).toBe(5); // twice as sent (one of them never validated), validated, sealed, dead
    const tombstones = (await Promise.all(TOPICS.map((topic) => readTopic(client, topic)))).flat().filter(isErasure);
    const names = tombstones.map(({ topic, key, headers }) => `${topic} ${String(key)} ${String(headers[HEADER.erasure])}`);
    expect(names.sort()).toEqual(
      [
        `${INGRESS} m1 ${act}`,
        `dead-letter.signing m1 ${act}`,
        `sealed.population.person ${HERS} ${act}`,
        `validated.population.person ${HERS} ${act}`,
      ].sort(),
    );
    expect(places).toHaveLength(4);
  });

  it('finds it under the pseudonyms that consumers have of their own, by the exchange', async () => {
    const topic = 'delivery.GE-GOV-7002-pensions.population.person';
    const outcomes = 'outcomes.GE-GOV-7001';
    const topics = ['sealed.population.person', topic, outcomes, INGRESS, 'validated.population.person', 'audit'].map((name) => ({
      name,
      role: 'sealed' as const,
      partitions: 1,
      config: {},
    }));
    const client = memoryStream({ topics, messageMaxBytes: 1_000_000 });
    const exchange = (id: string) => ({ [HEADER.source]: '/GE/GOV/7001/base-registry', [HEADER.id]: id });
    const own = (key: string, id: string) =>
      record(topic, key, { ...exchange(id), [HEADER.ownSubject]: `urn:khidi:population:${key}` });
    const [herOwn, hisOwn] = ['C'.repeat(43), 'D'.repeat(43)];
    client.append(
      record(INGRESS, 'm1'),
      record('validated.population.person', HERS, { ...origin(0), ...exchange('e0') }),
      record('sealed.population.person', HERS, exchange('e1')),
      record('sealed.population.person', HIS, exchange('e2')),
      own(herOwn, 'e1'),
      own(hisOwn, 'e2'),
    );
    const { places } = await eraseSubject(client, TYPE, HERS, ACT);
    expect(places.map(({ topic, key }) => `${topic} ${String(key)}`).sort()).toEqual([
      `${topic} ${herOwn}`,
      `${INGRESS} m1`,
      `sealed.population.person ${HERS}`,
      `validated.population.person ${HERS}`,
    ]);
    // Her agency's adapter is told which exchanges and which of its own keys were hers.
    const told = (await readTopic(client, outcomes)).map(({ value }) => decodeErased(value));
    expect(told).toEqual([{ exchanges: ['/GE/GOV/7001/base-registry e1', '/GE/GOV/7001/base-registry e0'], keys: ['m1'] }]);
  });

  it('says so in the audit, without the subject', async () => {
    const client = road();
    const { act } = await eraseSubject(client, TYPE, HERS, ACT);
    const lines = (await readTopic(client, 'audit')).map(({ value }) => String(value));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kind: 'override', action: `erase ${act}`, subject: TYPE, why: ACT.why });
    expect(lines[0]).not.toContain(HERS);
  });

  it('writes nothing where there is nothing', async () => {
    const client = road();
    expect(await eraseSubject(client, TYPE, 'C'.repeat(43), ACT)).toMatchObject({ bodies: 0, places: [] });
    expect(await readTopic(client, 'audit')).toEqual([]);
  });
});
