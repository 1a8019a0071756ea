import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FRESH } from './instance.fixture.js';
import { ensureKafka, ensureRedis } from './servers.js';
import { State } from './state.js';

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
