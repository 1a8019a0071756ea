import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instance } from '#settings';
import { ensureKafka, ensureRedis } from './servers.js';
import { State } from './state.js';

const FRESH: Instance = {
  version: 1,
  brokers: ['127.0.0.1:1'],
  redisUrl: 'redis://127.0.0.1:2',
  membersFile: '/x/members.json',
  topicsFile: '/x/topics.json',
  secretsFolder: '/x/secrets',
  services: [],
  ports: {},
};

describe('when servers are given', () => {
  it('uses them where they run and starts nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'servers-'));
    const state = State.open(folder, FRESH);
    const found = await Promise.all([
      ensureKafka(state, {}, { plain: false, given: 'a:9092, b:9092' }),
      ensureRedis(state, {}, 'redis://c:6379'),
    ]);
    rmSync(folder, { recursive: true });
    expect(found).toEqual(['given', 'given']);
    expect(state.current).toEqual({ ...FRESH, brokers: ['a:9092', 'b:9092'], redisUrl: 'redis://c:6379' });
  });
});
