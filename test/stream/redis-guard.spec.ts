import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import type { Jti } from '#record';
import { askRedis, type SeenEntry, SeenMarks } from '#seen';
import { Secret } from '#settings';
import { type RunningRedis, startRedis } from '../../deploy/local/redis.js';
import { redisPassword } from '../../deploy/local/secrets.js';

let folder: string;
let redis: RunningRedis;
let password: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-guarded-'));
  const { file, hash } = redisPassword(folder);
  password = readFileSync(file, 'utf8').trim();
  const server = process.env.KHIDI_REDIS_SERVER;
  redis = await startRedis({
    folder: join(folder, 'redis'),
    port: await getPort({ host: '127.0.0.1' }),
    keep: false,
    guard: { user: 'khidi', passwordHash: hash },
    ...(server === undefined || server === '' ? {} : { server }),
  });
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

const entry: SeenEntry = {
  jti: 'a' as Jti,
  mac: 'm1',
  position: { topic: 'ingress.GE-GOV-7001.population.person', partition: 0, offset: '1' },
};
const open = (secret?: string) =>
  new SeenMarks({
    redisUrl: redis.url,
    redisPassword: secret === undefined ? undefined : new Secret(secret),
    clusterId: 'c1',
  });
const connected = async (marks: SeenMarks) => {
  while (!(await marks.ready())) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe('a Redis with a password', () => {
  it('keeps marks for who has it, and releases them', async () => {
    const marks = open(password);
    await connected(marks);
    expect(await marks.mark([entry])).toEqual(['new']);
    expect(await marks.mark([{ ...entry, position: { ...entry.position, offset: '2' } }])).toEqual(['duplicate']);
    await marks.release([entry]);
    expect(await marks.mark([entry])).toEqual(['new']);
    marks.close();
  });

  it.each([
    ['another password', 'guessed'],
    ['none', undefined],
  ])('is away for who has %s', async (_, secret) => {
    const marks = open(secret);
    expect(await marks.ready()).toBe(false);
    await expect(marks.mark([entry])).rejects.toMatchObject({ code: 'SEEN_UNAVAILABLE' });
    marks.close();
    expect(await askRedis({ redisUrl: redis.url, redisPassword: new Secret(secret ?? '') })).toHaveProperty('reason');
  });

  it('tells the doctor who it is', async () => {
    expect(await askRedis({ redisUrl: redis.url, redisPassword: new Secret(password) })).toMatchObject({ role: 'master' });
  });

  it('lets its user do nothing but that: no other keys, no other commands', async () => {
    const client = new Redis({ host: '127.0.0.1', port: Number(new URL(redis.url).port), username: 'khidi', password });
    for (const command of [['SET', 'others:key', '1'], ['FLUSHALL'], ['KEYS', '*'], ['CONFIG', 'GET', '*'], ['ACL', 'LIST']]) {
      const [name = '', ...args] = command;
      await expect(client.call(name, ...args)).rejects.toThrow(/NOPERM/);
    }
    client.disconnect();
  });

  it('has its password neither in its file nor in its arguments', () => {
    const file = join(folder, 'redis', 'redis.conf');
    expect(readFileSync(file, 'utf8')).not.toContain(password);
    expect(execFileSync('ps', ['-o', 'args=', '-p', String(redis.process.pid)], { encoding: 'utf8' })).not.toMatch(
      /user|password/,
    );
  });
});
