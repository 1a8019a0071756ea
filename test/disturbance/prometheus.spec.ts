import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import getPort from 'get-port';
import { memberId, recordType } from '#record';
import { DASHBOARDS } from '../../deploy/grafana/dashboards.js';
import { plainQuery } from '../../deploy/grafana/plain-query.js';
import { BODIES } from '../flow/canary.js';
import { readOutcomes } from '../flow/reader.js';
import { agencyOf, type Instance, startInstance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import type { ServiceProcess } from '../instance/service-process.js';

const TYPE = recordType('population.person')!;
const MEMBER = memberId('GE/GOV/7003')!;
const QUERIES = [
  ...new Set(Object.values(DASHBOARDS).flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)))),
];
/** What a healthy instance without witnesses and heartbeat has no series of. */
const TROUBLE = /_retries_|_failures_|dead_letters|_refused_|khidi_ready == 0|_witness_|_duplicate_|_heartbeat_/;

const installed = spawnSync('prometheus', ['--version']).error === undefined;
if (!installed) process.stdout.write('skipped: prometheus is not installed (Debian package prometheus)\n');

(installed ? describe : describe.skip)('when a running Prometheus scrapes the real services', () => {
  let instance: Instance;
  let prometheus: ChildProcess;
  let url: string;

  beforeAll(async () => {
    instance = await startInstance();
    const agency = agencyOf(instance, MEMBER);
    await registerSchema(instance, 'schemas/population/person/1.0.json', TYPE);
    url = await startPrometheus(instance, (process) => {
      prometheus = process;
    });
    // A rate needs two scrapes, so what is counted must grow between them.
    for (let round = 0; round < 6; round++) {
      for (const [i, { body }] of BODIES.entries()) {
        await fetch(`${agency.adapter.url}/v1/events`, {
          method: 'POST',
          body,
          headers: {
            authorization: agency.authorization,
            'content-type': 'application/json',
            'ce-specversion': '1.0',
            'ce-id': `round-${round}-${i}`,
            'ce-source': agency.source,
            'ce-type': `${TYPE}.created`,
            'ce-time': '2099-12-31T00:00:00Z',
            'ce-dataschema': `urn:khidi:schema:${TYPE}:1`,
          },
        });
      }
      await pause(5000); // the scrape interval of deploy/prometheus/prometheus.yml
    }
  }, 300_000);

  afterAll(async () => {
    prometheus?.kill('SIGTERM');
    await instance?.stop();
  }, 60_000);

  it('answers every query of every dashboard, and finds something for all that ask for more than trouble', async () => {
    expect((await readOutcomes(instance, agencyOf(instance, MEMBER))).length).toBeGreaterThan(0);
    const empty: string[] = [];
    for (const expr of QUERIES) {
      const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: plainQuery(expr) }).toString()}`);
      const { status, data } = (await answer.json()) as { status: string; data?: { result: unknown[] } };
      expect([expr, status]).toEqual([expr, 'success']);
      if (data?.result.length === 0) empty.push(expr);
    }
    process.stdout.write(`queries=${QUERIES.length} empty=${empty.length}\n`);
    expect(empty.filter((expr) => !TROUBLE.test(expr))).toEqual([]);
  });

  it('has all services as targets, and evaluates every rule without a mistake', async () => {
    const { data } = (await (await fetch(`${url}/api/v1/targets`)).json()) as { data: { activeTargets: { health: string }[] } };
    expect(data.activeTargets.map(({ health }) => health)).toEqual(Array.from({ length: 7 }, () => 'up'));
    const rules = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
      data: { groups: { rules: { name: string; health: string }[] }[] };
    };
    const all = rules.data.groups.flatMap((group) => group.rules);
    expect(all.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(all.length).toBeGreaterThan(15);
  });
});

/** With the project's own config, in which only the file that names the targets is another. */
async function startPrometheus(instance: Instance, keep: (process: ChildProcess) => void): Promise<string> {
  const folder = join(instance.folder, 'prometheus');
  mkdirSync(folder);
  const service = (kind: string, { url, command }: ServiceProcess, member?: string) => ({
    targets: [new URL(url).host],
    labels: { service: kind, instance: command.name, ...(member === undefined ? {} : { member }) },
  });
  const targets = [
    service('schema-registry', instance.registry),
    service('validation', instance.validation),
    service('signing', instance.signing),
    service('ledger', instance.ledger),
    ...instance.agencies.map(({ adapter, member }) => service('agency-adapter', adapter, member.id)),
  ];
  writeFileSync(join(folder, 'targets.json'), JSON.stringify(targets));
  const config = readFileSync('deploy/prometheus/prometheus.yml', 'utf8')
    .replace('../../.khidi/prometheus-targets.json', join(folder, 'targets.json'))
    .replace('rules.yml', resolve('deploy/prometheus/rules.yml'));
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const port = await getPort();
  const args = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  keep(spawn('prometheus', args, { stdio: 'ignore' }));
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 60_000; ; await pause(200)) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined); // not listening yet
    if (answer?.ok === true) return url;
    if (Date.now() > end) throw new Error('prometheus did not become ready');
  }
}
