import { authorizationOf, startRegistry } from './registry.fixture.js';

jest.setTimeout(60_000);

type Registry = Awaited<ReturnType<typeof startRegistry>>;
const text = (more: object = {}): string => JSON.stringify({ type: 'object', ...more });
const closed = (...names: string[]): string =>
  text({ properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])), additionalProperties: false });

let registry: Registry;
beforeEach(async () => {
  registry = await startRegistry({ users: { ministry: ['administrator'], dev: ['developer'], eye: ['reader'] } });
});
afterEach(() => registry.close());

/** Status and error code of an answer, and its body. */
const answer = async (method: string, path: string, body?: unknown) => {
  const { status, body: found } = await registry.call(method, path, body);
  return [status, found?.error_code ?? found];
};

describe('when versions are deleted', () => {
  it('hides them softly, then removes them for good, and says by code what is missing', async () => {
    await registry.register('s', closed('a'));
    await registry.register('s', closed('a', 'b'));
    expect(await answer('DELETE', '/subjects/s/versions/1?permanent=true')).toEqual([404, 40407]);
    expect(await answer('DELETE', '/subjects/s?permanent=true')).toEqual([404, 40405]);
    expect(await answer('DELETE', '/subjects/s/versions/1')).toEqual([200, 1]);
    expect(await answer('DELETE', '/subjects/s/versions/1')).toEqual([404, 40406]);
    expect(await answer('GET', '/subjects/s/versions/1')).toEqual([404, 40402]);
    expect((await registry.call('GET', '/subjects/s/versions/1?deleted=true')).body).toMatchObject({ version: 1, deleted: true });
    expect((await registry.call('GET', '/schemas/ids/1')).body).toMatchObject({ schema: closed('a'), deleted: true });
    expect(await answer('GET', '/subjects/s/versions?deletedOnly=true')).toEqual([200, [1]]);
    expect(await answer('DELETE', '/subjects/s')).toEqual([200, [2]]);
    expect(await answer('DELETE', '/subjects/s')).toEqual([404, 40404]);
    expect(await answer('GET', '/subjects')).toEqual([200, []]);
    expect(await answer('GET', '/subjects?deleted=true')).toEqual([200, ['s']]);
    expect(await answer('DELETE', '/subjects/s?permanent=true')).toEqual([200, [1, 2]]);
    expect(await answer('GET', '/schemas/ids/1')).toEqual([404, 40403]);
    expect(await answer('DELETE', '/subjects/s')).toEqual([404, 40401]);
  });

  it('gives no id and no record type version again, also after a restart', async () => {
    const locality = JSON.stringify({
      type: 'object',
      properties: { id: { type: 'string' } },
      'x-khidi': { identifier: '/id', sequence: 'offset', classification: 'public', legalBasis: 'test', retention: 'P1Y' },
    });
    await registry.register('address.locality', locality);
    await registry.call('DELETE', '/subjects/address.locality');
    await registry.call('DELETE', '/subjects/address.locality?permanent=true');
    const next = await startRegistry({ client: registry.client });
    expect((await next.register('other', text())).body).toMatchObject({ id: 2, version: 1 });
    expect((await next.register('address.locality', locality)).body).toMatchObject({ id: 3, version: 2 });
    await next.close();
  });

  it('keeps what others refer to', async () => {
    await registry.register('shared', text({ title: 'shared' }));
    const references = [{ name: 'shared.json', subject: 'shared', version: 1 }];
    const { body } = await registry.register('s', text({ properties: { a: { $ref: 'shared.json' } } }), references);
    expect(await answer('GET', '/subjects/shared/versions/1/referencedby')).toEqual([200, [body.id]]);
    expect(await answer('DELETE', '/subjects/shared/versions/1')).toEqual([422, 42206]);
    expect(await answer('DELETE', '/subjects/s')).toEqual([200, [1]]);
    expect(await answer('DELETE', '/subjects/shared')).toEqual([200, [1]]);
  });
});

