import { authorizationOf, startRegistry } from './registry.fixture.js';

jest.setTimeout(60_000);

type Registry = Awaited<ReturnType<typeof startRegistry>>;
const schema = (title: string, more: object = {}) => JSON.stringify({ title, type: 'object', ...more });
const USERS = {
  admin: ['administrator'],
  author: ['developer', 'approver'],
  first: ['approver'],
  second: ['approver'],
} as const;

let registry: Registry;
beforeEach(async () => {
  registry = await startRegistry({ users: USERS });
});
afterEach(() => registry.close());

const as = (user: keyof typeof USERS, method: string, path: string, body?: unknown) =>
  registry.call(method, path, body, { authorization: authorizationOf(user) });
const underReview = (policy: object = {}) => as('admin', 'PUT', '/subjects/s/review', { required: true, ...policy });
const register = (text: string) => as('author', 'POST', '/subjects/s/versions', { schemaType: 'JSON', schema: text });
const step = (user: keyof typeof USERS, name: string, reason = 'because it is right') =>
  as(user, 'POST', `/subjects/s/drafts/1/${name}`, { reason });
const audit = () => registry.client.records('schema-audit').map(({ value }) => JSON.parse(String(value)));

describe('when a subject is under review', () => {
  it('makes a draft of what a client registers, once, and says what is missing', async () => {
    await underReview();
    const { status, body } = await register(schema('one'));
    expect([status, body.error_code]).toEqual([422, 42220]);
    expect(body.message).toBe(
      's is under review: this is draft 1 (draft). Missing: its author submits it for review; 1 approval by an approver other than author; another person than author promotes it.',
    );
    await register(schema('one'));
    expect((await as('author', 'GET', '/subjects/s/drafts')).body).toHaveLength(1);
    expect((await as('author', 'GET', '/subjects')).body).toEqual([]);
  });

  it('publishes after submission and approval by another person, and then the same registration succeeds', async () => {
    await underReview({ approvals: 2 });
    await register(schema('one'));
    expect((await step('second', 'promote')).body.error_code).toBe(42221);
    expect((await step('first', 'approve')).body.error_code).toBe(42221); // not submitted yet
    expect((await step('author', 'submit')).body.state).toBe('in review');
    expect((await step('author', 'approve')).body.error_code).toBe(40301); // four eyes
    expect((await step('first', 'approve')).body.state).toBe('in review');
    expect((await step('first', 'approve')).body.error_code).toBe(42221); // each counts once
    expect((await step('second', 'approve')).body.state).toBe('approved');
    expect((await step('author', 'promote')).body.error_code).toBe(40301); // nor does the author publish
    expect((await step('first', 'promote')).body).toMatchObject({ version: 1, id: 1 });
    expect((await register(schema('one'))).body).toMatchObject({ version: 1, id: 1 });
    expect((await as('author', 'GET', '/subjects/s/drafts/1')).body).toMatchObject({
      state: 'published',
      version: 1,
      missing: [],
    });
    const steps = audit().filter(({ draft }) => draft === 1);
    expect(steps.map(({ action, by }) => `${action} by ${by}`)).toEqual([
      'draft by author',
      'submit by author',
      'approve by first',
      'approve by second',
      'promote by first',
    ]);
  });

  it('waits for the end of the comment period, and takes comments until then', async () => {
    await underReview({ commentHours: 24 });
    await register(schema('one'));
    await step('author', 'submit');
    await step('first', 'approve');
    expect((await step('second', 'comment', 'The title is vague.')).status).toBe(200);
    expect((await step('first', 'promote')).body.message).toContain('the comment period ends (2099-01-02T00:00:00.000Z)');
    registry.clock.set(new Date('2099-01-02T00:00:01Z'));
    expect((await step('first', 'promote')).body).toMatchObject({ version: 1 });
  });

  it('refuses steps without a reason, and reviewers who were not named', async () => {
    await underReview({ reviewers: ['second'] });
    await register(schema('one'));
    expect((await step('author', 'submit', '')).body.error_code).toBe(42221);
    await step('author', 'submit');
    expect((await step('first', 'approve')).body.error_code).toBe(40301);
    expect((await step('second', 'approve')).body.state).toBe('approved');
  });

  it('is published by its owner alone, unless the owner wrote it', async () => {
    await underReview({ owner: 'second' });
    await register(schema('one'));
    await step('author', 'submit');
    await step('first', 'approve');
    expect((await step('first', 'promote')).body).toMatchObject({
      error_code: 40301,
      message: expect.stringContaining('second'),
    });
    expect((await step('second', 'promote')).body).toMatchObject({ version: 1 });
    await underReview({ owner: 'author' });
    await register(schema('two'));
    const next = (user: keyof typeof USERS, name: string) =>
      as(user, 'POST', `/subjects/s/drafts/2/${name}`, { reason: 'because it is right' });
    expect((await next('first', 'submit')).status).toBe(403);
    await next('author', 'submit');
    await next('first', 'approve');
    expect((await next('author', 'promote')).status).toBe(403);
    expect((await next('first', 'promote')).body).toMatchObject({ version: 2 });
  });

  it('is changed by no other way: tags, deletion, or a comment without a name', async () => {
    await register(schema('one', { properties: { a: { type: 'string' } } }));
    await underReview();
    const tagsToAdd = [{ schemaEntity: { entityPath: 'object.a', entityType: 'sr_field' }, tags: ['PII'] }];
    expect((await as('author', 'POST', '/subjects/s/versions/1/tags', { tagsToAdd })).body.error_code).toBe(42220);
    expect((await as('author', 'GET', '/subjects/s/drafts/1')).body.schema).toContain('"confluent:tags":["PII"]');
    expect((await as('admin', 'DELETE', '/subjects/s')).body.error_code).toBe(42220);
    expect((await as('author', 'DELETE', '/subjects/s/versions/1')).body.error_code).toBe(42220);
    const anonymous = await fetch(`${registry.url}/subjects/s/drafts/1/comment`, { method: 'POST', body: '{"reason":"hello"}' });
    expect(anonymous.status).toBe(401);
    expect((await as('author', 'GET', '/subjects/s/versions')).body).toEqual([1]);
  });

  it('ends with a rejection', async () => {
    await underReview();
    await register(schema('one'));
    await step('author', 'submit');
    expect((await step('first', 'reject')).body.state).toBe('rejected');
    expect((await step('second', 'approve')).body.error_code).toBe(42221);
    expect((await register(schema('one'))).body.message).toContain('draft 2');
  });
});

