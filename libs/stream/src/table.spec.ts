import { FaultError } from '#faults';
import { memoryStream } from '#testkit';
import { assertEpoch } from './epoch.js';
import type { TopicPlan } from './plan.js';
import { compactedTable } from './table.js';

const PLAN: TopicPlan = {
  messageMaxBytes: 1_000_000,
  topics: [
    { name: 'schemas', role: 'schemas', partitions: 1, config: {} },
    { name: 'epochs', role: 'epochs', partitions: 1, config: {} },
  ],
};
const entry = (key: string, value: string | null) => ({
  topic: 'schemas',
  key,
  value: value === null ? null : Buffer.from(value),
  headers: {},
});

describe('when a table is started', () => {
  it('holds the latest value of every key, without those that were deleted', async () => {
    const stream = memoryStream(PLAN);
    stream.append(entry('a', '1'), entry('b', '1'), entry('a', '2'), entry('b', null));
    const table = stream.table('schemas');
    await table.start();
    expect([...table.entries()]).toEqual([['a', Buffer.from('2')]]);
    await table.close();
  });

  it('is there at once where the topic is empty', async () => {
    const table = memoryStream(PLAN).table('schemas');
    await table.start();
    expect([...table.entries()]).toEqual([]);
    await table.close();
  });

  it('throws STREAM_TOPIC_MISSING where there is no topic', async () => {
    await expect(memoryStream(PLAN).table('nowhere').start()).rejects.toMatchObject({ code: 'STREAM_TOPIC_MISSING' });
  });
});

describe('when a table is followed', () => {
  it('has caught up once everything that was written before the question is in it, transaction markers included', async () => {
    const stream = memoryStream(PLAN);
    const table = stream.table('schemas');
    await table.start();
    const changes: (string | undefined)[] = [];
    const end = table.onChange((key, value) => changes.push(`${key}=${value}`));
    const writer = await stream.fencedWriter('registry', []);
    await writer.write([entry('a', '1')]);
    await table.caughtUp();
    expect(String(table.get('a'))).toBe('1');
    await writer.write([entry('a', null)]);
    await table.caughtUp();
    expect(table.get('a')).toBeUndefined();
    end();
    await writer.write([entry('a', '3')]);
    await table.caughtUp();
    expect(changes).toEqual(['a=1', 'a=undefined']);
    await table.close();
  });

  it('tells whoever waits that it was closed', async () => {
    const stream = memoryStream(PLAN);
    const table = stream.table('schemas');
    await table.start();
    await table.close();
    stream.append(entry('a', '1'));
    await expect(table.caughtUp()).rejects.toThrow('closed');
  });

  it('lets only whoever waits hear that the broker is away: a rejection that nobody hears ends a service', async () => {
    const stream = memoryStream(PLAN);
    const gone = new FaultError('STREAM_UNAVAILABLE', 'ECONNREFUSED');
    const admin = { ...stream.transport.admin, highOffsets: () => Promise.reject(gone) };
    const table = compactedTable({ ...stream.transport, admin }, 'schemas');
    await table.start();
    const unheard: unknown[] = [];
    const listen = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', listen);
    await expect(table.caughtUp()).rejects.toBe(gone);
    await new Promise(setImmediate);
    process.off('unhandledRejection', listen);
    expect(unheard).toEqual([]);
    await table.close();
  });
});

describe('when a second writer is opened with the same id', () => {
  it('fences the first with STREAM_FENCED', async () => {
    const stream = memoryStream(PLAN);
    const first = await stream.fencedWriter('registry', []);
    await first.write([entry('a', '1')]);
    const second = await stream.fencedWriter('registry', []);
    await expect(first.write([entry('a', '2')])).rejects.toMatchObject({ code: 'STREAM_FENCED' });
    await expect(first.write([entry('a', '3')])).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    await second.write([entry('a', '4')]);
    expect(stream.records('schemas').map(({ value }) => String(value))).toEqual(['1', '4']);
  });
});

describe('when the fingerprint of a key is asserted', () => {
  it('is recorded the first time and accepted afterwards', async () => {
    const stream = memoryStream(PLAN);
    expect(await assertEpoch(stream, 'salt', 'aaa')).toEqual({ changed: false });
    expect(await assertEpoch(stream, 'salt', 'aaa')).toEqual({ changed: false });
    expect(stream.records('epochs')).toHaveLength(1);
  });

  it('is refused with KEY_EPOCH_CHANGED where it differs', async () => {
    const stream = memoryStream(PLAN);
    await assertEpoch(stream, 'salt', 'aaa');
    await expect(assertEpoch(stream, 'salt', 'bbb')).rejects.toMatchObject({ code: 'KEY_EPOCH_CHANGED' });
    expect(await assertEpoch(stream, 'pseudonym', 'bbb')).toEqual({ changed: false });
  });

  it('begins a new epoch on purpose, visibly', async () => {
    const stream = memoryStream(PLAN);
    await assertEpoch(stream, 'salt', 'aaa');
    expect(await assertEpoch(stream, 'salt', 'bbb', true)).toEqual({ changed: true });
    await expect(assertEpoch(stream, 'salt', 'aaa')).rejects.toMatchObject({ code: 'KEY_EPOCH_CHANGED' });
    expect(stream.records('epochs')).toHaveLength(2);
  });
});
