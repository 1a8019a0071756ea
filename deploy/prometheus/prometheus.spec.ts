import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics } from '#telemetry';

const FOLDER = join('deploy', 'prometheus');
const RULES = readFileSync(join(FOLDER, 'rules.yml'), 'utf8');
const TESTS = readFileSync(join(FOLDER, 'rules.test.yml'), 'utf8');
const named = (pattern: RegExp, text: string): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();
const ALERTS = named(/alert: (\w+)/g, RULES);

const promtool = spawnSync('promtool', ['--version']).error === undefined;
if (!promtool)
  process.stdout.write(
    'skipped: promtool is not installed (Debian package prometheus), so the scrape config and the rules are not checked\n',
  );

(promtool ? describe : describe.skip)('what promtool says', () => {
  const promtoolSays = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  };

  it('accepts the scrape config and the rules that it names', () => {
    const said = promtoolSays('check', 'config', join(FOLDER, 'prometheus.yml'));
    expect(said).toEqual({
      status: 0,
      said: expect.stringContaining(`${ALERTS.length + (RULES.match(/- record: /g) ?? []).length} rules found`),
    });
  });

  it('accepts the one for a cluster, but for its discovery, which Debian builds without', () => {
    const folder = mkdtempSync(join(tmpdir(), 'khidi-prometheus-'));
    try {
      const config = readFileSync(join(FOLDER, 'kubernetes.yml'), 'utf8');
      const discovery = /kubernetes_sd_configs:\n +- role: pod\n/;
      expect(config).toMatch(discovery);
      writeFileSync(join(folder, 'rules.yml'), RULES);
      writeFileSync(join(folder, 'kubernetes.yml'), config.replace(discovery, 'static_configs: []\n'));
      expect(promtoolSays('check', 'config', join(folder, 'kubernetes.yml'))).toMatchObject({ status: 0 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('sees each alert stay silent and fire', () => {
    expect(promtoolSays('test', 'rules', join(FOLDER, 'rules.test.yml'))).toEqual({
      status: 0,
      said: expect.stringContaining('SUCCESS'),
    });
  });
});

describe('the alerts', () => {
  it('each have a test', () => {
    expect(named(/alertname: (\w+)/g, TESTS)).toEqual(ALERTS);
  });

  it('each have a section in the runbook, and nothing else has', () => {
    const page = readFileSync(join('docs', 'runbooks', 'alerts.md'), 'utf8');
    expect(named(/^## (\w+)$/gm, page)).toEqual(ALERTS);
    expect(named(/runbook_url: docs\/runbooks\/alerts\.md#(\w+)/g, RULES)).toEqual(
      ALERTS.map((name) => name.toLowerCase()).sort(),
    );
  });

  it('ask only for metrics that there are', async () => {
    const declared = new Set((await createMetrics('docs').declared()).map(({ name }) => name));
    const asked = named(
      /\b(khidi_[a-z_]+?)(?:_bucket|_count)?(?=[{[\s)])/g,
      RULES.replaceAll(/(record|alert|summary|description|runbook_url): .*/g, ''),
    );
    expect(asked.filter((name) => !declared.has(name))).toEqual([]);
    expect(asked.length).toBeGreaterThan(10);
  });
});
