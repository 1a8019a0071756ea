import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeOutcomes, type Outcome } from '#record';
import { cursorsOf } from './cursor.js';
import { fateOf } from './fate.js';
import { OutcomeStore, type PlacedOutcome } from './outcome-store.js';

const SOURCE = '/GE/GOV/7001/base-registry';
const ingress = (offset: number) => `ingress.GE-GOV-7001.address.locality/0/${offset}`;
const outcome = (kind: Outcome['kind'], id: string, at = 0, more: Partial<Outcome> = {}): Outcome => ({
  kind,
  id,
  source: SOURCE,
  type: 'address.locality.created',
  ingress: ingress(at),
  at: `2026-11-21T10:00:0${at}.000Z`,
  ...more,
});
const event = (offset: number, ...outcomes: Outcome[]) => ({ offset: BigInt(offset), value: encodeOutcomes(outcomes) });
const mark = (id: string, at = 0) => ({
  source: SOURCE,
  id,
  type: 'address.locality.created',
  ingress: ingress(at),
  at: `2026-11-21T10:00:0${at}.500Z`,
});

let folder: string;
let store: OutcomeStore;
const open = async (identity = 'cluster outcomes.GE-GOV-7001') =>
  (await OutcomeStore.open(join(folder, 'store'), identity)).store;
const all = async (from = { offset: 0n, index: 0 }): Promise<PlacedOutcome[]> => {
  const found = [];
  for await (const one of store.outcomes(from)) found.push(one);
  return found;
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-store-'));
  store = await open();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('when outcomes arrive', () => {
  it('keeps them with the position, so that a restart neither loses nor repeats', async () => {
    await store.append([event(4, outcome('sealed', 'a')), event(9, outcome('rejected', 'b'), outcome('sealed', 'c'))]);
    await store.close();
    store = await open();
    expect(await store.position()).toBe(10n);
    expect((await all()).map(({ place, outcome: { id } }) => [place.offset, place.index, id])).toEqual([
      [4n, 0, 'a'],
      [9n, 0, 'b'],
      [9n, 1, 'c'],
    ]);
  });

  it('changes nothing when the same records are read again', async () => {
    const events = [event(0, outcome('sealed', 'a'))];
    await store.append(events);
    await store.append(events);
    expect(await all()).toHaveLength(1);
    expect((await store.known(SOURCE, 'a')).outcomes).toHaveLength(1);
  });

  it('passes over records that are no outcomes and counts them', async () => {
    expect(
      await store.append([
        { offset: 0n, value: Buffer.from('{') },
        { offset: 1n, value: null },
        event(2, outcome('sealed', 'a')),
      ]),
    ).toBe(2);
    expect([await store.position(), (await all()).length]).toEqual([3n, 1]);
  });

  it('goes on from any place', async () => {
    await store.append([event(1, outcome('sealed', 'a'), outcome('sealed', 'b')), event(2, outcome('sealed', 'c'))]);
    expect((await all({ offset: 1n, index: 1 })).map(({ outcome: { id } }) => id)).toEqual(['b', 'c']);
  });

  it('wakes whoever waits', async () => {
    const waiting = store.next(new AbortController().signal);
    await store.append([event(0, outcome('sealed', 'a'))]);
    await expect(waiting).resolves.toBeUndefined();
  });
});

describe('when another process has the store', () => {
  it('refuses to start with SETTINGS_INVALID', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
  });
});

describe('when the store belongs to another cluster', () => {
  it('drops everything and says so', async () => {
    await store.append([event(5, outcome('sealed', 'a'))]);
    await store.close();
    const opened = await OutcomeStore.open(join(folder, 'store'), 'other outcomes.GE-GOV-7001');
    store = opened.store;
    expect([opened.dropped, await store.position(), (await all()).length]).toEqual([true, undefined, 0]);
  });
});

