import type { MemberId, RecordType, SubsystemId } from '#record';
import type { Caller } from '../door-event.js';
import { type Mapping, readMapping } from '../mapping/mapping-file.js';
import { rowBoundary } from './boundaries.js';
import { csvLines } from './csv-lines.js';
import { PieceSplitter } from './piece-splitter.js';

const member = 'GE/GOV/7001' as MemberId;
const caller: Caller = {
  subsystem: 'GE/GOV/7001/base-registry' as SubsystemId,
  source: '/GE/GOV/7001/base-registry',
  publishes: new Set(['organisation.public-body' as RecordType]),
};
const now = () => new Date('2026-11-21T10:00:00.000Z');

function mapping(more: object = {}, record: Record<string, string> = { id: 'id', name: 'name != "" ? name' }): Mapping {
  const read = readMapping('bodies', {
    recordType: 'organisation.public-body',
    schemaVersion: 1,
    op: 'created',
    record,
    ...more,
  });
  if ('mistakes' in read) throw new Error(read.mistakes.join());
  return read.mapping;
}
async function lines(csv: string | Buffer, with_: Mapping = mapping(), parts = 1) {
  const splitter = new PieceSplitter(rowBoundary(with_.delimiter), 1024);
  const read = csvLines(with_, member, caller, now);
  const pieces = [...splitter.push(Buffer.from(csv)), ...splitter.end()];
  const size = Math.ceil(pieces.length / parts);
  const all = [];
  for (let i = 0; i < pieces.length; i += size) all.push(...(await read(pieces.slice(i, i + size))));
  return all.map((line) => (line.ok ? [line.line, line.event.data.toString()] : [line.line, line.fault]));
}

describe('when rows are mapped', () => {
  it('makes one record a row and leaves undefined fields out', async () => {
    const csv = '\ufeffid,name\n1,"a\nb"\n2,\r\n';
    for (const parts of [1, 3]) {
      expect(await lines(csv, mapping(), parts)).toEqual([
        [2, '{"id":"1","name":"a\\nb"}'],
        [4, '{"id":"2"}'],
      ]);
    }
  });

  it('refuses broken rows alone', async () => {
    const csv = Buffer.from(`id,name\n1,a\n2\n3,"b"x\n4,\xff\n${'5'.repeat(2000)},c\n6,d\n`, 'latin1');
    expect(await lines(csv)).toEqual([
      [2, '{"id":"1","name":"a"}'],
      [3, 'DOOR_FRAMING'],
      [4, 'DOOR_FRAMING'],
      [5, 'DOOR_FRAMING'],
      [6, 'DOOR_TOO_LARGE'],
      [7, '{"id":"6","name":"d"}'],
    ]);
  });

  it('reads another delimiter', async () => {
    expect(await lines('id;name\n1;"a;b"\n', mapping({ delimiter: ';' }))).toEqual([[2, '{"id":"1","name":"a;b"}']]);
  });

  it.each(['id,id\n1,2\n', '"id\n1'])('throws DOOR_FRAMING where the header is no header', async (csv) => {
    await expect(lines(csv)).rejects.toMatchObject({ code: 'DOOR_FRAMING' });
  });

  it('derives the same id for the same record and another for another', async () => {
    const ids = async (csv: string) => {
      const splitter = new PieceSplitter(rowBoundary(','), 1024);
      const read = await csvLines(mapping(), member, caller, now)([...splitter.push(Buffer.from(csv)), ...splitter.end()]);
      return read.map((line) => (line.ok ? line.event.id : line.fault));
    };
    const [first, second, third] = await ids('id,name\n1,a\n1,a\n1,b\n');
    expect([first, second === first, third === first]).toEqual([expect.stringMatching(/^[A-Za-z0-9_-]{43}$/), true, false]);
  });
});

describe('when a mapping computes', () => {
  const one = (expression: string, cell: string) => lines(`id,n\n1,"${cell}"\n`, mapping({}, { n: expression }));

  it('never lets a number change unseen', async () => {
    expect(await one('$number(n)', '12.5')).toEqual([[2, '{"n":12.5}']]);
    for (const cell of ['9007199254740993', '0.1000000000000000055', '007', '0x10', '1e999', ' ']) {
      expect(await one('$number(n)', cell)).toEqual([[2, 'DOOR_MAPPING']]);
    }
    expect(await one('n * 2', '3')).toEqual([[2, 'DOOR_MAPPING']]);
    expect(await one('1/0', '3')).toEqual([[2, 'DOOR_MAPPING']]);
  });

  it('never runs what stands in a cell, and gives no functions', async () => {
    expect(await one('$eval(n)', '1')).toEqual([[2, 'DOOR_MAPPING']]);
    expect(await one('function($x){$x}', '1')).toEqual([[2, 'DOOR_MAPPING']]);
  });

  it('ends an expression that does not end by itself', async () => {
    expect(await one('($f := function($x){$f($x) + 1}; $f(1))', '1')).toEqual([[2, 'DOOR_MAPPING']]);
  });

  it('takes the event id from the row where the mapping says so', async () => {
    const csv = 'id,name\n7,a\n,b\n';
    const splitter = new PieceSplitter(rowBoundary(','), 1024);
    const with_ = mapping({ eventId: 'id' });
    const read = await csvLines(with_, member, caller, now)([...splitter.push(Buffer.from(csv)), ...splitter.end()]);
    expect(read.map((line) => (line.ok ? line.event.id : line.fault))).toEqual(['7', 'DOOR_MAPPING']);
  });
});

describe('when a mapping file is wrong', () => {
  it('names every mistake', () => {
    const read = readMapping('m', { recordType: 'x', schemaVersion: 0, op: 'made', record: { a: '' }, more: 1 });
    expect('mistakes' in read && read.mistakes.join()).toMatch(/recordType.*schemaVersion.*op.*record\/a/s);
  });

  it('names the expression that is not JSONata', () => {
    const read = readMapping('m', { recordType: 'a.b', schemaVersion: 1, op: 'created', record: { a: '(', b: 'ok', c: ']' } });
    expect('mistakes' in read && read.mistakes).toEqual([
      expect.stringMatching(/^m: \/record\/a is not JSONata/),
      expect.stringMatching(/record\/c/),
    ]);
  });
});
