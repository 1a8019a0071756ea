import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ClassicLevel } from 'classic-level';
import { AcceptedMarks } from './accepted-marks.js';
import { acceptedKey, eventPrefix, within } from './keys.js';

const SOURCE = '/GE/GOV/7001/base-registry';
const ingress = (offset: number) => `ingress.GE-GOV-7001.address.locality/0/${offset}`;
const mark = (offset: number) => ({
  source: SOURCE,
  id: `e${offset}`,
  type: 'address.locality.created',
  ingress: ingress(offset),
  at: '2099-11-21T10:00:00.500Z',
});
const keyOf = (offset: number) => acceptedKey(eventPrefix(SOURCE, `e${offset}`), ingress(offset));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

let folder: string;
const closers: (() => Promise<unknown>)[] = [];
const openLevel = async (at = folder) => {
  const level = new ClassicLevel(join(at, 'store'), { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  await level.open();
  closers.push(() => level.close());
  return level;
};
const openMarks = async (level: ClassicLevel, at = folder, isForeign = false, onRefused?: (error: unknown) => void) => {
  const marks = await AcceptedMarks.open(level, join(at, 'store'), isForeign, onRefused);
  closers.push(() => marks.close());
  return marks;
};
const stored = async (level: ClassicLevel) => (await level.keys(within('e:')).all()).length;
const journal = (n: 0 | 1, at = folder) => join(at, 'store', `marks-${n}.ndjson`);
/** What the disk would hold if the process were killed now. */
const killedNow = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'khidi-marks-'));
  cpSync(folder, copy, { recursive: true });
  closers.push(async () => rmSync(copy, { recursive: true }));
  return copy;
};
/** Makes every write of LevelDB fail while it says so. */
const breakable = (level: ClassicLevel) => {
  const state = { broken: false, closed: false, writes: 0 };
  const batch = level.batch.bind(level) as () => ReturnType<ClassicLevel['batch']>;
  const broken = () => {
    if (state.closed) throw new Error('the store is closed');
    const made = batch();
    const write = made.write.bind(made);
    made.write = async () => {
      state.writes += 1;
      if (state.broken) throw new Error('the disk is away');
      await write();
    };
    return made;
  };
  return { state, level: Object.assign(level, { batch: broken }) };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-marks-'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

describe('when marks were taken and the process is killed', () => {
  it('has them at the next start, and a line that was cut off stands in nobody’s way', async () => {
    const marks = await openMarks(await openLevel());
    await marks.add([mark(1), mark(2)]);
    const killed = killedNow();
    appendFileSync(journal(0, killed), '["e:[\\"half');
    const level = await openLevel(killed);
    expect(await stored(level)).toBe(0); // LevelDB had not heard of them
    const later = await openMarks(level, killed);
    expect(await stored(level)).toBe(2);
    expect([readFileSync(journal(0, killed), 'utf8'), later.of('e:')]).toEqual(['', []]);
  });

  it('has them also where LevelDB had just taken the ones before', async () => {
    const before = await openLevel();
    const marks = await openMarks(before);
    await marks.add(range(0, 10).map(mark));
    await marks.flush();
    await marks.add(range(10, 20).map(mark));
    const killed = killedNow();
    const level = await openLevel(killed);
    await openMarks(level, killed);
    expect(await stored(level)).toBe(20);
  });

  it('drops them where the store belonged to another topic', async () => {
    const marks = await openMarks(await openLevel());
    await marks.add([mark(1)]);
    const killed = killedNow();
    const level = await openLevel(killed);
    await openMarks(level, killed, true);
    expect([await stored(level), readFileSync(journal(0, killed), 'utf8')]).toEqual([0, '']);
  });

  it('says that a journal is damaged instead of guessing, with SETTINGS_INVALID', async () => {
    const level = await openLevel();
    writeFileSync(journal(1), 'no JSON\n["k","v"]\n');
    await expect(AcceptedMarks.open(level, join(folder, 'store'), false)).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
  });
});

describe('while marks come', () => {
  it('shows each of them at any time, and LevelDB gets many at once', async () => {
    const { level, state } = breakable(await openLevel());
    const marks = await openMarks(level);
    let most = 0;
    const adding = range(0, 12_000).map(async (n) => {
      await marks.add([mark(n)]);
      if (n % 20 !== 0) return; // each look goes through thousands of marks
      most = Math.max(most, marks.of('e:').length);
      const waits = marks.of(keyOf(n)).length === 1;
      if (!waits && (await level.get(keyOf(n))) === undefined) throw new Error(`mark ${n} is nowhere`);
    });
    await Promise.all(adding);
    while (marks.of('e:').length > 0) await marks.flush();
    expect(await stored(level)).toBe(12_000);
    expect(state.writes).toBeLessThan(50);
    expect(most).toBeLessThanOrEqual(5000);
  });

  it('keeps no more than it must in its files', async () => {
    const marks = await openMarks(await openLevel());
    for (const n of range(0, 20)) {
      await marks.add([mark(n)]);
      await marks.flush();
    }
    expect([0, 1].map((n) => readFileSync(journal(n as 0 | 1), 'utf8'))).toEqual(['', '']);
  });

  it('hands a single one over soon', async () => {
    const level = await openLevel();
    const marks = await openMarks(level);
    await marks.add([mark(1)]);
    while ((await level.get(keyOf(1))) === undefined) await pause(5);
    expect(marks.of('e:')).toEqual([]);
  });
});

describe('when LevelDB takes none', () => {
  it('takes those that are on their way, refuses the next, and loses none when it is back', async () => {
    const { level, state } = breakable(await openLevel());
    const marks = await openMarks(level);
    state.broken = true;
    await marks.add([mark(1)]);
    await expect(marks.flush()).rejects.toThrow('the disk is away');
    await expect(marks.add([mark(2)])).rejects.toThrow('the disk is away');
    const killed = await openLevelAndMarks(killedNow());
    expect(await stored(killed)).toBe(1);
    state.broken = false;
    await marks.add([mark(3)]);
    await marks.flush();
    await marks.add([mark(4)]);
    expect(marks.of('e:')).toHaveLength(1);
    expect(await stored(await openLevelAndMarks(killedNow()))).toBe(3);
  });
});

describe('when LevelDB takes none and nobody brings marks any more', () => {
  it('says so once, and again when it begins anew', async () => {
    const { level, state } = breakable(await openLevel());
    const told: unknown[] = [];
    const marks = await openMarks(level, folder, false, (error) => told.push(String(error)));
    for (const round of [1, 2]) {
      state.broken = true;
      await marks.add([mark(round)]);
      while (told.length < round) await pause(5); // by itself, soon
      await expect(marks.flush()).rejects.toThrow('the disk is away');
      state.broken = false;
      await marks.flush();
    }
    expect(told).toEqual(Array.from({ length: 2 }, () => 'Error: the disk is away'));
  });
});

describe('when LevelDB does not even begin', () => {
  it('refuses like that, and tries again with the next', async () => {
    const { level, state } = breakable(await openLevel());
    const marks = await openMarks(level);
    state.closed = true;
    await marks.add([mark(1)]);
    for (let n = 0; n < 2; n++) await expect(marks.flush()).rejects.toThrow('the store is closed');
    state.closed = false;
    await marks.add([mark(2)]);
    await marks.flush();
    expect(await stored(level)).toBe(2);
  });
});

async function openLevelAndMarks(at: string): Promise<ClassicLevel> {
  const level = await openLevel(at);
  await openMarks(level, at);
  return level;
}