describe('when levels are set', () => {
  it('calls them compatibility on the way in and compatibilityLevel on the way out', async () => {
    expect(await answer('GET', '/config')).toEqual([200, { compatibilityLevel: 'BACKWARD' }]);
    expect(await answer('GET', '/config/s')).toEqual([404, 40408]);
    expect(await answer('PUT', '/config/s', { compatibility: 'full' })).toEqual([200, { compatibility: 'FULL' }]);
    expect(await answer('GET', '/config/s')).toEqual([200, { compatibilityLevel: 'FULL' }]);
    expect(await answer('GET', '/config/t?defaultToGlobal=true')).toEqual([200, { compatibilityLevel: 'BACKWARD' }]);
    expect(await answer('PUT', '/config', { compatibility: 'SOME' })).toEqual([422, 42203]);
    expect(await answer('DELETE', '/config/s')).toEqual([200, { compatibilityLevel: 'FULL' }]);
    expect(await answer('DELETE', '/config/s')).toEqual([404, 40401]);
  });

  it('refuses what breaks, with the document that shows it, and lets it pass where nothing is asked', async () => {
    await registry.register('s', closed('a'));
    const open = text({ properties: { a: { type: 'number' } } });
    const refused = await registry.register('s', open);
    expect([refused.status, refused.body.error_code]).toEqual([409, 40901]);
    expect(refused.body.message).toContain('(document: {');
    const check = await registry.call('POST', '/compatibility/subjects/s/versions/latest?verbose=true', {
      schemaType: 'JSON',
      schema: open,
    });
    expect(check.body).toMatchObject({ is_compatible: false, verdict: { verdict: 'incompatible' } });
    expect(check.body.messages).toHaveLength(1);
    expect((await registry.call('GET', '/subjects/s/versions')).body).toEqual([1]);
    await registry.call('PUT', '/config/s', { compatibility: 'NONE' });
    expect((await registry.register('s', open)).status).toBe(200);
  });

  it('answers for versions that are named, for all, and for a subject that is new', async () => {
    const body = { schemaType: 'JSON', schema: closed('a', 'b') };
    expect(await answer('POST', '/compatibility/subjects/s/versions/latest', body)).toEqual([200, { is_compatible: true }]);
    expect(await answer('POST', '/compatibility/subjects/s/versions/7', body)).toEqual([404, 40401]);
    await registry.register('s', closed('a'));
    expect(await answer('POST', '/compatibility/subjects/s/versions/7', body)).toEqual([404, 40402]);
    expect(await answer('POST', '/compatibility/subjects/s/versions', body)).toEqual([200, { is_compatible: true }]);
  });

  it('compares only within a group', async () => {
    await registry.call('PUT', '/config/s', { compatibilityGroup: 'line' });
    const line = (name: string) => ({ metadata: { properties: { line: name } } });
    await registry.register('s', closed('a'), undefined, line('one'));
    expect((await registry.register('s', text({ type: 'array' }), undefined, line('two'))).status).toBe(200);
    expect((await registry.register('s', text({ type: 'array' }), undefined, line('one'))).status).toBe(409);
  });
});

describe('when modes are set', () => {
  it('refuses to change what is only to be read', async () => {
    expect(await answer('PUT', '/mode/s', { mode: 'READONLY' })).toEqual([200, { mode: 'READONLY' }]);
    expect((await registry.register('s', text())).body.error_code).toBe(42205);
    expect(await answer('GET', '/mode/t')).toEqual([404, 40409]);
    expect(await answer('GET', '/mode/t?defaultToGlobal=true')).toEqual([200, { mode: 'READWRITE' }]);
    expect(await answer('PUT', '/mode', { mode: 'SLOW' })).toEqual([422, 42204]);
    expect(await answer('DELETE', '/mode/s')).toEqual([200, { mode: 'READONLY' }]);
    expect((await registry.register('s', text())).status).toBe(200);
  });

  it('takes ids and versions only while importing', async () => {
    expect((await registry.register('s', text(), undefined, { id: 77, version: 5 })).body.error_code).toBe(42205);
    await registry.call('PUT', '/mode/s', { mode: 'IMPORT' });
    expect((await registry.register('s', text(), undefined, { id: 77, version: 5 })).body).toMatchObject({ id: 77, version: 5 });
    expect((await registry.register('s', closed('b'), undefined, { id: 77, version: 6 })).body.error_code).toBe(42207);
    expect(await answer('PUT', '/mode', { mode: 'IMPORT' })).toEqual([422, 42205]);
    expect(await answer('PUT', '/mode?force=true', { mode: 'IMPORT' })).toEqual([200, { mode: 'IMPORT' }]);
  });
});

describe('when subjects stand in contexts', () => {
  it('has ids for each context, and finds schemas by GUID in all', async () => {
    await registry.register('s', text({ title: 'first' }));
    const { body } = await registry.register(':.other:s', text({ title: 'second' }));
    expect(body).toMatchObject({ id: 1, version: 1 });
    expect((await registry.call('GET', '/schemas/ids/1?subject=:.other:')).body).toMatchObject({
      schema: text({ title: 'second' }),
    });
    expect((await registry.call('GET', `/schemas/guids/${body.guid}`)).body).toMatchObject({ schema: text({ title: 'second' }) });
    expect(await answer('GET', `/schemas/guids/${body.guid}/ids`)).toEqual([200, [{ context: '.other', id: 1 }]]);
    expect(await answer('GET', '/contexts')).toEqual([200, ['.', '.other']]);
    expect(await answer('GET', '/subjects')).toEqual([200, [':.other:s', 's']]);
    expect(await answer('GET', '/subjects?subjectPrefix=:.other:')).toEqual([200, [':.other:s']]);
    expect(await answer('DELETE', '/contexts/.other')).toEqual([422, 42211]);
    await registry.call('DELETE', '/subjects/:.other:s');
    await registry.call('DELETE', '/subjects/:.other:s?permanent=true');
    expect((await registry.call('DELETE', '/contexts/.other')).status).toBe(204);
  });
});

