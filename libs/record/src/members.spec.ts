import { readFileSync } from 'node:fs';
import { readMembership } from './index.js';

describe('when the members file is right', () => {
  it('gives the operator and every member', () => {
    const read = readMembership(JSON.parse(readFileSync('deploy/local/members.json', 'utf8')));
    expect(read).toMatchObject({ membership: { operator: 'GE/GOV/0001' } });
    expect('membership' in read && read.membership.members.map((member) => member.id)).toEqual([
      'GE/GOV/7001',
      'GE/GOV/7002',
      'GE/GOV/7003',
    ]);
  });
});

describe('when it has mistakes', () => {
  it('names all of them with their place', () => {
    const member = { id: 'GE/GOV/1', name: 'x', subsystems: ['UPPER'], publishes: ['person'] };
    expect(readMembership({ operator: 'x', members: [member, { id: 'bad' }] })).toEqual({
      mistakes: [
        '/operator is not a member id like GE/GOV/0001',
        '/members/0/subsystems/0 is not a subsystem code',
        '/members/0/publishes/0 is not a record type like address.locality',
        '/members/1/id is not a member id like GE/GOV/7001',
      ],
    });
  });

  it('refuses a member that stands twice, and something that is no object', () => {
    const member = { id: 'GE/GOV/1', name: 'x', subsystems: [], publishes: [] };
    expect(readMembership({ operator: 'GE/GOV/0001', members: [member, member] })).toEqual({
      mistakes: ['/members names GE/GOV/1 twice'],
    });
    expect(readMembership([])).toHaveProperty('mistakes');
  });
});
