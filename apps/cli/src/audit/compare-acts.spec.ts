import { actLeaf } from '#evidence';
import { type AuditLine, compareActs } from './compare-acts.js';

const line = (offset: number, text: string): AuditLine => ({
  topic: 'audit',
  partition: 0,
  offset: String(offset),
  timestamp: 4_070_908_800_000,
  line: Buffer.from(text).toString('base64'),
});
const lines = [line(0, '{"kind":"key"}'), line(1, '{"kind":"policy"}'), line(2, '{"kind":"export"}')];
const leaves = lines.map((one) => actLeaf({ ...one, value: Buffer.from(one.line, 'base64') }));

describe('when acts are compared with their leaves', () => {
  it('nothing is found where all agree', () => {
    expect(compareActs(lines, leaves)).toEqual([]);
  });

  it('a line that was removed, changed, moved or added is found', () => {
    const id = (offset: number): string => `audit/0/${offset}@4070908800000`;
    expect(compareActs(lines.slice(1), leaves)).toEqual([`removed  ${id(0)}`]);
    const changed = [lines[0]!, line(1, '{"kind":"policy","by":"somebody else"}'), lines[2]!];
    expect(compareActs(changed, leaves)).toEqual([`changed  ${id(1)}`]);
    const moved = [lines[0]!, line(1, '{"kind":"export"}'), line(2, '{"kind":"policy"}')];
    expect(compareActs(moved, leaves)).toEqual([`changed  ${id(1)}`, `changed  ${id(2)}`]);
    expect(compareActs([...lines, line(3, '{}')], leaves)).toEqual([`no leaf  ${id(3)}`]);
    expect(compareActs([{ ...lines[0]!, timestamp: 0 }], leaves.slice(0, 1))).toEqual([
      `removed  ${id(0)}`,
      'no leaf  audit/0/0@0',
    ]);
  });
});
