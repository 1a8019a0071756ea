import { hashSecret, newSecret } from '#http';
import { personSchema as schema, secretOf, startRegistry } from './registry.fixture.js';

jest.setTimeout(60_000);

let registry: Awaited<ReturnType<typeof startRegistry>>;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

describe('when a schema is registered', () => {
  it('gets an id and a version, and the same ones again', async () => {
    const first = await registry.register('address.locality', schema());
    expect(first).toMatchObject({ status: 200, type: 'application/vnd.schemaregistry.v1+json', body: { id: 1, version: 1 } });
    expect((await registry.register('address.locality', schema())).body).toEqual(first.body);
  });

  it('gets the next version when the text differs, and its id again under another subject', async () => {
    const second = await registry.register('address.locality', schema({ title: 'second' }));
    expect(second.body).toMatchObject({ id: 2, version: 2 });
    expect((await registry.register('address.street', schema())).body).toMatchObject({ id: 1, version: 1 });
  });

  it('is read by subject, version and id, byte for byte', async () => {
    expect((await registry.call('GET', '/subjects')).body).toEqual(['address.locality', 'address.street']);
    expect((await registry.call('GET', '/subjects/address.locality/versions')).body).toEqual([1, 2]);
    for (const which of ['2', 'latest', '-1']) {
      const { body } = await registry.call('GET', `/subjects/address.locality/versions/${which}`);
      expect(body).toMatchObject({ subject: 'address.locality', version: 2, id: 2, schema: schema({ title: 'second' }) });
    }
    expect((await registry.call('GET', '/schemas/ids/1')).body).toMatchObject({ schema: schema() });
    expect((await registry.call('GET', '/schemas/ids/1/versions')).body).toEqual([
      { subject: 'address.locality', version: 1 },
      { subject: 'address.street', version: 1 },
    ]);
  });

  it('is accepted as its publisher ships it, with a report of what is odd about it', async () => {
    const odd = JSON.stringify({
      $id: 'the place schema',
      $schema: 'https://json-schema.org/draft-07/schema#',
      'editor:note': 'for a screen only',
      properties: { name: { $id: '#n', format: 'placename' }, code: { $id: '#n', type: 'string' } },
    });
    const { status, body } = await registry.register('places', odd);
    expect([status, body.schema]).toEqual([200, odd]);
    const rules = (lint: { rule: string }[]) => [...new Set(lint.map(({ rule }) => rule))].sort();
    expect(rules(body.lint)).toEqual(['odd-id', 'open-model', 'repeated-id', 'unknown-format', 'unknown-keyword']);
    expect((await registry.call('GET', '/subjects/places/versions/1/lint')).body).toEqual(body.lint);
    const onRoad = await registry.register('address.place', schema({ properties: { id: { format: 'placename' } } }));
    expect([onRoad.status, onRoad.body.error_code]).toEqual([422, 42201]); // records rest on what a record type says
  });

  it('is found by its content', async () => {
    const body = { schemaType: 'JSON', schema: schema({ title: 'second' }) };
    expect((await registry.call('POST', '/subjects/address.locality', body)).body).toMatchObject({ version: 2 });
  });

  it('is found by the name that stock serializers ask for', async () => {
    const { body } = await registry.call('GET', '/subjects/ingress.GE-GOV-7001.address.locality-value/versions');
    expect(body).toEqual([1, 2]);
  });

  it('may refer to another one that is registered', async () => {
    await registry.register('shared', JSON.stringify({ type: 'string' }));
    const referring = schema({ properties: { id: { $ref: 'shared.json' } } });
    const references = [{ name: 'shared.json', subject: 'shared', version: 1 }];
    expect((await registry.register('address.house', referring, references)).status).toBe(200);
  });
});

