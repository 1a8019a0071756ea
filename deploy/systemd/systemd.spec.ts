import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requiredBy, SERVICES, variablesOf } from '../settings/all-settings.js';

const FOLDER = join('deploy', 'systemd');
const UNITS = readdirSync(FOLDER).filter((file) => file.endsWith('.service'));
const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8');
const all = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].map(([, found = '']) => found);
const serviceOf = (unit: string) => unit.replace(/^khidi-|@?\.service$/g, '');
/** Of Node, not of Khidi. */
const NOT_OURS = ['NODE_ENV', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'];
/** An agency's own: they stand in the file of its instance, /etc/khidi/agency-adapter-<instance>.env. */
const BY_FILE = ['KHIDI_MEMBER'];

const found = spawnSync('systemd-analyze', ['--version']).error === undefined;
if (!found)
  process.stdout.write('skipped: systemd-analyze is not installed (Debian package systemd), so the units are not verified\n');

(found ? describe : describe.skip)('what systemd says', () => {
  it('verifies every unit without a word', () => {
    const folder = mkdtempSync(join(tmpdir(), 'khidi-units-'));
    try {
      // Where Node lies is the machine's business.
      for (const unit of UNITS) writeFileSync(join(folder, unit), read(unit).replaceAll('/usr/bin/node', process.execPath));
      const files = UNITS.map((unit) => join(folder, unit));
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' });
      expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the units', () => {
  it('are one for each service', () => {
    expect(UNITS.map(serviceOf).sort()).toEqual(Object.keys(SERVICES).sort());
  });

  it.each(UNITS)('%s sets only what its service reads, and all that it must have', (unit) => {
    const set = all(/^Environment=([A-Z_]+)=/gm, read(unit));
    const known = variablesOf(serviceOf(unit));
    expect(set.filter((name) => !known.includes(name) && !NOT_OURS.includes(name))).toEqual([]);
    expect(requiredBy(serviceOf(unit)).filter((name) => !set.includes(name) && !BY_FILE.includes(name))).toEqual([]);
  });

  it.each(UNITS)('%s starts a program that the build makes, as npm run up starts it', (unit) => {
    const [, flag, program = ''] = /^ExecStart=\/usr\/bin\/node (\S+) \/opt\/khidi\/dist\/(\S+)\.js/m.exec(read(unit)) ?? [];
    expect([flag, existsSync(`${program}.ts`)]).toEqual(['--enable-source-maps', true]);
    expect(read(unit)).toContain('\nEnvironment=NODE_ENV=production\n');
  });

  it.each(UNITS)('%s has a user that khidi.sysusers makes, and keeps its secrets out of the environment', (unit) => {
    const [user = ''] = all(/^User=(\S+)$/gm, read(unit));
    expect(all(/^u (\S+) /gm, read('khidi.sysusers'))).toContain(user);
    expect(read(unit)).not.toMatch(/^Environment=\w*(PASSPHRASE|PIN)=/m);
  });

  it.each(UNITS)('%s speaks TLS at its door with a certificate of its own, and knows who signs those of others', (unit) => {
    const own = serviceOf(unit).replace('agency-adapter', 'agency-adapter-%i');
    const set = all(/^Environment=(KHIDI_HTTP_CERT=.*|KHIDI_HTTP_KEY=.*|NODE_EXTRA_CA_CERTS=.*)$/gm, read(unit));
    expect(set).toEqual([
      `KHIDI_HTTP_CERT=/etc/khidi/http/${own}.pem`,
      `KHIDI_HTTP_KEY=/etc/khidi/http/${own}.key`,
      'NODE_EXTRA_CA_CERTS=/etc/khidi/http/ca.pem',
    ]);
    expect(read(unit)).not.toContain('http://');
  });

  it('are hardened alike', () => {
    const hardening = (unit: string) => /^NoNewPrivileges[\s\S]*?^UMask=\d+$/m.exec(read(unit))?.[0];
    expect(new Set(UNITS.map(hardening)).size).toBe(1);
    expect(hardening(UNITS[0] ?? '')).toContain('ProtectSystem=strict');
  });
});
