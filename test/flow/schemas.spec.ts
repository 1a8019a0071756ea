import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { decodeOutcomes, ingressTopic, type Outcome, outcomesTopic, recordType, schemaUrn } from '#record';
import type { Publisher, Tail } from '#stream';
import { type Agency, type Instance, startInstance } from '../instance/instance.js';

const LOCALITY = recordType('address.locality')!;
const SCHEMA = readFileSync('schemas/address/locality/1.0.json', 'utf8');
const RECORD = Buffer.from(
  '{"id":"GE/1 flow","name":"A place","country":"GE","position":{"latitude":"41.7","longitude":"44.8"}}',
);
const SECONDS = 30;

interface Version {
  readonly id: number;
  readonly guid: string;
  readonly version: number;
}

describe('when what the registry says changes while records are on their way', () => {
  let instance: Instance;
  let agency: Agency;
  let publisher: Publisher;
  let tail: Tail;
  let first: Version;
  const outcomes = new Map<string, Outcome>();

  const ask = async (method: string, path: string, body?: object): Promise<Version> => {
    const headers = { authorization: instance.registryAuthorization, 'content-type': 'application/json' };
    const answer = await fetch(`${instance.registry.url}${path}`, { method, headers, body: JSON.stringify(body) ?? null });
    if (!answer.ok) throw new Error(`${path} is answered ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Version;
  };
  const register = (schema: string) => ask('POST', `/subjects/${LOCALITY}/versions`, { schemaType: 'JSON', schema });

  /** Writes one record as an agency's own serializer would, and waits for its outcome. */
  async function send(id: string, value: Buffer, headers: Readonly<Record<string, Buffer | string>>): Promise<[string, string?]> {
    const event = {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: agency.source,
      ce_type: `${LOCALITY}.created`,
      ce_time: '2099-01-01T00:00:00Z',
    };
    const topic = ingressTopic(agency.member.id, LOCALITY);
    await publisher.publish([{ topic, key: id, partition: 0, value, headers: { ...event, ...headers } }]);
    for (const end = Date.now() + SECONDS * 1000; !outcomes.has(id) && Date.now() < end; ) await pause(10);
    const { kind = 'nothing', faults = [] } = outcomes.get(id) ?? {};
    return faults.length === 0 ? [kind] : [kind, faults[0]?.code ?? ''];
  }

  const byName = (id: string, version: number) =>
    send(id, RECORD, { ce_dataschema: schemaUrn(LOCALITY, version), 'content-type': 'application/json' });

  beforeAll(async () => {
    instance = await startInstance();
    agency = instance.agencies[0]!;
    first = await register(SCHEMA);
    publisher = instance.client.publisher();
    tail = await instance.client.tail(outcomesTopic(agency.member.id), { fromOffset: 'earliest' }, (records) => {
      for (const { value } of records) for (const one of decodeOutcomes(value) ?? []) outcomes.set(one.id ?? '', one);
    });
  }, 120_000);

  afterAll(async () => {
    await tail?.stop();
    await publisher?.close();
    await instance?.stop();
  }, 60_000);

  it('takes the records of stock serializers: an id before the value, or a GUID in a header', async () => {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(first.id, 1);
    expect(await send('by-prefix', Buffer.concat([prefix, RECORD]), {})).toEqual(['sealed']);
    const guid = Buffer.concat([Buffer.from([1]), Buffer.from(first.guid.replaceAll('-', ''), 'hex')]);
    expect(await send('by-guid', RECORD, { __value_schema_id: guid })).toEqual(['sealed']);
  }, 90_000);

  it('judges by a new version within two seconds, without a restart, and refuses a retired one by its own fault', async () => {
    const began = performance.now();
    const { version } = await register(JSON.stringify({ ...(JSON.parse(SCHEMA) as object), $comment: 'second' }));
    expect(await byName('new-version', version)).toEqual(['sealed']);
    process.stdout.write(`schemas: from registering to sealed ${Math.round(performance.now() - began)} ms\n`);
    expect(performance.now() - began).toBeLessThan(2000);
    await ask('DELETE', `/subjects/${LOCALITY}/versions/${version}`);
    expect(await byName('retired', version)).toEqual(['rejected', 'SCHEMA_RETIRED']);
  }, 90_000);

  it('tells what real records say of a candidate, and who publishes the subject', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'khidi-traffic-'));
    const parsed = JSON.parse(SCHEMA) as { readonly required: readonly string[]; readonly properties: object };
    const properties = { ...parsed.properties, name: { type: 'string', maxLength: 3 } };
    writeFileSync(join(folder, 'same.json'), SCHEMA);
    writeFileSync(join(folder, 'narrow.json'), JSON.stringify({ ...parsed, properties }));
    const check = (file: string) =>
      execa(
        process.execPath,
        [
          ...'apps/cli/bin/khidi.js schema check --against traffic -o json --last 2 --brokers'.split(' '),
          instance.brokers,
        ].concat('--type', LOCALITY, join(folder, file)),
        { reject: false },
      );
    const same = await check('same.json');
    expect([same.exitCode, JSON.parse(same.stdout)]).toMatchObject([0, { records: 2, failing: 0, faults: [] }]);
    const narrow = await check('narrow.json');
    expect([narrow.exitCode, JSON.parse(narrow.stdout)]).toMatchObject([
      1,
      { records: 2, failing: 2, faults: [{ code: 'SCHEMA_VIOLATION', pointer: '/name', keyword: 'maxLength', records: 2 }] },
    ]);
    expect(narrow.stdout).not.toContain('A place');
    rmSync(folder, { recursive: true, force: true });
    const impact = (await (await fetch(`${instance.registry.url}/subjects/${LOCALITY}/impact`)).json()) as {
      publishers: { member: string; records: number }[];
    };
    expect(impact.publishers).toEqual([{ member: agency.member.id, records: expect.any(Number) }]);
    process.stdout.write(`schemas: impact ${JSON.stringify(impact)}\n`);
  }, 90_000);

  it('goes on with what is known while the registry is away', async () => {
    await instance.registry.stop();
    expect(await byName('registry-away', 1)).toEqual(['sealed']);
    expect(await byName('never-registered', 99)).toEqual(['rejected', 'SCHEMA_UNKNOWN']);
  }, 90_000);
});
