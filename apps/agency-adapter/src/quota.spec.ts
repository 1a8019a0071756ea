import { type Doors, openDoors } from './doors.fixture.js';
import { readQuota } from './quota.js';

let doors: Doors;
beforeEach(async () => {
  doors = await openDoors('fast', '3/day');
});
afterEach(() => doors.close());

const event = (id: string) => ({
  specversion: '1.0',
  id,
  source: '/GE/GOV/7001/base-registry',
  type: 'address.locality.created',
  dataschema: 'urn:khidi:schema:address.locality:1',
  data: { id },
});
async function send(contentType: string, body: string) {
  const authorization = `Basic ${Buffer.from(`base-registry:${doors.secrets['base-registry']}`).toString('base64')}`;
  const headers = { authorization, 'content-type': contentType };
  const answer = await fetch(`${doors.service.url}/v1/events`, { method: 'POST', headers, body });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}
const one = (id: string) => send('application/cloudevents+json', JSON.stringify(event(id)));
const batch = (...ids: string[]) => send('application/cloudevents-batch+json', JSON.stringify(ids.map(event)));
const lines = (...ids: string[]) => send('application/x-ndjson', ids.map((id) => JSON.stringify(event(id))).join('\n'));

describe('when a member has a quota', () => {
  it('answers 429 beyond it and says when to come again, and nothing of that is on the road', async () => {
    for (const id of ['1', '2', '3']) expect((await one(id)).status).toBe(202);
    const { status, headers, text } = await one('4');
    expect([status, JSON.parse(text)]).toMatchObject([429, { code: 'DOOR_QUOTA' }]);
    expect(headers.get('ratelimit-policy')).toBe('"member";q=3;w=86400');
    const [, rest = ''] = /^"member";r=0;t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
    expect(headers.get('retry-after')).toBe(rest);
    expect(Number(rest)).toBeGreaterThan(0);
    expect(Number(rest)).toBeLessThanOrEqual(86_400);
    expect(doors.publisher.records).toHaveLength(3);
  });

  it('says what is left in answers that are a yes', async () => {
    await one('1');
    expect((await one('2')).headers.get('ratelimit')).toMatch(/^"member";r=2;t=\d+$/);
  });

  it('takes what comes together whole or not at all', async () => {
    expect((await batch('1', '2')).status).toBe(207);
    expect((await batch('3', '4')).status).toBe(429);
    expect((await one('3')).status).toBe(202);
    expect((await lines('4', '5')).status).toBe(429);
    expect(doors.publisher.records).toHaveLength(3);
  });
});

describe('when a quota is read', () => {
  it.each([
    ['10/minute', { limit: 10, windowMs: 60_000 }],
    ['100000/hour', { limit: 100_000, windowMs: 3_600_000 }],
  ])('takes %s', (text, expected) => {
    expect(readQuota(text, 'm')).toEqual({ name: 'member:m', ...expected });
  });

  it.each(['0/minute', '10', '10/second', 'all'])('does not take %s, so that nobody is unlimited by mistake', (text) => {
    expect(() => readQuota(text, 'm')).toThrow('SETTINGS_INVALID');
  });
});
