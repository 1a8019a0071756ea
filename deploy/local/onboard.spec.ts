import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileCustody } from '#custody';
import { readCallersFile } from '#http';
import { configurationAnchorFile, readMembers, Secret } from '#settings';
import { program } from '../../apps/cli/src/program.js';
import { DirectoryUnderTest } from '../../apps/directory/src/directory.fixture.js';
import { demoAgreements, demoPurpose } from './demo-agreements.js';
import { ensureAnchor, onboard } from './onboard.js';
import { callersFile, passphraseFile, secretsFolder } from './secrets.js';

jest.setTimeout(120_000); // keys are opened slowly on purpose, and a machine may be busy
const membership = readMembers('deploy/local/members.json');
let folder: string;
let secrets: string;
let test: DirectoryUnderTest;
let directory: Awaited<ReturnType<DirectoryUnderTest['start']>>;

/** A directory in memory with the files that `npm run up` makes around it. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-onboard-'));
  secrets = secretsFolder(folder);
  const passphrase = passphraseFile(secrets);
  await ensureAnchor(folder, secrets, membership);
  test = new DirectoryUnderTest({
    custody: new FileCustody(join(folder, 'keys', 'directory'), new Secret(readFileSync(passphrase, 'utf8').trim())),
    anchorFile: configurationAnchorFile(secrets),
    callers: readCallersFile(callersFile(secrets, 'directory', ['officer-1', 'officer-2'])),
    now: () => new Date(),
  });
  directory = await test.start();
  const service = { name: 'directory', kind: 'directory', url: directory.url, log: 'x', process: { pid: 1, started: 'x' } };
  const files = { membersFile: 'x', topicsFile: 'x', secretsFolder: secrets };
  const instance = {
    version: 1,
    brokers: ['x'],
    redisUrl: 'x',
    ...files,
    ports: {},
    services: [{ ...service, fingerprint: 'x' }],
  };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(instance));
});
afterAll(async () => {
  await test.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command of the CLI in this process; gives its answer and its status. */
async function khidi(...args: readonly string[]): Promise<readonly [string, number]> {
  const texts: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation(((text: string, done?: () => void) => {
    texts.push(text);
    done?.();
    return true;
  }) as typeof process.stdout.write);
  const told = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    await program().parseAsync([...args, '--state', folder], { from: 'user' });
    return [texts.join(''), Number(process.exitCode ?? 0)];
  } finally {
    process.exitCode = undefined;
    write.mockRestore();
    told.mockRestore();
  }
}

describe('when the demonstration members are let in', () => {
  it('does it once, with the signatures of all sides', async () => {
    const told: string[] = [];
    const once = () => onboard(directory.url, secrets, membership, (line) => told.push(line));
    expect(await once()).toBe('3 members take part, 2 agreements between them');
    const { version } = directory.opened();
    expect(await once()).toBe('3 members take part, 2 agreements between them');
    expect([directory.opened().version, told.length]).toEqual([version, 6]);
    expect([...directory.opened().members.values()].map(({ state }) => state)).toEqual(['approved', 'approved', 'approved']);
    expect((await khidi('purpose', 'list'))[0]).toContain(demoPurpose.id);
    expect((await khidi('agreement', 'list'))[0].match(/in force/g)).toHaveLength(demoAgreements(membership).length);
  });

  it('finishes what was cut off between the steps', async () => {
    const fourth = { ...membership.members[0], id: 'GE/GOV/7004', name: 'D', subsystems: ['GE/GOV/7004/desk'] } as never;
    await khidi('member', 'invite', 'GE/GOV/7004', '--name', 'D', '--why', 'a test');
    await onboard(directory.url, secrets, { ...membership, members: [fourth] }, () => undefined);
    expect((await khidi('member', 'list'))[0]).toMatch(/GE\/GOV\/7004 +D +national +approved/);
  });
});