describe('when somebody asks what became of an event', () => {
  it('knows nothing of one that never came, and of no other with similar attributes', async () => {
    await store.accepted([mark('a')]);
    expect(fateOf(await store.known(SOURCE, 'b'))).toBeUndefined();
    expect(fateOf(await store.known(`${SOURCE}","a`, ''))).toBeUndefined();
  });

  it('says accepted until there is an outcome', async () => {
    await store.accepted([mark('a')]);
    expect(fateOf(await store.known(SOURCE, 'a'))?.status).toBe('accepted');
    await store.append([event(0, outcome('rejected', 'a', 0, { faults: [{ code: 'JSON_SYNTAX' }] }))]);
    expect(fateOf(await store.known(SOURCE, 'a'))).toMatchObject({
      status: 'rejected',
      faults: [{ code: 'JSON_SYNTAX' }],
      history: [{ status: 'accepted' }, { status: 'rejected' }],
    });
  });

  it('finds the outcome of one whose id the road could not repeat', async () => {
    const { id, ...nameless } = outcome('rejected', 'a', 3, { faults: [{ code: 'EVENT_ATTRIBUTE_INVALID' }] });
    await store.accepted([mark(id ?? '', 3)]);
    await store.append([event(0, nameless)]);
    expect(fateOf(await store.known(SOURCE, 'a'))).toMatchObject({
      status: 'rejected',
      faults: [{ code: 'EVENT_ATTRIBUTE_INVALID' }],
    });
  });

  it('says what became of the latest sending', async () => {
    await store.accepted([mark('a', 1)]);
    await store.append([event(0, outcome('rejected', 'a', 1))]);
    await store.accepted([mark('a', 2)]);
    expect(fateOf(await store.known(SOURCE, 'a'))?.status).toBe('accepted');
    await store.append([event(1, outcome('sealed', 'a', 2, { jti: 'j' }))]);
    expect(fateOf(await store.known(SOURCE, 'a'))).toMatchObject({ status: 'sealed', jti: 'j' });
  });

  it.each<[string, Outcome[], string]>([
    ['sealed and then repeated', [outcome('sealed', 'a', 1), outcome('duplicate', 'a', 2)], 'sealed'],
    ['repeated before the first was sealed', [outcome('duplicate', 'a', 2), outcome('sealed', 'a', 1)], 'sealed'],
    ['repeated, with nothing known of the first', [outcome('duplicate', 'a', 2)], 'duplicate'],
    ['sealed and then given up by the ledger', [outcome('sealed', 'a', 1), outcome('rejected', 'a', 1)], 'rejected'],
    [
      'given up, and repeated before that was known',
      [outcome('sealed', 'a', 1), outcome('duplicate', 'a', 2), outcome('rejected', 'a', 1)],
      'rejected',
    ],
    ['given up and sent again', [outcome('sealed', 'a', 1), outcome('rejected', 'a', 1), outcome('sealed', 'a', 2)], 'sealed'],
    ['contradicted', [outcome('sealed', 'a', 1), outcome('conflict', 'a', 2)], 'conflict'],
    [
      'contradicted, then repeated',
      [outcome('sealed', 'a', 1), outcome('conflict', 'a', 2), outcome('duplicate', 'a', 3)],
      'sealed',
    ],
  ])('of an event that was %s', async (_, outcomes, status) => {
    await store.append(outcomes.map((one, i) => event(i, one)));
    expect(fateOf(await store.known(SOURCE, 'a'))?.status).toBe(status);
  });

  it('says accepted of one that is still on the road when its repeat has arrived', async () => {
    await store.accepted([mark('a', 1), mark('a', 2)]);
    await store.append([event(0, outcome('duplicate', 'a', 2))]);
    expect(fateOf(await store.known(SOURCE, 'a'))?.status).toBe('accepted');
  });
});

describe('when the store is swept', () => {
  it('deletes what is older and nothing else', async () => {
    await store.append([
      event(0, outcome('sealed', 'a', 1)),
      event(1, outcome('sealed', 'b', 5)),
      event(2, outcome('sealed', 'a', 2)),
    ]);
    expect(await store.sweep(new Date('2026-11-21T10:00:03.000Z'))).toBe(1);
    expect((await all()).map(({ outcome: { id } }) => id)).toEqual(['b', 'a']);
    expect([(await store.known(SOURCE, 'a')).outcomes.length, await store.sweptTo(), await store.position()]).toEqual([
      1,
      1n,
      3n,
    ]);
  });

  it('deletes marks by the time they were written', async () => {
    await store.accepted([mark('a'), mark('b')]);
    expect(await store.sweep(new Date(Date.now() - 60_000))).toBe(0);
    expect(await store.sweep(new Date(Date.now() + 60_000))).toBe(2);
    expect(await store.known(SOURCE, 'a')).toEqual({ accepted: [], outcomes: [] });
  });
});

describe('when a cursor comes back', () => {
  it('is the same place, for the same topic only', () => {
    const [ours, theirs] = [cursorsOf('outcomes.A'), cursorsOf('outcomes.B')];
    const place = { offset: 2n ** 60n, index: 7 };
    const cursor = ours.write(place);
    expect(ours.read(cursor)).toEqual(place);
    expect([theirs.read(cursor), ours.read(`B${cursor.slice(1)}`), ours.read('')]).toEqual([undefined, undefined, undefined]);
  });
});
