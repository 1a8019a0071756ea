import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULTS, FaultError } from '#faults';
import { callerSecretFile, type Instance } from '#settings';
import type { Load } from '../commands/loads.js';
import { writeSupportBundle } from './bundle.js';
import { CHECKS } from './checks.js';
import { judgeDelivery } from './delivery.js';
import { examine } from './examine.js';
import { type Check, type Patient, well } from './finding.js';
import { judgeLoads, lookAtLoads } from './loads.js';
import { judgeDisk, judgeFiles, judgeMemory, judgeNode } from './machine.js';
import { samplesOf } from './samples.js';
import { judgeCertificates } from './services.js';
import { judgeLag, judgeSettings } from './stream.js';
import { judgeAge, judgeExpiry, judgeWitnesses } from './trust.js';

const GIB = 1024 ** 3;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PORT_OF_NOBODY = 1;
const patient = (change: Partial<Instance> = {}): Patient => ({
  folder,
  now: () => new Date('2099-01-01T00:00:00Z'),
  instance: {
    version: 1,
    brokers: [`127.0.0.1:${PORT_OF_NOBODY}`],
    redisUrl: `redis://:Geheimwort@127.0.0.1:${PORT_OF_NOBODY}`,
    membersFile: 'deploy/local/members.json',
    topicsFile: 'deploy/kafka/topics.json',
    secretsFolder: join(folder, 'secrets'),
    services: [],
    ports: {},
    ...change,
  },
});
const signing = (): Instance['services'][number] => ({
  name: 'signing',
  kind: 'signing',
  url: `http://127.0.0.1:${PORT_OF_NOBODY}`,
  log: join(folder, 'signing.log'),
  process: { pid: 7, started: '12' },
  fingerprint: 'f',
});

describe('when nothing runs at all', () => {
  it('still says of each thing what to do next, and stays well where it can be', async () => {
    const findings = await examine(CHECKS, patient({ services: [signing()] }));
    const ill = findings.filter(({ condition }) => condition === 'ill' || condition === 'unknown');
    expect(ill.map(({ check }) => check).sort()).toEqual(
      [
        'broker',
        'clock',
        'dead letters',
        'delivery',
        'keys',
        'lag',
        'log',
        'redis',
        'retention',
        'schemas',
        'services/signing',
        'topic settings',
        'topics',
      ].sort(),
    );
    expect(findings.filter(({ condition, next }) => condition !== 'well' && next === undefined)).toEqual([]);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'node', condition: 'well' }));
    expect(JSON.stringify(findings)).not.toContain('Geheimwort');
  }, 60_000);
});

describe('when one check fails', () => {
  const sound: Check = { name: 'sound', otherwise: '', look: () => [well('sound', 'fine')] };

  it('leaves the others to be seen, and tells of an exception nothing but its class', async () => {
    const broken: Check = {
      name: 'broken',
      otherwise: 'Look by hand.',
      look: () => {
        throw new SyntaxError('Unexpected token in "Nino Canary"');
      },
    };
    expect(await examine([broken, sound], patient())).toEqual([
      { check: 'broken', condition: 'unknown', seen: 'could not be looked at (SyntaxError)', next: 'Look by hand.' },
      { check: 'sound', condition: 'well', seen: 'fine' },
    ]);
  });

  it('tells a fault of ours with its next step', async () => {
    const missing: Check = {
      name: 'topics',
      otherwise: '',
      look: () => Promise.reject(new FaultError('STREAM_TOPIC_MISSING', 'evidence does not exist')),
    };
    const [finding] = await examine([missing], patient());
    expect(finding).toMatchObject({ condition: 'ill', next: expect.stringContaining('topics.json') });
    expect(finding?.seen).toContain('evidence does not exist');
  });

  it('does not wait for ever', async () => {
    const silent: Check = { name: 'silent', otherwise: 'Ask again.', look: () => new Promise(() => undefined) };
    expect(await examine([silent, sound], patient(), 20)).toMatchObject([{ condition: 'unknown', next: 'Ask again.' }, {}]);
  });
});

