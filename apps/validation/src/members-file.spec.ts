import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Membership } from '#record';
import type { FollowedFile } from '#settings';
import { createLogger } from '#telemetry';
import { followMembers } from './members-file.js';

const members = (...ids: string[]) =>
  JSON.stringify({
    operator: 'GE/GOV/0001',
    members: ids.map((id) => ({ id, name: '', subsystems: ['a'], publishes: ['population.person'] })),
  });

describe('the members file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-members-'));
  const path = join(folder, 'members.json');
  let file: FollowedFile<Membership> | undefined;
  afterEach(() => file?.close());
  afterAll(() => rmSync(folder, { recursive: true }));

  const lines: string[] = [];
  const follow = () => {
    lines.length = 0;
    file = followMembers(path, createLogger('test', 'info', { write: (line) => lines.push(JSON.parse(line).event) }));
    return file;
  };

  it('is read anew when it changes, and only then', async () => {
    writeFileSync(path, members('GE/GOV/7001'));
    const following = follow();
    await following.look();
    const before = following.current();
    await following.look();
    expect(following.current()).toBe(before);
    writeFileSync(path, members('GE/GOV/7001', 'GE/GOV/7002'));
    await following.look();
    expect(following.current().members).toHaveLength(2);
  });

  it('keeps the last good version while it is broken or missing, and says so once for each version', async () => {
    writeFileSync(path, members('GE/GOV/7001'));
    const following = follow();
    writeFileSync(path, '{"operator":');
    await following.look();
    await following.look();
    expect(lines).toEqual(['members file is not usable; the last one stays']);
    rmSync(path);
    await following.look();
    expect(following.current().members.map(({ id }) => id)).toEqual(['GE/GOV/7001']);
  });

  it('stops the start where the first version is not usable', () => {
    writeFileSync(path, '{}');
    expect(() => follow()).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
  });
});
