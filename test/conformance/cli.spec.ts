import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { generateSealingKey, present, publishedKey, salter, seal, sealDisclosable, softwareSigner } from '#envelope';
import type { MemberId } from '#record';
import { sealInput } from '#testkit';

const KHIDI = resolve('apps/cli/bin/khidi.js');
let folder: string;
let envelope: string;
let forged: string;
let disclosable: string;
let partly: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-cli-'));
  const iss = 'GE/GOV/0001' as MemberId;
  const key = generateSealingKey(new Date(Date.now() - 60_000));
  const sealer = { iss, signer: softwareSigner(key), salt: salter(Buffer.alloc(32, 7)) };
  const sealed = await seal(sealInput(), sealer, new Date());
  const withDisclosures = await sealDisclosable(sealInput(), sealer, new Date());
  if (!sealed.ok || !withDisclosures.ok) throw new Error('the fixture cannot be sealed');
  disclosable = withDisclosures.envelope.toString('latin1');
  partly = present(withDisclosures.envelope, (pointer) => pointer === '/record/birth').toString('latin1');
  envelope = sealed.envelope.toString('latin1');
  const [head = '', body = '', tail = ''] = envelope.split('.');
  const claims = Buffer.from(body, 'base64url').toString('utf8').replace('"updated"', '"created"');
  forged = `${head}.${Buffer.from(claims).toString('base64url')}.${tail}`;
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [publishedKey(key, iss)] }));
  writeFileSync(join(folder, 'one'), `${envelope}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `khidi` in a folder where there is no instance, with `input` on standard input. */
function khidi(args: readonly string[], input = ''): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env.PATH ?? '', KHIDI_STATE: join(folder, 'nowhere') };
  return spawnSync(process.execPath, [KHIDI, ...args], { cwd: folder, env, input, encoding: 'utf8' });
}

describe('khidi verify', () => {
  it('ends with 0 when all envelopes hold, from files and from a pipe', () => {
    expect(khidi(['verify', '--jwks', 'keys.json', 'one'])).toMatchObject({ status: 0, stderr: '1 read: 1 hold, 0 do not.\n' });
    expect(khidi(['verify', '--jwks', 'keys.json'], `${envelope}\n${envelope}`)).toMatchObject({ status: 0 });
  });

  it('checks envelopes with disclosures too, with all of them and with some', () => {
    expect(khidi(['verify', '--jwks', 'keys.json'], `${disclosable}\n${partly}\n`)).toMatchObject({ status: 0 });
    const { status, stdout } = khidi(['verify', '--jwks', 'keys.json'], `${partly.replace('~', '~WyJ4Il0~')}\n`);
    expect([status, stdout]).toEqual([1, expect.stringContaining('ENVELOPE_DISCLOSURE')]);
  });

  it('ends with 1 and names the fault of each that does not', () => {
    const { status, stdout } = khidi(['verify', '--jwks', 'keys.json', '-o', 'json'], `${envelope}\n${forged}\n${envelope} \n`);
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { ok: boolean; code?: string });
    expect({ status, answers: answers.map(({ ok, code }) => code ?? ok) }).toEqual({
      status: 1,
      answers: [true, 'ENVELOPE_SIGNATURE', 'ENVELOPE_GRAMMAR'],
    });
  });

  it('ends with 1 when there was nothing to verify', () => {
    expect(khidi(['verify', '--jwks', 'keys.json'])).toMatchObject({ status: 1, stderr: 'No envelope was read.\n' });
  });

  it('never shows anything of a record', () => {
    const { stdout, stderr } = khidi(['verify', '--jwks', 'keys.json', '-o', 'table'], `${envelope}\n${forged}\n`);
    expect(`${stdout}${stderr}`).not.toMatch(/01001099001|ნინო/);
  });

  it('ends with 2 when a file cannot be read or is no key set', () => {
    expect(khidi(['verify', '--jwks', 'keys.json', 'absent'])).toMatchObject({ status: 2 });
    expect(khidi(['verify', '--jwks', 'absent'])).toMatchObject({ status: 2 });
    expect(khidi(['verify', '--jwks', 'one'], envelope)).toMatchObject({ status: 2 });
  });

  it('ends with 3 when the keys cannot be reached', () => {
    expect(khidi(['verify', '--jwks', 'http://127.0.0.1:9/jwks.json'], envelope)).toMatchObject({ status: 3 });
  });
});

describe('khidi record validate', () => {
  const type = resolve('schemas/population/person/1.0.json');
  const person = resolve('schemas/population/person/examples/valid/from-ee.json');
  const lines = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { file: string; valid: boolean; faults: { code: string; pointer: string; keyword?: string }[] },
      );

  it('judges by a record type of the project or by a file, and ends with 0 only if all are valid', () => {
    expect(khidi(['record', 'validate', '--schema', type, person])).toMatchObject({ status: 0 });
    const { status, stdout } = khidi(['record', 'validate', '--type', 'population.person', person, '-'], '{"id":"EE-1"}');
    expect(status).toBe(1);
    expect(lines(stdout).map(({ file, valid }) => [file, valid])).toEqual([
      [person, true],
      ['-', false],
    ]);
    expect(lines(stdout)[1]?.faults).toContainEqual({ code: 'SCHEMA_VIOLATION', pointer: '/names', keyword: 'required' });
    expect(stdout).not.toContain('EE-1"');
  });

  it('judges by schemas that refer to each other, and by one that describes no record type', () => {
    writeFileSync(join(folder, 'code.json'), '{"type":"string","maxLength":2}');
    writeFileSync(join(folder, 'main.json'), '{"properties":{"country":{"$ref":"code.json"}}}');
    const judge = (input: string) => khidi(['record', 'validate', '--schema', 'main.json', '--schema', 'code.json', '-'], input);
    expect(judge('{"country":"GE"}')).toMatchObject({ status: 0, stdout: '{"file":"-","valid":true,"faults":[]}\n' });
    expect(lines(judge('{"country":"GEO"}').stdout)[0]?.faults).toEqual([
      { code: 'SCHEMA_VIOLATION', pointer: '/country', keyword: 'maxLength' },
    ]);
    expect(lines(judge('{"a":1,"a":2}').stdout)[0]?.faults).toEqual([{ code: 'JSON_DUPLICATE_MEMBER', pointer: '' }]);
    expect(khidi(['record', 'validate', '--schema', 'main.json', '-'], '{}')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('code.json'),
    });
  });

  it('judges withdrawals, which carry the identifier alone', () => {
    const judge = (input: string) => khidi(['record', 'validate', '--schema', type, '--withdrawn', '-'], input);
    expect(judge('{"id":"EE-79912310014"}')).toMatchObject({ status: 0 });
    expect(judge('{"id":"EE-79912310014","sex":"male"}')).toMatchObject({ status: 1 });
  });

  it('ends with 2 where it is not clear what to judge by', () => {
    for (const args of [[], ['--type', 'person'], ['--type', 'population.person', '--schema', type], ['--type', 'x.y']])
      expect(khidi(['record', 'validate', ...args, person])).toMatchObject({ status: 2 });
  });
});

describe('khidi schema generate', () => {
  it('makes records that the road accepts, the same ones for the same seed', () => {
    const args = ['schema', 'generate', '--type', 'permit.movement', '--samples', '3', '--seed', '7'];
    const { status, stdout } = khidi(args);
    expect([status, stdout.trim().split('\n').length]).toEqual([0, 3]);
    expect(khidi(args).stdout).toBe(stdout);
    for (const line of stdout.trim().split('\n'))
      expect(khidi(['record', 'validate', '--type', 'permit.movement', '-'], line)).toMatchObject({ status: 0 });
  });

  it('makes TypeScript types', () => {
    const { status, stdout } = khidi(['schema', 'generate', resolve('schemas/address/locality/1.0.json'), '--types']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/export interface Locality \{[\s\S]*position: /);
  });

  it('never fetches what a schema refers to', () => {
    writeFileSync(join(folder, 'remote.json'), '{"properties":{"a":{"$ref":"http://127.0.0.1:9/x.json"}}}');
    for (const what of ['--types', '--samples=1'])
      expect(khidi(['schema', 'generate', 'remote.json', what])).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('http://127.0.0.1:9/x.json'),
      });
  });
});

describe('the pipelines of docs/schemas-in-ci.md', () => {
  const commands = readFileSync(resolve('docs/schemas-in-ci.md'), 'utf8')
    .split('\n')
    .flatMap((line) => /^(?: +- |.* run: )(node .*khidi\.js"? .*)$/.exec(line)?.[1] ?? []);
  const run = (command: string, record: object) => {
    const place = mkdtempSync(join(folder, 'pipeline-'));
    mkdirSync(join(place, 'schemas'));
    mkdirSync(join(place, 'records'));
    symlinkSync(resolve('.'), join(place, 'khidi'));
    cpSync(resolve('schemas/population/person/1.1.json'), join(place, 'schemas', 'person.json'));
    cpSync(resolve('schemas/population/person/1.0.json'), join(place, 'schemas', 'person-1.0.json'));
    writeFileSync(join(place, 'records', 'one.json'), JSON.stringify(record));
    const env = { PATH: process.env.PATH ?? '', KHIDI: join(place, 'khidi') };
    return spawnSync('bash', ['-o', 'pipefail', '-c', command], { cwd: place, env, encoding: 'utf8' });
  };
  const person = JSON.parse(readFileSync(resolve('schemas/population/person/examples/valid/from-ee.json'), 'utf8')) as object;

  it.each(commands)('%s', (command) => {
    expect(run(command, person)).toMatchObject({ status: 0 });
    if (command.includes('validate')) expect(run(command, { ...person, id: 'EE-79912310015' })).toMatchObject({ status: 1 });
  });

  it('are two, with four commands each', () => expect(commands).toHaveLength(8));
});

describe('khidi explain', () => {
  it('knows each code and offers the nearest for another', () => {
    expect(khidi(['explain', 'ENVELOPE_SIGNATURE'])).toMatchObject({ status: 0, stdout: expect.stringContaining('what to do') });
    expect(khidi(['explain', 'envelope_signatur'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ENVELOPE_SIGNATURE'),
    });
  });

  it('ends well when its reader has seen enough', () => {
    const run = spawnSync('bash', ['-c', `set -o pipefail; "${process.execPath}" "${KHIDI}" explain | head -1`], {
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('CODE') });
  });
});

describe('khidi', () => {
  it('ends with 2 for a command that does not exist', () => {
    expect(khidi(['fly'])).toMatchObject({ status: 2 });
    expect(khidi(['consume'])).toMatchObject({ status: 2 });
  });

  it('ends with 3 and says how to start an instance where none runs', () => {
    expect(khidi(['status'])).toMatchObject({ status: 3, stderr: expect.stringContaining('npm run up') });
  });

  it('shows an example for every command', () => {
    for (const command of [
      'send',
      'outcomes',
      'consume',
      'verify',
      'record validate',
      'schema register',
      'schema generate',
      'schema list',
      'schema show',
      'key list',
      'key create',
      'key activate',
      'key retire',
      'key revoke',
      'key csr',
      'key import',
      'schema lint',
      'schema diff',
      'schema check',
      'status',
      'explain',
    ]) {
      expect(khidi([...command.split(' '), '--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('$ khidi') });
    }
  });
});
