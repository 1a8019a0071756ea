import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createMetrics } from '#telemetry';
import { DASHBOARDS } from './dashboards.js';
import { grafanaJson } from './panel.js';
import { plainQuery } from './plain-query.js';
import { namesIn } from './query-names.js';

const FOLDER = join('deploy', 'grafana', 'dashboards');
const ALL = Object.values(DASHBOARDS);
const QUERIES = ALL.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries));
/** Labels that Prometheus or its discovery gives to every series (deploy/local/prometheus.ts). */
const TARGET_LABELS = ['job', 'instance', 'service', 'member'];
const PROMETHEUS = { up: TARGET_LABELS, ALERTS: ['alertname', 'alertstate', 'severity'] };
/** Of prom-client's own metrics, those that our dashboards show. */
const PROCESS = { process_resident_memory_bytes: TARGET_LABELS, nodejs_eventloop_lag_p99_seconds: TARGET_LABELS };

/** The labels of every series that may be asked for. */
async function known(): Promise<ReadonlyMap<string, readonly string[]>> {
  const series = (await createMetrics('docs').declared()).flatMap(({ name, type, labels }): [string, string[]][] => {
    const all = [...labels, ...TARGET_LABELS];
    if (type !== 'histogram') return [[name, all]];
    return [
      [`${name}_bucket`, [...all, 'le']],
      [`${name}_sum`, all],
      [`${name}_count`, all],
    ];
  });
  const rules = readFileSync(join('deploy', 'prometheus', 'rules.yml'), 'utf8');
  const recorded = [...rules.matchAll(/record: (\S+)/g)].map(([, name = '']): [string, string[]] => [
    name,
    [name.split(':')[0] ?? ''],
  ]);
  return new Map<string, readonly string[]>([...series, ...recorded, ...Object.entries({ ...PROMETHEUS, ...PROCESS })]);
}

describe('the dashboards', () => {
  it('lie as JSON beside what they are made from (UPDATE_PAGES=yes writes them)', () => {
    const files = Object.entries(DASHBOARDS).map(([name, dashboard]) => [`${name}.json`, grafanaJson(dashboard)] as const);
    if (process.env.UPDATE_PAGES === 'yes') for (const [name, json] of files) writeFileSync(join(FOLDER, name), json);
    expect(readdirSync(FOLDER).sort()).toEqual(files.map(([name]) => name).sort());
    for (const [name, json] of files) expect(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))).toEqual(JSON.parse(json)); // the house's formatter has its say
  });

  it('ask only for metrics and labels that there are', async () => {
    const series = await known();
    for (const { expr } of QUERIES) {
      const { asked, grouped } = namesIn(plainQuery(expr));
      const there = asked.flatMap(({ metric }) => series.get(metric) ?? []);
      expect([expr, asked.filter(({ metric }) => !series.has(metric))]).toEqual([expr, []]);
      expect([expr, asked.flatMap(({ metric, labels }) => labels.filter((one) => !series.get(metric)?.includes(one)))]).toEqual([
        expr,
        [],
      ]);
      expect([expr, grouped.filter((label) => !there.includes(label))]).toEqual([expr, []]);
    }
    expect(QUERIES.length).toBeGreaterThan(40);
  });

  it('name in legends only labels that their query keeps', async () => {
    const series = await known();
    for (const { expr, legend } of QUERIES) {
      const { grouped, asked } = namesIn(plainQuery(expr));
      const kept = grouped.length > 0 ? grouped : asked.flatMap(({ metric }) => series.get(metric) ?? []);
      const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect([expr, named.filter((label) => !kept.includes(label))]).toEqual([expr, []]);
    }
  });

  it('offer only choices that a query uses, and use none that they do not offer', () => {
    for (const { choices, panels } of ALL) {
      const text = JSON.stringify(panels).replaceAll('$__rate_interval', '');
      const used = [...new Set([...text.matchAll(/\$(\w+)/g)].map(([, name = '']) => name))].sort();
      expect(used).toEqual(choices.map(({ name }) => name).sort());
    }
  });

  it('fit on a page without overlapping', () => {
    for (const dashboard of ALL) {
      const { panels } = JSON.parse(grafanaJson(dashboard)) as {
        panels: { gridPos: { x: number; y: number; w: number; h: number } }[];
      };
      const taken = new Set<string>();
      for (const { gridPos } of panels)
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(x).toBeLessThan(24);
            expect(taken.has(`${x} ${y}`)).toBe(false);
            taken.add(`${x} ${y}`);
          }
    }
  });

  const promtool = spawnSync('promtool', ['--version']).error === undefined;
  if (!promtool)
    process.stdout.write('skipped: promtool is not installed (Debian package prometheus), so no dashboard query is parsed\n');
  (promtool ? it : it.skip)("hold queries that Prometheus's own parser understands", () => {
    const folder = mkdtempSync(join(tmpdir(), 'khidi-grafana-'));
    const rules = QUERIES.map(({ expr }, i) => ({ record: `query:${i}`, expr: plainQuery(expr) }));
    writeFileSync(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', join(folder, 'rules.yml')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true, force: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('the provisioning files', () => {
  it('lead Grafana to Prometheus and to the folder of dashboards', () => {
    const read = (file: string): unknown => parse(readFileSync(join('deploy', 'grafana', 'provisioning', file), 'utf8'));
    expect(read('datasources/prometheus.yaml')).toMatchObject({ apiVersion: 1, datasources: [{ type: 'prometheus' }] });
    expect(read('dashboards/khidi.yaml')).toMatchObject({ apiVersion: 1, providers: [{ type: 'file' }] });
  });
});

describe('the reader of names', () => {
  it('finds a misspelt metric and a label that is not there', () => {
    expect(namesIn('sum by (a, le) (rate(khidi_x_bucket{b="1", c=~"x|y"}[5m])) / on (a) other > 0')).toEqual({
      asked: [
        { metric: 'khidi_x_bucket', labels: ['b', 'c'] },
        { metric: 'other', labels: [] },
      ],
      grouped: ['a', 'le', 'a'],
    });
    expect(() => namesIn('a @ b')).toThrow('not understood');
  });
});
