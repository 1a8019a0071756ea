import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBundle } from '../../deploy/air-gap/make-bundle.js';

const run = (command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) =>
  spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
/** In a network namespace of its own there is not even a way to this machine. */
const isolated = run('unshare', ['-rn', 'true']).status === 0;

describe('when there is no network', () => {
  const place = mkdtempSync(join(tmpdir(), 'khidi-air-gap-'));
  const at = (...names: string[]) => join(place, ...names);

  beforeAll(async () => {
    run('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', at('private.pem')]);
    const kafkaJars = process.env.KHIDI_KAFKA_JARS ?? '.khidi/kafka/libs';
    const publicKey = await makeBundle({ to: at('bundle'), keyFile: at('private.pem'), kafkaJars, tell: () => undefined });
    writeFileSync(at('public.pem'), publicKey);
  }, 400_000);

  afterAll(() => rmSync(place, { recursive: true, force: true }));

  /** Without npm's own cache and settings: what is installed comes from the bundle or not at all. */
  const install = (target: string) => {
    const args = [at('bundle', 'install.sh'), at('public.pem'), at(target)];
    const env = { PATH: process.env.PATH ?? '', HOME: at('home'), npm_config_registry: 'http://127.0.0.1:1' };
    return isolated ? run('unshare', ['-rn', 'sh', ...args], { env }) : run('sh', args, { env });
  };

  it('installs from the bundle alone, and the commands work', () => {
    const { status, stderr } = install('installed');
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    const khidi = run(process.execPath, [at('installed', 'apps', 'cli', 'bin', 'khidi.js'), 'explain', 'SCHEMA_VIOLATION']);
    expect([khidi.status, khidi.stdout.startsWith('SCHEMA_VIOLATION')]).toEqual([0, true]);
    expect(existsSync(at('installed', '.khidi', 'kafka', 'libs'))).toBe(true);
    process.stdout.write(`air gap: network ${isolated ? 'namespace of its own' : 'not isolated, registry switched off'}\n`);
  }, 400_000);

  it('installs nothing that was changed or added, or signed by somebody else', () => {
    const sbom = readFileSync(at('bundle', 'sbom.cdx.json'));
    appendFileSync(at('bundle', 'sbom.cdx.json'), ' ');
    expect(install('changed')).toMatchObject({ status: 1, stderr: expect.stringContaining('not as it was signed') });
    writeFileSync(at('bundle', 'sbom.cdx.json'), sbom);
    writeFileSync(at('bundle', 'added'), 'x');
    expect(install('added')).toMatchObject({ status: 1, stderr: expect.stringContaining('nobody signed') });
    rmSync(at('bundle', 'added'));
    run('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', at('other.pem')]);
    run('openssl', ['pkey', '-in', at('other.pem'), '-pubout', '-out', at('public.pem')]);
    expect(install('foreign')).toMatchObject({ status: 1, stderr: expect.stringContaining('signature does not hold') });
    expect(['changed', 'added', 'foreign'].filter((target) => existsSync(at(target)))).toEqual([]);
  }, 120_000);
});