describe('when a draft is not proved to be safe', () => {
  it('shows the verdict, and nobody overrides what is proved to break', async () => {
    await register(schema('one', { properties: { a: { type: 'string' } } }));
    await as('author', 'POST', '/subjects/s/drafts', {
      schemaType: 'JSON',
      schema: schema('two', { properties: { a: { type: 'number' } } }),
    });
    const { body } = await as('first', 'GET', '/subjects/s/drafts/1');
    expect(body.safety).toMatchObject({ isCompatible: false, verdict: { verdict: 'incompatible' } });
    await step('author', 'submit');
    expect((await step('first', 'override')).body.error_code).toBe(42221);
    await step('first', 'approve');
    expect((await step('first', 'promote')).body.error_code).toBe(40901);
  });

  it('passes where an approver overrides in writing what is undecided', async () => {
    const undecided = { isCompatible: false, messages: ['backward: undecided'], verdict: { verdict: 'undecided' } };
    const own = await startRegistry({ users: USERS, compare: async () => undecided });
    const ask = (user: string, method: string, path: string, body?: unknown) =>
      own.call(method, path, body, { authorization: authorizationOf(user) });
    const sent = (title: string) => ({ schemaType: 'JSON', schema: schema(title) });
    await ask('author', 'POST', '/subjects/s/versions', sent('one'));
    expect((await ask('author', 'POST', '/subjects/s/versions', sent('two'))).body.error_code).toBe(40901);
    await ask('author', 'POST', '/subjects/s/drafts?reason=new', sent('two'));
    const reason = { reason: 'Checked by hand against all records of 2099.' };
    await ask('author', 'POST', '/subjects/s/drafts/1/submit', reason);
    await ask('first', 'POST', '/subjects/s/drafts/1/approve', reason);
    expect((await ask('first', 'POST', '/subjects/s/drafts/1/promote', reason)).status).toBe(409);
    await ask('first', 'POST', '/subjects/s/drafts/1/override', reason);
    expect((await ask('first', 'POST', '/subjects/s/drafts/1/promote', reason)).body).toMatchObject({ version: 2 });
    await own.close();
  });
});

describe('when a version is no longer wanted', () => {
  it('is deprecated first, then retired', async () => {
    await register(schema('one'));
    const call = (user: keyof typeof USERS, what: string) =>
      as(user, 'POST', `/subjects/s/versions/1/${what}`, { reason: 'replaced by two' });
    expect((await call('first', 'retire')).body.error_code).toBe(42221);
    expect((await call('author', 'deprecate')).body).toMatchObject({ deprecated: true });
    expect((await call('first', 'retire')).body).toBe(1);
    expect((await as('author', 'GET', '/subjects/s/versions')).body.error_code).toBe(40401);
  });
});
