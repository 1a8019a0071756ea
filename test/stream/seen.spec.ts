import type { Jti } from '#record';
import { type SeenEntry, SeenMarks } from '#seen';
import { DeafRelay, RedisServer } from './support/redis-server.js';

const TOPIC = 'ingress.GE-GOV-7001.population.person';
const entry = (jti: string, mac: string, offset: number): SeenEntry => ({
  jti: jti as Jti,
  mac,
  position: { topic: TOPIC, partition: 0, offset: `${offset}` },
});
const many = (count: number) => Array.from({ length: count }, (_, i) => entry(`many-${i}`, 'm', i));
const patience = { answer: 300, connect: 200 };

describe('seen marks in a real Redis', () => {
  let redis: RedisServer;
  let marks: SeenMarks;
  let states: string[];
  const open = (url = redis.url, more: { clusterId?: string; ttl?: number } = {}) =>
    new SeenMarks({ redisUrl: url, clusterId: 'c1', patience, onChange: (state) => states.push(state), ...more });
  const undecided = (work: Promise<unknown>) => expect(work).rejects.toMatchObject({ code: 'SEEN_UNAVAILABLE' });
  /** Waits for a fact instead of for a time. */
  const answers = async (want = true, of = marks) => {
    while ((await of.ready()) !== want) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.remove());
  beforeEach(async () => {
    await redis.command('FLUSHALL');
    states = [];
    marks = open();
    await answers();
  });
  afterEach(() => marks.close());

  it('judges the records of one chunk in their order', async () => {
    const verdicts = await marks.mark([entry('a', 'm1', 1), entry('b', 'm1', 2), entry('a', 'm1', 3), entry('a', 'm2', 4)]);
    expect(verdicts).toEqual(['new', 'new', 'duplicate', 'conflict']);
  });

  it('calls the same chunk read again its own repeat, and gives the same answers for the rest', async () => {
    const chunk = [entry('a', 'm1', 1), entry('a', 'm1', 3), entry('a', 'm2', 4)];
    await marks.mark(chunk);
    expect(await marks.mark(chunk)).toEqual(['repeat', 'duplicate', 'conflict']);
  });

  it('judges a chunk larger than one script, and none at all', async () => {
    expect(new Set(await marks.mark(many(2500)))).toEqual(new Set(['new']));
    expect(new Set(await marks.mark(many(2500)))).toEqual(new Set(['repeat']));
    expect(await marks.mark([])).toEqual([]);
  });

  it('forgets a mark on release only where its own position made it', async () => {
    await marks.mark([entry('a', 'm1', 17), entry('b', 'm1', 18)]);
    await marks.release([entry('a', 'm1', 17), entry('b', 'm1', 8), entry('never', 'm1', 9)]);
    expect(await marks.mark([entry('a', 'm2', 20), entry('b', 'm2', 21)])).toEqual(['new', 'conflict']);
  });

  it('releases before a mark that is called after it', async () => {
    await marks.mark([entry('a', 'm1', 1)]);
    const [, verdicts] = await Promise.all([marks.release([entry('a', '', 1)]), marks.mark([entry('a', 'm2', 2)])]);
    expect(verdicts).toEqual(['new']);
  });

  it('keeps marks for 30 days, and apart for each cluster', async () => {
    await marks.mark([entry('a', 'm1', 1)]);
    expect(await redis.command('TTL', 'khidi:c1:seen:a')).toMatch(/^:(2592000|2591999)\r\n/);
    const other = open(redis.url, { clusterId: 'c2' });
    await answers(true, other);
    expect(await other.mark([entry('a', 'm2', 9)])).toEqual(['new']);
    other.close();
  });

  it('goes on with an emptied Redis: nothing is known, nothing fails', async () => {
    await marks.mark([entry('a', 'm1', 1)]);
    await redis.command('FLUSHALL');
    await redis.command('SCRIPT', 'FLUSH');
    expect(await marks.mark([entry('a', 'm1', 2)])).toEqual(['new']);
  });

  it('is undecided where a key holds something else, and decides once it is gone', async () => {
    await redis.command('LPUSH', 'khidi:c1:seen:a', 'x');
    await undecided(marks.mark([entry('a', 'm1', 1)]));
    await redis.command('SET', 'khidi:c1:seen:a', 'not-a-mark');
    await undecided(marks.mark([entry('a', 'm1', 1)]));
    await redis.command('DEL', 'khidi:c1:seen:a');
    expect(await marks.mark([entry('a', 'm1', 1)])).toEqual(['new']);
  });

  it('is undecided where Redis may not write', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await undecided(marks.mark([entry('a', 'm1', 1)]));
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await marks.mark([entry('a', 'm1', 1)])).toEqual(['new']);
  });

  it('is undecided on a replica, and finds the master by itself', async () => {
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await undecided(marks.mark([entry('a', 'm1', 1)]));
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await answers();
    expect(await marks.mark([entry('a', 'm1', 1)])).toEqual(['new']);
  });

  it('tells in its error why, but no key and no mark', async () => {
    await redis.command('LPUSH', 'khidi:c1:seen:canary-jti', 'x');
    const error = await marks.mark([entry('canary-jti', 'canary-mac', 1)]).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: 'SEEN_UNAVAILABLE: Redis answered WRONGTYPE' });
    expect(`${JSON.stringify(error)}${(error as Error).stack}${String((error as Error).cause)}`).not.toContain('canary');
  });

  describe('when Redis is killed', () => {
    it('is undecided in the middle and at once afterwards, then goes on by itself with an empty one', async () => {
      const inTheMiddle = undecided(marks.mark(many(20_000)));
      await redis.kill();
      await inTheMiddle;
      await undecided(marks.mark([entry('a', 'm1', 1)]));
      await undecided(marks.release([entry('a', 'm1', 1)]));
      expect(await marks.ready()).toBe(false);
      await redis.start();
      await answers();
      expect(await marks.mark([entry('a', 'm1', 1)])).toEqual(['new']);
      expect(states.slice(-2)).toEqual(['away', 'ready']); // a busy machine may need a second try for its first connection
    });

    it('is undecided from the start where there is none, and never hangs', async () => {
      const nowhere = open('redis://127.0.0.1:1');
      await undecided(nowhere.mark([entry('a', 'm1', 1)]));
      expect(await nowhere.ready()).toBe(false);
      nowhere.close();
    });
  });

  describe('when Redis is slow', () => {
    it('is undecided after its patience, and knows its own marks when Redis wakes up', async () => {
      redis.signal('SIGSTOP');
      const before = performance.now();
      await undecided(marks.mark([entry('a', 'm1', 1)]));
      expect(performance.now() - before).toBeLessThan(patience.answer * 3);
      expect(await marks.ready()).toBe(false);
      redis.signal('SIGCONT');
      await answers();
      expect(['new', 'repeat']).toContain((await marks.mark([entry('a', 'm1', 1)]))[0]);
    });
  });

  describe('when the answer is lost on its way', () => {
    it('is undecided, and then knows the mark as its own', async () => {
      const relay = await DeafRelay.before(redis.port);
      const behind = open(relay.url);
      await answers(true, behind);
      relay.deaf = true;
      await undecided(behind.mark([entry('a', 'm1', 1)]));
      relay.deaf = false;
      await answers(true, behind);
      expect(await behind.mark([entry('a', 'm1', 1), entry('a', 'm1', 2)])).toEqual(['repeat', 'duplicate']);
      behind.close();
      await relay.close();
    });
  });
});