describe('when a schema carries more than its text', () => {
  it('keeps metadata and rules, finds by metadata, and takes over what a later version leaves out', async () => {
    const metadata = { properties: { owner: 'registry-office' } };
    const ruleSet = { domainRules: [{ name: 'r', kind: 'CONDITION', type: 'CEL', mode: 'WRITE', expr: 'true' }] };
    await registry.register('s', closed('a'), undefined, { metadata, ruleSet });
    await registry.register('s', closed('a', 'b'));
    expect((await registry.call('GET', '/subjects/s/versions/2')).body).toMatchObject({ metadata, ruleSet });
    expect((await registry.call('GET', '/subjects/s/metadata?key=owner&value=registry-office')).body).toMatchObject({
      version: 2,
    });
    expect(await answer('GET', '/subjects/s/metadata?key=owner&value=nobody')).toEqual([404, 40403]);
    expect((await registry.call('GET', '/schemas?ruleType=CEL&latestOnly=true')).body).toMatchObject([{ version: 2 }]);
  });

  it('adds tags as a new version, and finds them', async () => {
    await registry.register('s', closed('a'));
    const entity = { entityPath: 'object.a', entityType: 'sr_field' };
    const body = { tagsToAdd: [{ schemaEntity: entity, tags: ['PII'] }] };
    const { body: tagged } = await registry.call('POST', '/subjects/s/versions/1/tags', body);
    expect(tagged).toMatchObject({ version: 2 });
    const found = await registry.call('GET', `/schemas/ids/${tagged.id}?findTags=PII`);
    expect(found.body.schemaTags).toEqual([{ schemaEntity: entity, tags: ['PII'] }]);
  });

  it('is found by its normalised text', async () => {
    await registry.call('POST', '/subjects/s/versions?normalize=true', {
      schemaType: 'JSON',
      schema: '{"type": "object", "title": "t"}',
    });
    const same = await registry.call('POST', '/subjects/s?normalize=true', {
      schemaType: 'JSON',
      schema: '{ "title":"t","type":"object" }',
    });
    expect(same.body).toMatchObject({ version: 1, schema: '{"title":"t","type":"object"}' });
  });
});

describe('when lists are long', () => {
  it('gives pages', async () => {
    for (const name of ['a', 'b', 'c']) await registry.register(name, text({ title: name }));
    expect(await answer('GET', '/subjects?offset=1&limit=1')).toEqual([200, ['b']]);
    expect(await answer('GET', '/subjects?limit=-1')).toEqual([200, ['a', 'b', 'c']]);
    expect((await registry.call('GET', '/schemas?limit=2')).body).toHaveLength(2);
    expect(await answer('GET', '/subjects?limit=many')).toEqual([422, 42201]);
  });
});

describe('when callers have roles', () => {
  const as = (user: string) => ({ authorization: authorizationOf(user) });
  it('lets each do what his role allows', async () => {
    const body = { schemaType: 'JSON', schema: text() };
    expect((await registry.call('POST', '/subjects/s/versions', body, as('eye'))).body.error_code).toBe(40301);
    expect((await registry.call('POST', '/subjects/s/versions', body, as('dev'))).status).toBe(200);
    expect((await registry.call('PUT', '/config', { compatibility: 'NONE' }, as('dev'))).body.error_code).toBe(40301);
    await registry.call('DELETE', '/subjects/s', undefined, as('dev'));
    expect((await registry.call('DELETE', '/subjects/s?permanent=true', undefined, as('dev'))).body.error_code).toBe(40301);
    expect((await registry.call('GET', '/subjects?deleted=true', undefined, as('eye'))).body).toEqual(['s']);
  });

  it('lets nobody read without a secret where that is set, and everybody write where it is open', async () => {
    const shut = await startRegistry({ anonymousReads: false });
    expect((await fetch(`${shut.url}/subjects`)).status).toBe(401);
    const open = await startRegistry({ open: true });
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ schemaType: 'JSON', schema: text() });
    expect((await fetch(`${open.url}/subjects/s/versions`, { method: 'POST', headers, body })).status).toBe(200);
    expect((await fetch(`${open.url}/subjects/t/versions`, { method: 'POST', body })).status).toBe(415);
    await Promise.all([shut.close(), open.close()]);
  });
});

describe('when what is asked does not exist', () => {
  it.each([
    ['GET', '/nowhere', 404, 404],
    ['PUT', '/subjects', 405, 405],
    ['GET', '/subjects/%FF/versions', 422, 42208],
    ['GET', '/v1/metadata/version', 200, undefined],
    ['POST', '/', 200, undefined],
  ])('answers %s %s with %i', async (method, path, status, code) => {
    const { status: found, body } = await registry.call(method, path, method === 'GET' ? undefined : {});
    expect([found, body?.error_code]).toEqual([status, code]);
  });
});
