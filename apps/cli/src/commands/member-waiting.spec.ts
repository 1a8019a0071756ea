import type { MemberKey, Participant } from '#policy';
import type { MemberId, SubsystemId } from '#record';
import { decisionLine, waitingLines } from './member-waiting.js';

const member = { id: 'GE/GOV/7002' as MemberId, state: 'approved' } as unknown as Participant;

describe('what waits for an officer', () => {
  it('is said in words: where data would go, and which key', () => {
    const system = {
      id: 'GE/GOV/7002/cadastre' as SubsystemId,
      name: 'cadastre',
      endpoints: [{ kind: 'kafka' }, { kind: 'webhook', url: 'https://consumer.example/in' }],
    } as const;
    const key = { purpose: 'receipt' } as unknown as MemberKey;
    expect(
      waitingLines([
        member,
        {
          ...member,
          waiting: [
            { id: 'c1', systems: [system] },
            { id: 'k1', key },
          ],
        },
      ]),
    ).toEqual([
      'GE/GOV/7002 asks in c1 for cadastre to receive by kafka, https://consumer.example/in.',
      'GE/GOV/7002 asks in k1 for a further key for receipt.',
    ]);
  });
});

describe('what was decided', () => {
  it('speaks of the change where it was about one, and of the member otherwise', () => {
    expect(decisionLine(member, 'approve', 'c1')).toBe('Change c1 of GE/GOV/7002 is in force.');
    expect(decisionLine(member, 'decline', 'c1')).toBe('Change c1 of GE/GOV/7002 is dropped.');
    expect(decisionLine(member, 'approve', undefined)).toBe('GE/GOV/7002 is approved.');
  });
});
