import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContentReference, type ContentUrn, contentUrnOf, type RecordType, type SubsystemId } from '#record';
import { TestClock } from '#testkit';
import { type ContentLimits, ContentStore } from './content-store.js';
import { FRAME_BYTES } from './frames.js';

const OURS = 'GE/GOV/7001/base-registry' as SubsystemId;
const OTHER = 'GE/GOV/7001/other' as SubsystemId;
const TYPE = 'property.parcel' as RecordType;
const HOUR = 3600;
const SECRET = Buffer.alloc(32, 7);
const LIMITS: ContentLimits = { mostBytes: 300_000, totalBytes: 700_000, unnamedMs: HOUR * 1000, keptMs: () => 24 * HOUR * 1000 };

async function* inPieces(bytes: Buffer, piece = 10_007): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}
const referenceTo = (bytes: Buffer): ContentReference => ({
  dataref: contentUrnOf(createHash('sha256').update(bytes).digest()),
  size: bytes.length,
  mediaType: 'application/pdf',
});
const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

describe('when contents are kept', () => {
  let folder: string;
  let store: ContentStore;
  let clock: TestClock;
  const files = () => readdirSync(join(folder, 'files'));
  const reopen = async (limits = LIMITS) => {
    await store.close();
    store = await ContentStore.open(folder, SECRET, limits, clock.now);
  };
  const all = async (content: ContentUrn, from = 0): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const part of store.read(content)?.bytes(from) ?? []) parts.push(part);
    return Buffer.concat(parts);
  };
  beforeEach(async () => {
    clock = new TestClock();
    folder = mkdtempSync(join(tmpdir(), 'khidi-contents-'));
    store = await ContentStore.open(folder, SECRET, LIMITS, clock.now);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES, 299_999])(
    'gives %i bytes back as they were, also after a start',
    async (size) => {
      const bytes = randomBytes(size);
      const kept = await store.put(inPieces(bytes), OURS);
      expect(kept).toEqual({ dataref: referenceTo(bytes).dataref, size });
      expect(await all(kept.dataref)).toEqual(bytes);
      await reopen();
      expect(await all(kept.dataref)).toEqual(bytes);
    },
  );

  it.each([1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES])(
    'gives what there is from byte %i on',
    async (from) => {
      const bytes = randomBytes(2 * FRAME_BYTES + 5);
      const { dataref } = await store.put(inPieces(bytes), OURS);
      expect(await all(dataref, from)).toEqual(bytes.subarray(from));
    },
  );

  it('keeps the same bytes once, whoever brings them, also at once', async () => {
    const bytes = randomBytes(200_000);
    await Promise.all([store.put(inPieces(bytes), OURS), store.put(inPieces(bytes), OTHER)]);
    expect(files()).toHaveLength(1);
    expect(store.usedBytes).toBeLessThan(201_000);
    for (const owner of [OURS, OTHER]) expect(store.holds(referenceTo(bytes), owner)).toBe('held');
  });

  it('leaves nothing readable on the disk', async () => {
    const bytes = Buffer.from('a deed that nobody else may read '.repeat(100));
    await store.put(inPieces(bytes), OURS);
    const [file = ''] = files();
    expect(readFileSync(join(folder, 'files', file)).includes('nobody else')).toBe(false);
  });

  it.each([
    ['altered', (bytes: Buffer) => bytes.fill(bytes[1000] === 0 ? 1 : 0, 1000, 1001)],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - FRAME_BYTES)],
    ['of another file', () => Buffer.alloc(200_000, 1)],
  ])('does not give out what is %s', async (_, change) => {
    const { dataref } = await store.put(inPieces(randomBytes(3 * FRAME_BYTES)), OURS);
    const file = join(folder, 'files', files()[0] ?? '');
    writeFileSync(file, change(readFileSync(file)));
    await expect(all(dataref)).rejects.toThrow(RangeError);
  });

  it('refuses what is too large, before and while it arrives, and keeps nothing of it', async () => {
    const large = randomBytes(LIMITS.mostBytes + 1);
    expect(await code(store.put(inPieces(large), OURS, { announced: large.length }))).toBe('CONTENT_TOO_LARGE');
    expect(await code(store.put(inPieces(large), OURS))).toBe('CONTENT_TOO_LARGE');
    expect([files(), readdirSync(join(folder, 'incoming')), store.usedBytes]).toEqual([[], [], 0]);
  });

  it('refuses what has no room, and takes it once there is some', async () => {
    for (let i = 0; i < 2; i += 1) await store.put(inPieces(randomBytes(290_000)), OURS);
    const before = store.usedBytes;
    expect(await code(store.put(inPieces(randomBytes(200_000)), OURS))).toBe('CONTENT_FULL');
    expect(await code(store.put(inPieces(randomBytes(200_000)), OURS, { announced: 200_000 }))).toBe('CONTENT_FULL');
    expect(store.usedBytes).toBe(before);
    clock.pass(HOUR);
    expect(await store.sweep()).toBe(2);
    expect(await code(store.put(inPieces(randomBytes(200_000)), OURS))).toBe('done');
  });

  it('keeps nothing of half an upload, nor of bytes with another digest, nor of none', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield randomBytes(100_000);
      throw new Error('gone');
    }
    expect(await code(store.put(broken(), OURS))).toBe('Error: gone');
    const bytes = randomBytes(50);
    expect(await code(store.put(inPieces(bytes), OURS, { expected: Buffer.alloc(32) }))).toBe('CONTENT_DIGEST');
    expect(await code(store.put(inPieces(Buffer.alloc(0)), OURS))).toBe('DOOR_FRAMING');
    expect([files(), readdirSync(join(folder, 'incoming')), store.usedBytes]).toEqual([[], [], 0]);
  });

  it('lets only who put a content here name it, by its size', async () => {
    const bytes = randomBytes(5000);
    await store.put(inPieces(bytes), OURS);
    const reference = referenceTo(bytes);
    expect(store.holds(reference, OURS)).toBe('held');
    expect(store.holds(reference, OTHER)).toBe('unknown');
    expect(store.holds({ ...reference, size: 4999 }, OURS)).toBe('differs');
  });

  it('sweeps what no record names in time, and the rest when its time is over', async () => {
    const [named, unnamed] = [randomBytes(100), randomBytes(101)];
    for (const bytes of [named, unnamed]) await store.put(inPieces(bytes), OURS);
    await store.name([referenceTo(named)], { source: `/${OURS}`, id: 'e1', key: 'k1' }, TYPE);
    clock.pass(HOUR);
    await reopen();
    expect(await store.sweep()).toBe(1);
    expect([store.read(referenceTo(unnamed).dataref), files().length]).toEqual([undefined, 1]);
    clock.pass(22 * HOUR);
    expect(await store.sweep()).toBe(0);
    clock.pass(HOUR);
    expect(await store.sweep()).toBe(1);
    expect([files(), store.usedBytes]).toEqual([[], 0]);
  });

  it('keeps what was brought once more long enough for the record that will name it', async () => {
    const bytes = randomBytes(100);
    await store.put(inPieces(bytes), OURS);
    await store.name([referenceTo(bytes)], { source: `/${OURS}`, id: 'e1', key: 'k1' }, TYPE);
    clock.pass(24 * HOUR - 1);
    await store.put(inPieces(bytes), OURS);
    clock.pass(1);
    expect(await store.sweep()).toBe(0);
    await store.name([referenceTo(bytes)], { source: `/${OURS}`, id: 'e2', key: 'k1' }, TYPE);
    clock.pass(24 * HOUR);
    expect(await store.sweep()).toBe(1);
  });

  it('erases at once what only the records of one subject name', async () => {
    const [hers, both] = [randomBytes(100), randomBytes(101)];
    for (const bytes of [hers, both]) await store.put(inPieces(bytes), OURS);
    await store.name([referenceTo(hers), referenceTo(both)], { source: `/${OURS}`, id: 'e1', key: 'k1' }, TYPE);
    await store.name([referenceTo(both)], { source: `/${OURS}`, id: 'e2', key: 'k2' }, TYPE);
    expect(await store.erase(({ key }) => key === 'k1')).toBe(1);
    expect(store.read(referenceTo(hers).dataref)).toBeUndefined();
    expect(await all(referenceTo(both).dataref)).toEqual(both);
    expect(await store.erase(({ source, id }) => `${source} ${id}` === `/${OURS} e2`)).toBe(1);
    expect(files()).toEqual([]);
  });

  it('clears away what a crash left, on the disk and in the index', async () => {
    const bytes = randomBytes(1000);
    const { dataref } = await store.put(inPieces(bytes), OURS);
    const [file = ''] = files();
    rmSync(join(folder, 'files', file));
    writeFileSync(join(folder, 'files', 'a'.repeat(64)), 'left by a crash');
    writeFileSync(join(folder, 'incoming', 'half'), 'left by a crash');
    await reopen();
    expect([files(), readdirSync(join(folder, 'incoming')), store.read(dataref)]).toEqual([[], [], undefined]);
  });
});
