import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSealingKey, publishedKey } from '#envelope';
import type { Configuration } from '#policy';
import type { MemberId } from '#record';
import type { StreamClient } from '#stream';
import { createLogger, createMetrics } from '#telemetry';
import { memoryStream, SEALED_AT, TestClock, testConfiguration, testDirectory, testMember } from '#testkit';
import { CONFIGURATION_KEY, followConfiguration, followDirectory } from './index.js';

const directory = testDirectory();
const member = testMember('GE/GOV/7001');
const topics = [{ name: 'configuration', role: 'configuration' as const, partitions: 1, config: {} }];
const log = createLogger('test', 'error', { write: () => undefined });
const clock = new TestClock();
const { now } = clock;
beforeEach(() => {
  clock.setAfter(0);
});

/** A service that follows, and a directory that writes. */
async function following() {
  const stream = memoryStream({ topics, messageMaxBytes: 2_000_000 });
  const table = stream.table('configuration');
  await table.start();
  const metrics = createMetrics('test');
  const followed = followConfiguration(table, { anchors: directory.anchors, now, log, metrics });
  const put = async (value: Buffer) => {
    stream.append({ topic: 'configuration', key: CONFIGURATION_KEY, value, headers: {}, partition: 0 });
    await table.caughtUp();
  };
  const publish = async (version: number, configuration: Configuration = testConfiguration([member])) =>
    put(await directory.issue(version, configuration, now()));
  return { stream, followed, publish, put, metrics };
}

describe('when the directory publishes', () => {
  it('gives the latest configuration, and tells of changes but not of renewals', async () => {
    const { followed, publish, metrics } = await following();
    const told: number[] = [];
    followed.onChange(({ version }) => told.push(version));
    await publish(1);
    clock.setAfter(60);
    await publish(1);
    await publish(2, testConfiguration([testMember('GE/GOV/7001', 'suspended')]));
    expect([followed.current().version, followed.valid(), told]).toEqual([2, true, [1, 2]]);
    expect(followed.current().members.get(member.participant.id)?.state).toBe('suspended');
    const shown = await metrics.render();
    expect(shown).toContain('khidi_configuration_version{service="test"} 2');
    expect(shown).toContain(`khidi_configuration_expiry_timestamp_seconds{service="test"} ${SEALED_AT.getTime() / 1000 + 660}`);
  });

  it('knows what was published before it began', async () => {
    const { stream, publish } = await following();
    await publish(3);
    const table = stream.table('configuration');
    await table.start();
    expect(followConfiguration(table, { anchors: directory.anchors, now, log }).current().version).toBe(3);
  });

  it('keeps the good one where something else is written over it', async () => {
    const { followed, publish, put } = await following();
    await publish(2);
    await publish(1);
    await put(Buffer.from('nonsense'));
    await put(await testDirectory().issue(9, testConfiguration([]), now()));
    expect(followed.current().version).toBe(2);
  });
});

describe('when the directory does not publish', () => {
  it('stops instead of guessing, and goes on when it is there again', async () => {
    const { followed, publish } = await following();
    expect(followed.valid()).toBe(false);
    expect(() => followed.current()).toThrow(expect.objectContaining({ code: 'CONFIGURATION_MISSING' }));
    await publish(1);
    clock.setAfter(599);
    expect(followed.valid()).toBe(true);
    clock.setAfter(600);
    expect(followed.valid()).toBe(false);
    expect(() => followed.current()).toThrow(expect.objectContaining({ code: 'CONFIGURATION_EXPIRED' }));
    await publish(1);
    expect(followed.current().version).toBe(1);
  });

  it('says that what it found had expired', async () => {
    const { followed, put } = await following();
    const old = await directory.issue(1, testConfiguration([member]));
    clock.setAfter(601);
    await put(old);
    expect(() => followed.current()).toThrow(expect.objectContaining({ code: 'CONFIGURATION_EXPIRED' }));
  });
});

describe('when a service is given its anchor', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'khidi-anchor-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const follow = async (stream: StreamClient, ...keys: readonly object[]) => {
    const file = join(folder, 'anchor.json');
    writeFileSync(file, JSON.stringify({ keys }));
    return followDirectory(stream, file, { now, log });
  };

  it('follows by the keys for configurations in it, and refuses a file without one', async () => {
    const { stream, publish } = await following();
    await publish(4);
    const sealing = publishedKey(generateSealingKey(SEALED_AT), 'GE/GOV/0001' as MemberId);
    await expect(follow(stream, sealing)).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
    expect((await follow(stream, directory.published, sealing))?.current().version).toBe(4);
  });

  it('follows nothing where no directory runs', async () => {
    const { stream } = await following();
    expect(await followDirectory(stream, '', { now, log })).toBeUndefined();
  });
});