describe('when many register at once', () => {
  it('never gives one id to two schemas', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => schema({ title: `parallel ${i}` }));
    const answers = await Promise.all(texts.map((text) => registry.register('address.parallel', text)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(20);
    expect(answers.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual(texts.map((_, i) => i + 1));
  });
});

describe('when a request cannot be served', () => {
  const register = { schemaType: 'JSON', schema: schema() };
  it.each<[string, string, string, unknown, number, number]>([
    ['an unknown subject', 'GET', '/subjects/address.nowhere/versions', undefined, 404, 40401],
    ['an unknown version', 'GET', '/subjects/address.locality/versions/99', undefined, 404, 40402],
    ['a version that is none', 'GET', '/subjects/address.locality/versions/first', undefined, 422, 42202],
    ['an unknown id', 'GET', '/schemas/ids/99999', undefined, 404, 40403],
    ['an id that is none', 'GET', '/schemas/ids/__proto__', undefined, 404, 40403],
    [
      'content that the subject does not have',
      'POST',
      '/subjects/address.street',
      { ...register, schema: schema({ a: 1 }) },
      404,
      40403,
    ],
    ['a subject that is none', 'POST', '/subjects/a%2Fb/versions', register, 422, 42208],
    ['Avro', 'POST', '/subjects/address.x/versions', { schema: '"string"' }, 422, 42201],
    ['a body that is not JSON', 'POST', '/subjects/address.x/versions', '{', 422, 42201],
    [
      'a schema that does not compile',
      'POST',
      '/subjects/address.x/versions',
      { ...register, schema: '{"type":"text"}' },
      422,
      42201,
    ],
    ['a record type without annotations', 'POST', '/subjects/address.x/versions', { ...register, schema: '{}' }, 422, 42201],
    ['malformed rules', 'POST', '/subjects/address.x/versions', { ...register, ruleSet: { domainRules: [{}] } }, 422, 42210],
    ['a body that no schema needs', 'POST', '/subjects/address.x/versions', 'x'.repeat(2.3 * 1024 * 1024), 422, 42209],
  ])('answers %s with its code', async (_case, method, path, body, status, code) => {
    const answer = await registry.call(method, path, body);
    expect([answer.status, answer.body.error_code]).toEqual([status, code]);
  });

  it('lists what to register first', async () => {
    const { body } = await registry.register('address.y', schema(), [{ name: 'n', subject: 'gone', version: 3 }]);
    expect(body).toMatchObject({ error_code: 42201, message: 'SCHEMA_REFERENCE_MISSING: register first: gone version 3' });
  });

  it('takes the secret as a bearer token too', async () => {
    const body = { schemaType: 'JSON', schema: schema({ title: 'by token' }) };
    expect(
      (await registry.call('POST', '/subjects/address.token/versions', body, { authorization: `Bearer ${secretOf('ministry')}` }))
        .status,
    ).toBe(200);
    for (const wrong of ['', 'x', hashSecret(secretOf('ministry')), newSecret().secret])
      expect(
        (await registry.call('POST', '/subjects/address.token/versions', body, { authorization: `Bearer ${wrong}` })).status,
      ).toBe(401);
  });

  it('takes a schema once, however many ways lead to it', async () => {
    await registry.register('d0', '{"type":"string"}');
    for (let i = 1; i <= 16; i++) {
      const to = { subject: `d${i - 1}`, version: 1 };
      const text = JSON.stringify({ anyOf: [{ $ref: `a${i}` }, { $ref: `b${i}` }] });
      const references = [
        { name: `a${i}`, ...to },
        { name: `b${i}`, ...to },
      ];
      expect((await registry.register(`d${i}`, text, references)).status).toBe(200);
    }
  });

  it('lets nobody write without the secret', async () => {
    const answer = await registry.call('POST', '/subjects/address.z/versions', register, {
      authorization: 'Basic bm9ib2R5Om5vdGhpbmc=',
    });
    expect([answer.status, answer.body.error_code]).toEqual([401, 40101]);
    expect((await registry.call('GET', '/subjects/address.z/versions')).status).toBe(404);
  });

  it('answers 42901 after too many wrong secrets, and lets the right one in all the same', async () => {
    const guess = () => registry.call('GET', '/subjects', undefined, { authorization: `Bearer ${newSecret().secret}` });
    const statuses = [];
    for (let i = 0; i < 31; i += 1) statuses.push((await guess()).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    expect((await registry.call('GET', '/subjects')).status).toBe(200);
  });
});

describe('when another instance begins to write', () => {
  const opened: { close(): Promise<void> }[] = [];
  const pair = async () => {
    const first = await startRegistry();
    const second = await startRegistry({ client: first.client });
    opened.push(first, second);
    return [first, second] as const;
  };
  afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

  it('gives way, knows what the other has written, and takes over again when it has something to write', async () => {
    const [first, second] = await pair();
    for (let i = 0; i < 5; i += 1) {
      const [here, there] = i % 2 === 0 ? [first, second] : [second, first];
      const { body } = await here.register('address.locality', schema({ title: `change ${i}` }));
      expect(body).toMatchObject({ id: i + 1, version: i + 1 });
      expect((await there.call('GET', '/subjects/address.locality/versions/latest')).body).toMatchObject({ id: i + 1 });
      expect((await there.call('GET', `/schemas/ids/${i + 1}`)).status).toBe(200);
    }
  });

  it('never gives one id to two schemas, also when both write at once', async () => {
    const [first, second] = await pair();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? first : second).register(`plain.s${i % 7}`, schema({ title: `${i}` }))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(40);
  });
});
