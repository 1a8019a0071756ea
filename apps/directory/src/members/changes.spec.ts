import { SEALED_AT, testMember } from '#testkit';
import type { MemberRecord } from '../state/records.js';
import { update } from './changes.js';

const MINUTE = 60_000;
const member: MemberRecord = {
  ...testMember('GE/GOV/7001').participant,
  contacts: [],
  acts: [{ act: 'approve', by: 'nino', at: '2099-01-01T00:00:00Z', why: 'its statute was checked' }],
};
/** Changes its name once a minute from an instant on, as often as that is taken. */
function renamed(before: MemberRecord, from: number, times: number, prefix: string) {
  let now = before;
  for (let i = 0; i < times; i += 1) {
    const asked = { by: member.id, at: new Date(from + i * MINUTE), why: 'signed' };
    try {
      now = update(now, { id: `${prefix}-${i}`, name: `Name ${i}` }, asked);
    } catch (error) {
      return { now, taken: i, code: (error as { code?: string }).code };
    }
  }
  return { now, taken: times, code: undefined };
}

describe('when a member changes itself again and again', () => {
  it('is stopped for the day after fifty changes', () => {
    const { now, taken, code } = renamed(member, SEALED_AT.getTime(), 60, 'a');
    expect([taken, code]).toEqual([50, 'MEMBER_STATE']);
    expect(renamed(now, SEALED_AT.getTime() + 26 * 60 * MINUTE, 1, 'b').taken).toBe(1);
  });

  it('keeps a record that goes on to fit into a message, with all acts of others', () => {
    let now = member;
    for (let day = 0; day < 30; day += 1) now = renamed(now, SEALED_AT.getTime() + day * 26 * 60 * MINUTE, 50, `day-${day}`).now;
    expect(now.name).toBe('Name 49');
    expect([now.acts.length, now.acts[0]?.by]).toEqual([201, 'nino']);
    expect(() => update(now, { id: 'day-29-0' }, { by: member.id, at: SEALED_AT, why: 'signed' })).toThrow(
      expect.objectContaining({ code: 'MEMBER_STATE' }),
    );
  });
});
