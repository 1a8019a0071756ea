import type { OpenConfiguration } from '#configuration';
import { FaultError } from '#faults';
import type { MemberState } from '#policy';
import type { MemberId } from '#record';
import { testMember } from '#testkit';
import { standingBy, withoutDirectory } from './member-standing.js';

const member = 'GE/GOV/7001' as MemberId;
const standingOf = (state?: MemberState) => {
  const members = new Map(state === undefined ? [] : [[member, testMember(member, state).participant]]);
  return standingBy({ current: () => ({ members }) as unknown as OpenConfiguration })(member);
};

describe('when the directory is asked whether a member takes part', () => {
  it.each([
    ['approved', undefined],
    ['suspended', { code: 'MEMBER_SUSPENDED' }],
    ['joined', { code: 'MEMBER_NOT_APPROVED' }],
    ['invited', { code: 'MEMBER_NOT_APPROVED' }],
    [undefined, { code: 'MEMBER_NOT_APPROVED' }],
  ] as const)('says of one that is %s what is to be told', (state, fault) => {
    expect(standingOf(state)).toEqual(fault);
  });

  it('says nothing at all where the configuration has expired', () => {
    const current = () => {
      throw new FaultError('CONFIGURATION_EXPIRED');
    };
    expect(() => standingBy({ current })(member)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_EXPIRED' }));
  });

  it('lets everybody take part where no directory runs', () => {
    expect(withoutDirectory(member)).toBeUndefined();
  });
});
