import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const CONFIG = join('deploy', 'prometheus', 'prometheus.yml');
const promtool = spawnSync('promtool', ['--version']).error === undefined;
if (!promtool)
  process.stdout.write('skipped: promtool is not installed (Debian package prometheus), so the scrape config is not checked\n');

(promtool ? describe : describe.skip)('the scrape config', () => {
  it('is one that Prometheus accepts', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', CONFIG], { encoding: 'utf8' });
    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
  });
});
