import { setTimeout as pause } from 'node:timers/promises';
import { decodeOutcomes, ingressTopic, memberId, type Outcome, outcomesTopic, recordType } from '#record';
import { Gauges } from '../instance/gauges.js';
import { type Instance, startInstance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import { brew, POISON, type Poison } from './poison.js';
import { readSealed, readWhole } from './reader.js';

const LOCALITY = recordType('address.locality')!;
const PERSON = recordType('population.person')!;
const MEMBER = memberId('GE/GOV/7001')!;
const SOUND: Poison = { name: 'a sound neighbour', faults: [] };

describe('when an agency writes bad input to its ingress topic', () => {
  let instance: Instance;
  let outcomes: readonly Outcome[] = [];
  let sealed: readonly string[] = [];
  /** The ingress position of each poison, in the order of the table. */
  let positions: readonly string[] = [];

  beforeAll(async () => {
    instance = await startInstance();
    await registerSchema(instance, 'schemas/address/locality/1.0.json', LOCALITY);
    await registerSchema(instance, 'schemas/population/person/1.0.json', PERSON);
    const publisher = instance.client.publisher({ recordBytes: 2 * 1024 * 1024 });
    const topic = ingressTopic(MEMBER, LOCALITY);
    const write = (poison: Poison, id: string) => publisher.publish([{ topic, key: id, partition: 0, ...brew(poison, id) }]);
    const written: string[] = [];
    for (const [i, poison] of POISON.entries()) {
      const [position] = await write(poison, `poison-${i}`);
      written.push(`${topic}/${position?.partition}/${position?.offset}`);
      await write(SOUND, `neighbour-${i}`);
    }
    positions = written;
    await publisher.close();
    const expected = POISON.length * 2;
    for (let tries = 0; tries < 30; tries++) {
      const read = await readWhole(instance, outcomesTopic(MEMBER));
      outcomes = read.flatMap((record) => [...(decodeOutcomes(record.value) ?? [])]);
      if (outcomes.length >= expected) break;
      await pause(1000);
    }
    sealed = (await readSealed(instance, LOCALITY)).filter((one) => one.digest !== undefined).map((one) => one.event);
  }, 240_000);

  afterAll(() => instance?.stop(), 60_000);

  it.each(POISON.map((poison, i) => [poison.name, poison, i] as const))(
    'answers %s with one rejection that names it',
    (_name, poison, i) => {
      const answers = outcomes.filter((outcome) => outcome.ingress === positions[i]);
      expect(answers.map((answer) => answer.kind)).toEqual(['rejected']);
      const codes = new Set(answers[0]?.faults?.map((fault) => fault.code));
      expect([...codes].sort()).toEqual([...new Set(poison.faults)].sort());
      expect(answers[0]?.faults?.length).toBeGreaterThanOrEqual(poison.faults.length);
    },
  );

  it('moves on: every neighbour is sealed, and nothing else is', () => {
    expect([...sealed].sort()).toEqual(POISON.map((_, i) => `/GE/GOV/7001/base-registry neighbour-${i}`).sort());
  });

  it('says so in the metrics', async () => {
    const gauges = await Gauges.of(instance.validation);
    expect(gauges.sum('khidi_records_rejected_total', 'fault="JSON_TOO_DEEP"')).toBe(2);
  });
});
