import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { memberId, recordType } from '#record';
import { DASHBOARDS } from '../../deploy/grafana/dashboards.js';
import { plainQuery } from '../../deploy/grafana/plain-query.js';
import { BODIES } from '../flow/canary.js';
import { readOutcomes } from '../flow/reader.js';
import { httpHeaders } from '../instance/event-headers.js';
import { agencyOf, type Instance, startInstance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import { type RunningPrometheus, startPrometheus, targetsOf } from './prometheus-server.js';

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
  let prometheus: RunningPrometheus | undefined;
  let url: string;

  beforeAll(async () => {
    instance = await startInstance();
    const agency = agencyOf(instance, MEMBER);
    await registerSchema(instance, 'schemas/population/person/1.0.json', TYPE);
    prometheus = await startPrometheus(instance.folder, targetsOf(instance));
    url = prometheus.url;
    // A rate needs two scrapes, so what is counted must grow between them.
    for (let round = 0; round < 6; round++) {
      for (const [i, { body }] of BODIES.entries()) {
        await fetch(`${agency.adapter.url}/v1/events`, {
          method: 'POST',
          body,
          headers: httpHeaders(agency, { id: `round-${round}-${i}`, of: TYPE, time: '2099-12-31T00:00:00Z' }),
        });
      }
      await pause(5000); // the scrape interval of deploy/prometheus/prometheus.yml
    }
  }, 300_000);

  afterAll(async () => {
    prometheus?.stop();
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
