import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { present, seal, sealDisclosable } from '#envelope';
import { SEALED_AT, sealInput, testIssuer } from '#testkit';

/** What its own README shows, at the moment at which fixtures are sealed, and on two files. */
const README = readFileSync('deploy/verifier/README.md', 'utf8');
const EXAMPLE = /```js\n(.*?)```/s.exec(README)?.[1] ?? '';

let folder: string;
const run = (command: string, args: readonly string[], cwd = join(folder, 'empty')) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-package-'));
  const tarball = run(process.execPath, [resolve('dist/deploy/verifier/pack.js'), join(folder, 'package')], folder).trim();
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{"name":"empty","version":"1.0.0","type":"module","private":true}');
  run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball]);
  const issuer = testIssuer();
  const sealed = await seal(sealInput(), issuer.sealer, SEALED_AT);
  if (!sealed.ok) throw new Error('the fixture cannot be sealed');
  writeFileSync(join(empty, 'jwks.json'), JSON.stringify({ keys: [issuer.published] }));
  writeFileSync(join(empty, 'envelope.jws'), sealed.envelope);
  const [head, , tail] = sealed.envelope.toString().split('.');
  writeFileSync(join(empty, 'forged.jws'), `${head}.${Buffer.from('{}').toString('base64url')}.${tail}`);
  const hidden = await sealDisclosable(sealInput(), issuer.sealer, SEALED_AT);
  if (!hidden.ok) throw new Error('the fixture cannot be sealed');
  writeFileSync(
    join(empty, 'presented.sd-jwt'),
    present(hidden.envelope, (place) => place === '/record/given'),
  );
  const at = EXAMPLE.replace('new Date()', `new Date('${SEALED_AT.toISOString()}')`);
  writeFileSync(join(empty, 'holds.js'), at);
  writeFileSync(join(empty, 'refused.js'), at.replace('envelope.jws', 'forged.jws'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('when an agency installs the verifier and nothing else of ours', () => {
  it('installs one package without dependencies', () => {
    const { packages } = JSON.parse(readFileSync(join(folder, 'empty', 'package-lock.json'), 'utf8')) as { packages: object };
    expect(Object.keys(packages)).toEqual(['', 'node_modules/khidi-verifier']);
  });

  it('verifies an envelope as its README shows, and ticks every check', () => {
    const lines = run(process.execPath, ['holds.js']).trim().split('\n');
    expect(lines[0]).toMatch(/^GE\/GOV\/0001 [\w-]{43} population\.person\.updated$/);
    expect(lines.slice(1)).toHaveLength(21);
    expect(lines.slice(1).filter((line) => !/^(held|not asked) /.test(line))).toEqual([]);
  });

  it('refuses a forged one with its fault', () => {
    expect(run(process.execPath, ['refused.js'])).toMatch(/^ENVELOPE_KEY_ISSUER/);
  });

  it('verifies an envelope of which it was given one field only', () => {
    writeFileSync(
      join(folder, 'empty', 'disclosed.js'),
      `import { readFileSync } from 'node:fs';
import { readKeySet, verifyDisclosed } from 'khidi-verifier';
const keys = readKeySet(JSON.parse(readFileSync('jwks.json', 'utf8')));
const result = verifyDisclosed(readFileSync('presented.sd-jwt'), { keys, now: new Date('${SEALED_AT.toISOString()}') });
console.log(JSON.stringify(result.ok ? [Object.keys(result.claims.record), result.whole] : result.fault));
`,
    );
    expect(run(process.execPath, ['disclosed.js']).trim()).toBe('[["given"],false]');
  });

  it('has types that a strict project takes', () => {
    const empty = join(folder, 'empty');
    writeFileSync(
      join(empty, 'use.ts'),
      `import { readKeySet, type Verification, verify } from 'khidi-verifier';
export const check = (bytes: Uint8Array, jwks: unknown): Verification => verify(bytes, { keys: readKeySet(jwks), now: new Date() });
export const code = (result: Verification): string => (result.ok ? result.claims.iss : result.fault.code);
`,
    );
    const options = {
      strict: true,
      module: 'nodenext',
      target: 'ES2022',
      noEmit: true,
      typeRoots: [resolve('node_modules/@types')],
    };
    const compilerOptions = { ...options, types: ['node'], exactOptionalPropertyTypes: true };
    writeFileSync(join(empty, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    expect(run(process.execPath, [resolve('node_modules/typescript7/bin/tsc'), '-p', empty])).toBe('');
  });
});
