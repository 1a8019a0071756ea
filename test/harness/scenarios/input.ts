import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingressTopic, memberId } from '#record';
import { Ledger } from '../../flow/ledger.js';
import { parcel } from '../../flow/parcels.js';
import { brew, POISON } from '../../flow/poison.js';
import { type Parcel, sendAll } from '../../flow/sender.js';
import { agencyOf } from '../../instance/instance.js';
import { type Road, TYPE } from '../road.js';
import type { Scenario, Tools } from '../scenario.js';

const MEMBER = memberId('GE/GOV/7001')!;
const SUBJECTS = 20;
let runs = 0;

/** Changes of subjects that nobody else sends. */
function ownParcels({ instance }: Road, { subject }: Tools): readonly Parcel[] {
  runs += 1;
  const agency = agencyOf(instance, MEMBER);
  return Array.from({ length: SUBJECTS }, (_, i) => parcel(agency, subject + runs * SUBJECTS + i, 1));
}

const allDelivered = ({ observer }: Road, parcels: readonly Parcel[]): boolean => {
  const out = new Set(observer.delivered.map(({ event }) => event));
  return parcels.every(({ sent }) => out.has(sent.event));
};

/** How many of the parcels were called so. */
const toldOf = ({ observer }: Road, kind: string, parcels: readonly Parcel[]): number => {
  const told = new Set(observer.told.flatMap((one) => (one.kind === kind ? [`${one.source} ${one.id}`] : [])));
  return parcels.filter(({ sent }) => told.has(sent.event)).length;
};

const withLine = (one: Parcel, change: (line: string) => string): Parcel => ({
  ...one,
  line: Buffer.from(change(one.line.toString('utf8'))),
});

export const INPUT: readonly Scenario[] = [
  {
    name: 'poison',
    faults: [15],
    what: 'every kind of bad input, written past the door among sound records: one refusal each, with the right code',
    stage: 'plain',
    async disturb({ instance, observer }, { tell, until, wrong }) {
      const topic = ingressTopic(MEMBER, TYPE);
      const publisher = instance.client.publisher({ recordBytes: 2 * 1024 * 1024 });
      runs += 1;
      tell(`${POISON.length} kinds of bad input`);
      const positions: string[] = [];
      for (const [i, poison] of POISON.entries()) {
        const id = `poison-${runs}-${i}`;
        const [at] = await publisher.publish([{ topic, key: id, partition: 0, ...brew(poison, id) }]);
        positions.push(`${topic}/${at?.partition}/${at?.offset}`);
        observer.aside.add(positions.at(-1) ?? '');
      }
      await publisher.close();
      const answers = () => observer.told.filter(({ ingress }) => positions.includes(ingress));
      await until('each has an answer', () => answers().length >= POISON.length);
      for (const [i, { name, faults }] of POISON.entries()) {
        const found = answers().filter(({ ingress }) => ingress === positions[i]);
        const codes = [...new Set(found.flatMap((one) => one.faults?.map(({ code }) => code) ?? [one.kind]))].sort();
        if (found.length !== 1 || codes.join() !== [...new Set(faults)].sort().join())
          wrong(`${name} is answered ${found.length} times: ${codes.join(', ')}`);
      }
    },
  },
  {
    name: 'sent-again',
    faults: [21],
    what: 'ids that were delivered are sent again: with the same content a duplicate, with other content a conflict, and neither comes out',
    stage: 'plain',
    async disturb(road, tools) {
      const agency = agencyOf(road.instance, MEMBER);
      const parcels = ownParcels(road, tools);
      await sendAll(agency, parcels, tools.ledger);
      await tools.until('they are delivered', () => allDelivered(road, parcels));
      tools.tell(`${parcels.length} ids again, with the same content`);
      await sendAll(agency, parcels, tools.ledger);
      await tools.until('they are called duplicates', () => toldOf(road, 'duplicate', parcels) === parcels.length);
      tools.tell(`${parcels.length} ids again, with other content`);
      const scratch = new Ledger(join(road.instance.folder, 'other-content'));
      await sendAll(
        agency,
        parcels.map((one) => withLine(one, (line) => line.replace('Change 1', 'Another 1'))),
        scratch,
      );
      scratch.close();
      await tools.until('they are called conflicts', () => toldOf(road, 'conflict', parcels) === parcels.length);
    },
  },
  {
    name: 'schema-change',
    faults: [20],
    what: 'a new version of the schema is registered while records are on their way: each keeps to the version that it names',
    stage: 'plain',
    async disturb(road, tools) {
      const { instance, observer } = road;
      const agency = agencyOf(instance, MEMBER);
      const before = ownParcels(road, tools);
      await sendAll(agency, before, tools.ledger);
      const version = await registerNext(road, tools);
      tools.tell(`version ${version} is registered`);
      const after = ownParcels(road, tools).map((one) =>
        withLine(one, (line) => line.replace(/locality:1"/, `locality:${version}"`)),
      );
      await sendAll(agency, after, tools.ledger);
      await tools.until('all are delivered', () => allDelivered(road, [...before, ...after]));
      const named = (parcels: readonly Parcel[]) => new Set(parcels.map(({ sent }) => observer.schemas.get(sent.event)));
      const [old, young] = [named(before), named(after)];
      if (old.size !== 1 || ![...old][0]?.startsWith('1 ')) tools.wrong(`records of version 1 say ${[...old].join('; ')}`);
      if (young.size !== 1 || ![...young][0]?.startsWith(`${version} `)) tools.wrong(`the others say ${[...young].join('; ')}`);
    },
  },
];

/** Registers the schema with one more member that may be there, and gives its version. */
async function registerNext({ instance }: Road, { wrong }: Tools): Promise<number> {
  const schema = JSON.parse(readFileSync('schemas/address/locality/1.0.json', 'utf8')) as { properties: object };
  const more = { [`note${runs}`]: { title: 'Note', description: 'A note.', type: 'string', maxLength: 20 } };
  const text = JSON.stringify({ ...schema, properties: { ...schema.properties, ...more } });
  const url = `${instance.registry.url}/subjects/${TYPE}/versions`;
  const headers = { authorization: instance.registryAuthorization, 'content-type': 'application/vnd.schemaregistry.v1+json' };
  const body = JSON.stringify({ schemaType: 'JSON', schema: text });
  const answer = await fetch(url, { method: 'POST', headers, body });
  if (!answer.ok) wrong(`the registry answers ${answer.status} ${await answer.text()}`);
  const versions = (await (await fetch(url, { headers })).json()) as number[];
  return Math.max(...versions);
}