describe('what is seen is judged', () => {
  it.each([
    [judgeNode('20.20.0'), 'well'],
    [judgeNode('20.19.9'), 'ill'],
    [judgeNode('22.1.0'), 'well'],
    [judgeDisk(0.5 * GIB), 'ill'],
    [judgeDisk(2 * GIB), 'watch'],
    [judgeDisk(50 * GIB), 'well'],
    [judgeFiles(0, 0), 'well'],
    [judgeFiles(1, 100), 'watch'],
    [judgeMemory(GIB / 4, 8 * GIB), 'watch'],
    [judgeLag('signing', [{ topic: 'a', partition: 0, end: '9', lag: 9 }]), 'well'],
    [judgeLag('signing', [{ topic: 'a', partition: 0, end: '99999', lag: 99_999 }]), 'watch'],
    [judgeAge({ name: 'k', labels: { purpose: 'sealing' }, value: 86_400 * 400 }), 'watch'],
    [judgeExpiry('k', 1_000_000_000, new Date(999_000_000_000)), 'watch'],
    [judgeExpiry('k', 1_000_000_000, new Date(1_000_000_001_000)), 'ill'],
  ])('%j', (finding, condition) => {
    expect(finding.condition).toBe(condition);
  });

  it('names the topic that keeps its records for another time than planned, and what mends it', () => {
    expect(judgeSettings(9, [])).toEqual([
      { check: 'topic settings', condition: 'well', seen: '9 topics have those of the plan' },
    ]);
    expect(judgeSettings(9, [{ topic: 'sealed.x', setting: 'retention.ms', is: '-1', planned: '100' }])).toEqual([
      {
        check: 'topic settings/sealed.x',
        condition: 'ill',
        seen: 'retention.ms is -1 instead of 100',
        next: 'khidi topics ensure --alter gives it the setting of the plan.',
      },
    ]);
  });

  it('names the witness that is silent, beside a quorum that holds', () => {
    const page = 'khidi_log_witness_cosigned{witness="w/1",service="ledger"} 1\nkhidi_log_witness_cosigned{witness="w/2"} 0\n';
    expect(judgeWitnesses(page, 7, 7).map(({ check, condition }) => [check, condition])).toEqual([
      ['witnesses', 'well'],
      ['witnesses/w/2', 'watch'],
    ]);
    expect(judgeWitnesses(page, 7, undefined)[0]?.condition).toBe('ill');
    expect(judgeWitnesses('', 7, undefined)[0]?.condition).toBe('watch');
  });

  it('names the service whose certificate for Kafka ends soon or is over', () => {
    const now = new Date('2099-01-01T00:00:00Z');
    const at = (name: string, days: number) => ({ name, value: now.getTime() / 1000 + days * 86_400 });
    expect(judgeCertificates([at('signing', 300), at('ledger', 40)], now)).toEqual([
      { check: 'certificates', condition: 'well', seen: '2 for Kafka, the first ends in 40 days' },
    ]);
    const bad = judgeCertificates([at('signing', 300), at('ledger', 13), at('delivery', -1)], now);
    expect(bad.map(({ check, condition }) => [check, condition])).toEqual([
      ['certificates/ledger', 'watch'],
      ['certificates/delivery', 'ill'],
    ]);
  });

  it('names the consumer that is behind, waits or does not answer, and what waits at the desk', () => {
    const lane = 'consumer="GE/GOV/7003/maps",record_type="address.locality"';
    const page = (behind: number, flag: number, open: number) =>
      [
        `khidi_delivery_lag_records{${lane}} ${behind}`,
        `khidi_delivery_waits{${lane}} ${flag}`,
        `khidi_webhook_circuit_open{${lane}} ${flag}`,
        `khidi_dead_letters_open{given_up_by="delivery"} ${open}`,
      ].join('\n');
    expect(judgeDelivery(page(12, 0, 0)).map(({ check, condition }) => [check, condition])).toEqual([
      ['lag/delivery', 'well'],
      ['dead letters', 'well'],
    ]);
    const ill = judgeDelivery(page(10_000, 1, 2));
    expect(ill.map(({ check, condition }) => [check, condition])).toEqual([
      ['lag/delivery', 'watch'],
      ['delivery/GE/GOV/7003/maps/address.locality', 'watch'],
      ['webhook/GE/GOV/7003/maps/address.locality', 'watch'],
      ['dead letters', 'watch'],
    ]);
    expect(ill[3]?.seen).toBe('2 of delivery are open');
  });

  describe('of initial loads', () => {
    const lane = { consumer: 'GE/GOV/7003/maps', type: 'address.locality' };
    const loading = (left: number, more: object = {}) => ({ ...lane, state: 'loading' as const, load: 'l1', left, ...more });
    const seenOf = (before: Load, after: Load) => judgeLoads([before], [after]).map(({ seen, next }) => [seen, next]);

    it('names one that waits with what its fault asks for, and one that does not get on', () => {
      const waits = loading(9, { waits: 'DELIVERY_KEY_MISSING' });
      expect(judgeLoads([waits], [waits])).toEqual([
        {
          check: 'loads/GE/GOV/7003/maps/address.locality',
          condition: 'watch',
          seen: '9 offsets before its end, waits: DELIVERY_KEY_MISSING',
          next: FAULTS.DELIVERY_KEY_MISSING.next,
        },
      ]);
      expect(seenOf(loading(9), loading(9))).toEqual([
        ['9 offsets before its end, and does not get on', expect.stringContaining('khidideliverybehind')],
      ]);
      expect(seenOf(loading(9), loading(9, { waits: 'OF_TOMORROW' }))[0]?.[1]).toBe('See docs/faults.md for OF_TOMORROW.');
    });

    it('is content with one that gets on, that waited or began meanwhile, and with those that are complete', () => {
      const complete = { ...lane, state: 'complete' as const, load: 'l1', at: 'x', through: 9 };
      expect(seenOf(loading(9), loading(4))).toEqual([['0 complete, 1 under way', undefined]]);
      expect(seenOf(loading(9, { waits: 'DELIVERY_QUOTA' }), loading(9))).toEqual([['0 complete, 1 under way', undefined]]);
      expect(seenOf(loading(9), loading(9, { load: 'l2' }))).toEqual([['0 complete, 1 under way', undefined]]);
      expect(seenOf(loading(9), complete)).toEqual([['1 complete, 0 under way', undefined]]);
    });

    it('asks delivery as the operator, and once more while one is under way', async () => {
      const answers = [loading(9), loading(9)];
      const proofs: unknown[] = [];
      const server = createServer(({ headers }, response) => {
        proofs.push(headers.authorization);
        response.end(JSON.stringify({ loads: [answers.shift()] }));
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const one = patient({ services: [{ ...signing(), name: 'delivery', kind: 'delivery', url }] });
      mkdirSync(join(folder, 'secrets'));
      writeFileSync(callerSecretFile(join(folder, 'secrets'), 'delivery', 'operator-1'), 'Geheimwort\n');
      const found = await lookAtLoads(one, 1);
      server.close();
      expect(found.map(({ condition }) => condition)).toEqual(['watch']);
      expect(proofs).toEqual(Array(2).fill(`Basic ${Buffer.from('operator-1:Geheimwort').toString('base64')}`));
    });
  });

  it('reads labels and values of a metrics page', () => {
    expect(samplesOf('# HELP a b\na{x="1",y="q\\"z"} 2.5\na 3\nab 4', 'a')).toEqual([
      { name: 'a', labels: { x: '1', y: 'q"z' }, value: 2.5 },
      { name: 'a', labels: {}, value: 3 },
    ]);
  });
});

describe('the support bundle', () => {
  const CANARIES = [
    '01001099001',
    'ნინო',
    'Nino Canary',
    'nino@example.org',
    '+995 599 12 34 56',
    'hunter2-hunter2',
    'Geheimwort',
    'eyJhbGci',
  ];
  const EVENT = { level: 'info', time: '2099-01-01T00:00:00.000Z', service: 'signing', pid: 7 };

  it('holds findings and log events, and none of what was planted in logs, findings and secrets', async () => {
    mkdirSync(join(folder, 'secrets'));
    writeFileSync(join(folder, 'secrets', 'officer.secret'), 'hunter2-hunter2\n');
    writeFileSync(join(folder, 'secrets', 'callers.json'), JSON.stringify({ user: ['sha-256:hashOfASecretThatIsLong'] }));
    const lines = [
      { ...EVENT, event: 'sealed', count: 3, offset: '12' },
      {
        ...EVENT,
        event: 'unforeseen',
        record: 'Nino Canary',
        person: { id: '01001099001' },
        detail: 'for 01001099001 or +995 599 12 34 56',
      },
      {
        ...EVENT,
        event: 'ნინო calls',
        detail: 'redis://:Geheimwort@h nino@example.org eyJhbGci.eyJzdWIi.c2ln',
        why: 'hunter2-hunter2',
      },
      { ...EVENT, event: 'x', why: 'sha-256:hashOfASecretThatIsLong' },
    ];
    const crash = 'SyntaxError: Unexpected token in "Nino Canary"';
    writeFileSync(join(folder, 'signing.log'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n${crash}\n`);
    const finding = { check: 'redis', condition: 'ill', seen: 'redis://:Geheimwort@h does not answer', next: 'x' } as const;

    const file = join(folder, 'support.json');
    await writeSupportBundle(file, [finding], patient({ services: [signing()] }));

    const text = readFileSync(file, 'utf8');
    expect([...CANARIES, 'hashOfASecret'].filter((canary) => text.includes(canary))).toEqual([]);
    const bundle = JSON.parse(text) as { findings: unknown[]; services: { log: { lines: unknown[]; leftOut: object } }[] };
    expect(bundle.findings).toHaveLength(1);
    expect(bundle.services[0]?.log.lines[0]).toEqual({ ...EVENT, event: 'sealed', count: 3, offset: '12' });
    expect(bundle.services[0]?.log.leftOut).toEqual({ lines: 1, fields: 2 });
    await expect(writeSupportBundle(file, [], patient())).rejects.toMatchObject({ status: 2 });
  });
});
