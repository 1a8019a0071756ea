import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entry, MarkJournal } from './mark-journal.js';

jest.mock('node:fs', () => {
  const actual = jest.requireActual<typeof fs>('node:fs');
  return { ...actual, writeSync: jest.fn(actual.writeSync) };
});

const write = fs.writeSync as unknown as jest.Mock<number, [fd: number, bytes: Buffer, at: number]>;
const written = jest.requireActual<typeof fs>('node:fs').writeSync;
const entry = (n: number): Entry => [`k${n}`, `"v${n}"`];

let folder: string;
let journal: MarkJournal;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'khidi-journal-'));
  journal = new MarkJournal(folder);
});
afterEach(() => {
  journal.close();
  fs.rmSync(folder, { recursive: true });
});

describe('when entries are appended', () => {
  it('writes what the disk did not take at once in further writes', () => {
    write.mockImplementationOnce((fd, bytes) => written(fd, bytes, 0, 5));
    journal.append([entry(1), entry(2)]);
    expect(journal.left()).toEqual([entry(1), entry(2)]);
  });

  it('leaves nothing of them where the disk is full in the middle, and goes on when it is not', () => {
    journal.append([entry(1)]);
    write.mockImplementationOnce((fd, bytes) => written(fd, bytes, 0, 5));
    write.mockImplementationOnce(() => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    });
    expect(() => journal.append([entry(2), entry(3)])).toThrow('ENOSPC');
    journal.append([entry(4)]);
    expect(journal.left()).toEqual([entry(1), entry(4)]);
  });

  it('gives nobody but the owner a look at them', () => {
    expect(fs.readdirSync(folder).map((name) => fs.statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600]);
  });
});

describe('when the store takes entries over', () => {
  it('empties the file that they stand in, and the other one grows meanwhile', () => {
    journal.append([entry(1)]);
    const emptied = journal.turn();
    journal.append([entry(2)]);
    emptied();
    expect(journal.left()).toEqual([entry(2)]);
  });

  it('keeps entries that the store did not take until it takes them with later ones', () => {
    journal.append([entry(1)]);
    journal.turn(); // fails, so nothing is emptied
    journal.append([entry(2)]);
    const emptied = journal.turn();
    journal.append([entry(3)]);
    expect(journal.left()).toEqual([entry(1), entry(2), entry(3)]);
    emptied();
    expect(journal.left()).toEqual([entry(2), entry(3)]); // 2 stands beside 3 and goes with the next turn; twice is once in the store
    journal.turn()();
    expect(journal.left()).toEqual([]);
  });
});