describe('when a member uses the CLI', () => {
  const id = 'GE/GOV/7005';
  const terms = () => ({
    ...{ id: 'lent', version: 1, provider: id, consumer: 'GE/GOV/7002/base-registry', type: 'population.person' },
    ...{ purpose: demoPurpose.id, fields: ['/id'], quota: { records: 10, per: 'day' }, origin: 'topic', retention: 'P1M' },
    ...{ from: '2026-01-01T00:00:00Z', until: '2036-01-01T00:00:00Z', pseudonym: 'registry', encryption: 'none' },
  });
  const asked = ['--consumer', 'GE/GOV/7002/base-registry', '--provider', id, '--type', 'population.person'];
  const request = [...asked, '--purpose', demoPurpose.id];

  it('joins by an invitation and is approved by a second officer', async () => {
    const [invitation] = await khidi('member', 'invite', id, '--name', 'E', '--contact', 'desk=e@agency.invalid', '--why', 'x');
    const file = join(folder, 'invitation.txt');
    writeFileSync(file, invitation);
    const joined = await khidi('member', 'join', id, '--invitation-file', file, '--system', 'desk=https://e.example/in');
    expect(joined[0]).toMatch(/^GE\/GOV\/7005 is joined with key /);
    await expect(khidi('member', 'approve', id, '--why', 'x')).rejects.toThrow('DIRECTORY_FOUR_EYES');
    expect(await khidi('member', 'approve', id, '--as', 'officer-2', '--why', 'x')).toEqual([`${id} is approved.\n`, 0]);
  });

  it('proposes, accepts and ends an agreement, and everybody sees what that permits', async () => {
    const file = join(folder, 'terms.json');
    writeFileSync(file, JSON.stringify(terms()));
    expect(await khidi('policy', 'test', ...request)).toEqual([
      'refused POLICY_PROVIDER_DIFFERS POLICY_CLASSIFICATION_UNKNOWN\n',
      1,
    ]);
    expect((await khidi('agreement', 'propose', file, '--as', id))[0]).toContain('waits for the signature of the consumer');
    await expect(khidi('agreement', 'accept', 'lent', '--as', id)).rejects.toThrow('AGREEMENT_STATE');
    expect((await khidi('agreement', 'accept', 'lent', '--as', 'GE/GOV/7002'))[0]).toContain('is accepted by both sides');
    const decided = await khidi('policy', 'explain', ...request, '--agreement', 'lent');
    expect(decided).toEqual([expect.stringContaining('POLICY_CLASSIFICATION_UNKNOWN: '), 1]);
    expect((await khidi('agreement', 'show', 'lent', '--as-of', '2026-02-01T00:00:00Z'))[0]).toContain('No version was in force');
    expect((await khidi('agreement', 'show', 'lent'))[0]).toMatch(/1 +in force/);
    expect((await khidi('agreement', 'revoke', 'lent', '--as', 'GE/GOV/7002', '--why', 'ended'))[0]).toBe('lent is revoked.\n');
    expect((await khidi('policy', 'explain', ...request))[0]).toContain('POLICY_REVOKED: ');
    await khidi('member', 'suspend', id, '--why', 'incident');
    expect((await khidi('policy', 'test', ...request, '--agreement', 'lent'))[0]).toBe('refused POLICY_MEMBER_NOT_APPROVED\n');
  });

  it('is told in a sentence what it did wrong', async () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, JSON.stringify({ ...terms(), quota: {} }));
    await expect(khidi('agreement', 'propose', file, '--as', id)).rejects.toThrow('POLICY_TERMS_INVALID');
    await expect(khidi('agreement', 'show', 'nothing')).rejects.toThrow('AGREEMENT_UNKNOWN');
    await expect(khidi('agreement', 'accept', 'lent', '--as', 'GE/GOV/7003')).rejects.toThrow('no side of this agreement');
    await expect(khidi('member', 'approve', 'somebody', '--why', 'x')).rejects.toThrow('is not a member like');
    await expect(khidi('agreement', 'list', '--as-of', 'yesterday')).rejects.toThrow('is not a time like');
    const purpose = ['purpose', 'add', 'p', '--title', 'P', '--basis', 'B', '--why', 'x'];
    await expect(khidi(...purpose, '--from', '2026')).rejects.toThrow('DIRECTORY_REQUEST_INVALID');
    expect((await khidi(...purpose, '--from', '2026-01-01T00:00:00Z'))[0]).toBe('p is in the register.\n');
  });
});
