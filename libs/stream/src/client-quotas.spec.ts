import { readFileSync } from 'node:fs';
import { readMembers } from '#settings';
import { planClientQuotas } from './client-quotas.js';

const membership = readMembers('deploy/local/members.json');
const members = membership.members.map(({ id }) => id.replaceAll('/', '-'));

describe('when quotas of direct writers are planned', () => {
  it('gives every member the limits of the table', () => {
    const plan = planClientQuotas(JSON.parse(readFileSync('deploy/kafka/quotas.json', 'utf8')), membership);
    expect(plan.map(({ principal }) => principal)).toEqual(members);
    for (const { limits } of plan)
      expect([...limits.keys()]).toEqual(['producer_byte_rate', 'consumer_byte_rate', 'request_percentage']);
  });

  it('gives a member with a row of its own that one only', () => {
    const [own = '', ...others] = members;
    const rows = [
      { name: '<member>', producer_byte_rate: 100 },
      { name: own, consumer_byte_rate: 5 },
    ];
    const plan = planClientQuotas({ principals: rows }, membership);
    expect(plan.filter(({ principal }) => principal === own)).toEqual([
      { principal: own, limits: new Map([['consumer_byte_rate', 5]]) },
    ]);
    expect(plan.map(({ principal }) => principal)).toEqual([...others, own]);
  });

  it.each([
    ['a limit of nothing', { principals: [{ name: '<member>', producer_byte_rate: 0 }] }, '/principals/0/producer_byte_rate'],
    ['a limit that there is not', { principals: [{ name: '<member>', bytes: 1 }] }, 'bytes'],
    ['a row twice', { principals: [{ name: 'a' }, { name: 'a' }] }, 'a stands there twice'],
    ['no table', {}, '/principals'],
  ])('refuses %s', (_, table, place) => {
    expect(() => planClientQuotas(table, membership)).toThrow(place);
  });
});
