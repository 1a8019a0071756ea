import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breaches, type Delivered, judge, printCount, type Told } from './judge.js';
import { Ledger, type Sent } from './ledger.js';

const folder = mkdtempSync(join(tmpdir(), 'khidi-judge-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sent = (n: number, more: Partial<Sent> = {}): Sent => ({
  event: `/s ${n}`,
  subject: `subject-${n % 2}`,
  change: n,
  faulty: false,
  digest: `d${n}`,
  ...more,
});
const delivered = (n: number, more: Partial<Delivered> = {}): Delivered => ({
  event: `/s ${n}`,
  exchange: `iss j${n}`,
  sub: `sub-${n % 2}`,
  seq: n,
  digest: `d${n}`,
  ...more,
});

let files = 0;
function ledgerOf(batch: readonly Sent[]): Ledger {
  files += 1;
  const ledger = new Ledger(join(folder, `ledger-${files}`));
  ledger.intend(batch);
  ledger.answer(
    batch.map((one) => one.event),
    [],
  );
  return ledger;
}

const three = [sent(1), sent(2), sent(3, { faulty: true })];
const rejection: Told = { event: '/s 3', kind: 'rejected' };

describe('when everything went right', () => {
  it('counts no breach and prints the line', () => {
    const count = judge(ledgerOf(three), [delivered(1), delivered(2)], [rejection]);
    expect(breaches(count)).toEqual([]);
    expect(printCount(count)).toContain('acked=3 sealed=2 rejected=1');
  });

  it('keeps the ledger on the disk', () => {
    ledgerOf(three).close();
    expect(readFileSync(join(folder, `ledger-${files}`), 'utf8').split('\n')).toHaveLength(7);
  });
});

describe('when something went wrong', () => {
  it.each<[string, string, Delivered[], Told[]]>([
    ['lost', 'a record vanished', [delivered(1)], [rejection]],
    ['both', 'a record was sealed and rejected', [delivered(1), delivered(2), delivered(3)], [rejection]],
    ['duplicated', 'one exchange carries two contents', [delivered(1), delivered(2), delivered(2, { digest: 'x' })], [rejection]],
    ['duplicated', 'one event has two exchanges', [delivered(1), delivered(2), delivered(2, { exchange: 'iss k' })], [rejection]],
    ['altered', 'the content changed', [delivered(1), delivered(2, { digest: 'x' })], [rejection]],
    ['invented', 'nobody sent it', [delivered(1), delivered(2), delivered(9)], [rejection]],
    ['unsigned', 'the envelope does not hold', [delivered(1), delivered(2), delivered(3, { digest: undefined })], [rejection]],
    ['wrongly', 'a spoilt record was sealed', [delivered(1), delivered(2), delivered(3)], []],
    ['wrongly', 'a sound record was rejected', [delivered(1)], [rejection, { event: '/s 2', kind: 'rejected' }]],
  ])('counts %s where %s', (name, _why, out, told) => {
    expect(breaches(judge(ledgerOf(three), out, told))).toContain(name);
  });

  it('counts misordered where a later change came first', () => {
    const batch = [sent(1, { subject: 'a' }), sent(2, { subject: 'a' })];
    const count = judge(ledgerOf(batch), [delivered(2, { sub: 'a', seq: 1 }), delivered(1, { sub: 'a', seq: 2 })], []);
    expect(breaches(count)).toEqual(['misordered']);
  });
});

describe('when the same envelope is read twice', () => {
  it('is a harmless repeat', () => {
    const count = judge(ledgerOf(three), [delivered(1), delivered(2), delivered(2)], [rejection]);
    expect([count.repeats, breaches(count)]).toEqual([1, []]);
  });
});
