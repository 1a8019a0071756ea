import { request } from 'node:http';
import fc from 'fast-check';
import { authorizationOf, startRegistry } from './registry.fixture.js';

jest.setTimeout(60_000);

const RUNS = Number(process.env.KHIDI_FUZZ_RUNS ?? 200);
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

let registry: Awaited<ReturnType<typeof startRegistry>>;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.register('s', '{"type":"object"}');
});
afterAll(() => registry.close());

interface Answer {
  readonly status: number;
  readonly code: unknown;
  readonly stored: number;
}

/** Sends bytes as they are, and says how many records were written meanwhile. */
async function send(method: string, path: string, body: Buffer | string, type = MEDIA_TYPE): Promise<Answer> {
  const before = registry.client.records('schemas').length;
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const headers = { authorization: authorizationOf('ministry'), 'content-type': type, 'content-length': length };
    const sent = request(`${registry.url}/`, { method, path, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
  const json: unknown = text === '' ? {} : JSON.parse(text);
  const code = typeof json === 'object' && json !== null && 'error_code' in json ? json.error_code : undefined;
  return { status, code, stored: registry.client.records('schemas').length - before };
}

const register = (schema: string, subject = 'bad', more: object = {}) =>
  send('POST', `/subjects/${encodeURIComponent(subject)}/versions`, JSON.stringify({ schemaType: 'JSON', schema, ...more }));

describe('when somebody means harm', () => {
  const deep = `${'{"not":'.repeat(10_000)}{}${'}'.repeat(10_000)}`;
  it.each<[string, () => Promise<Answer>, number]>([
    ['a schema of more than 1 MiB', () => register(JSON.stringify({ title: 'x'.repeat(1024 * 1024) })), 42209],
    ['a body that never ends', () => send('POST', '/subjects/bad/versions', Buffer.alloc(3_000_000, 0x20)), 42209],
    ['a schema 10,000 levels deep', () => register(deep), 42201],
    ['a body 10,000 levels deep', () => send('POST', '/subjects/bad/versions', '['.repeat(10_000)), 42201],
    ['a $ref that includes itself', () => register('{"$ref":"#"}'), 42201],
    ['a $ref to the metadata of this machine', () => register('{"$ref":"http://169.254.169.254/latest/meta-data"}'), 42201],
    ['a $ref to a file', () => register('{"$ref":"file:///etc/passwd"}'), 42201],
    ['a member named twice', () => register('{"type":"object","type":"array"}'), 42201],
    ['a member of the body named twice', () => send('POST', '/subjects/bad/versions', '{"schema":"{}","schema":"true"}'), 42201],
    [
      'bytes that are not UTF-8',
      () => send('POST', '/subjects/bad/versions', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])),
      42201,
    ],
    ['half a surrogate pair', () => send('POST', '/subjects/bad/versions', '{"schema":"\\ud800","schemaType":"JSON"}'), 42201],
    ['a pattern that is none', () => register('{"pattern":"("}'), 42201],
    ['a subject with a slash', () => register('{}', 'a/b'), 42208],
    ['a subject with NUL', () => register('{}', 'a\u0000b'), 42208],
    ['a subject of 10,000 characters', () => register('{}', 'x'.repeat(10_000)), 42208],
    ['a subject that climbs', () => register('{}', '../../etc'), 42208],
    ['an empty subject', () => register('{}', ''), 42208],
    ['a context that is none', () => register('{}', ':a b:s'), 42208],
    ['a page', () => send('POST', '/subjects/bad/versions', '{}', 'text/plain'), 415],
    [
      'ten thousand references',
      () => register('{}', 'bad', { references: Array(10_000).fill({ name: 'a', subject: 's', version: 1 }) }),
      42201,
    ],
  ])('refuses %s in good time and stores nothing', async (_case, attack, code) => {
    const began = performance.now();
    const answer = await attack();
    expect({ code: answer.code, stored: answer.stored }).toEqual({ code, stored: 0 });
    expect(answer.status).toBeLessThan(500);
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it('takes names that mean something to JavaScript for names', async () => {
    const schema = '{"properties":{"__proto__":{"type":"string"},"constructor":{}},"additionalProperties":false}';
    expect((await register(schema, '__proto__')).status).toBe(200);
    expect((await registry.call('GET', '/subjects/__proto__/versions/1')).body.schema).toBe(schema);
    expect((await registry.call('GET', '/subjects/constructor/versions')).body.error_code).toBe(40401);
  });

  it('is not slowed down by a pattern that would take for ever elsewhere', async () => {
    expect((await register('{"type":"string","pattern":"^(a+)+$"}', 'pattern')).status).toBe(200);
  });
});

const word = fc.oneof(
  fc.constantFrom(
    's',
    'latest',
    '-1',
    '1',
    '999999999999',
    ':.c:s',
    ':*:',
    '__GLOBAL',
    '%00',
    '..',
    'a%2Fb',
    '%FF',
    'x'.repeat(300),
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => encodeURIComponent(text)),
);
const path = fc.oneof(
  fc
    .tuple(fc.constantFrom('subjects', 'compatibility/subjects', 'config', 'mode', 'contexts', 'drafts'), word)
    .map((p) => p.join('/')),
  fc
    .tuple(fc.constant('subjects'), word, fc.constantFrom('versions', 'drafts', 'review', 'metadata'), word)
    .map((p) => p.join('/')),
  fc.tuple(fc.constantFrom('subjects', 'compatibility/subjects'), word, fc.constant('versions')).map((p) => p.join('/')),
  fc
    .tuple(
      fc.constant('subjects'),
      word,
      fc.constant('versions'),
      word,
      fc.constantFrom('tags', 'schema', 'retire', 'referencedby'),
    )
    .map((p) => p.join('/')),
  fc
    .tuple(fc.constantFrom('schemas/ids', 'schemas/guids'), word, fc.constantFrom('', 'schema', 'subjects', 'versions'))
    .map((p) => p.join('/')),
  fc.array(word, { maxLength: 6 }).map((p) => p.join('/')),
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .tuple(fc.constantFrom('deleted', 'permanent', 'normalize', 'offset', 'limit', 'subject', 'format', 'key'), word)
    .map(([name, value]) => `?${name}=${value}`),
);
const json = fc.json({ maxDepth: 4 });
const body = fc.oneof(
  json,
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  json.map((schema) => JSON.stringify({ schemaType: 'JSON', schema })),
  fc
    .record(
      {
        schemaType: fc.constantFrom('JSON', 'AVRO', 5),
        schema: json,
        references: fc.anything(),
        id: fc.anything(),
        metadata: fc.anything(),
      },
      { requiredKeys: [] },
    )
    .map((one) => JSON.stringify(one) ?? ''),
  fc
    .record({ compatibility: fc.string(), mode: fc.string(), reason: fc.string(), required: fc.anything() }, { requiredKeys: [] })
    .map((one) => JSON.stringify(one) ?? ''),
);

/** What may stand behind any keyword: mostly not what it asks for. */
const odd = fc.oneof(
  fc.constantFrom(
    null,
    true,
    -1,
    1.5,
    1e308,
    '',
    'a',
    '(',
    '^(a+)+$',
    '#',
    '#/$defs/a',
    '#/hidden/a',
    'constructor',
    '__proto__',
    'object',
  ),
  fc.constantFrom<object>([], {}, [null], [{}], ['a', 'a'], { a: 1 }, { $ref: '#' }),
);
const keyword = fc.constantFrom(
  ...'$schema $id id $anchor $ref $dynamicRef $recursiveRef type enum const properties patternProperties propertyNames required'.split(
    ' ',
  ),
  ...'items prefixItems additionalItems contains minContains unevaluatedItems unevaluatedProperties allOf anyOf oneOf not if'.split(
    ' ',
  ),
  ...'dependencies dependentSchemas pattern format multipleOf maxLength default examples x-khidi x-khidi-identifier toString'.split(
    ' ',
  ),
);
const draft = fc.constantFrom(
  'http://json-schema.org/draft-04/schema#',
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
);
const { schema: oddSchema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.dictionary(
    keyword,
    fc.oneof(
      { maxDepth: 2, depthIdentifier: 'odd' },
      { weight: 3, arbitrary: odd },
      { weight: 2, arbitrary: tie('schema') },
      { weight: 1, arbitrary: fc.record({ a: tie('schema') }) },
    ),
    { maxKeys: 2 },
  ),
}));

describe('when schemas are made at random', () => {
  it('never fails, whatever stands behind which keyword', async () => {
    const parts = fc.record({ root: oddSchema, $schema: draft, a: oddSchema, hidden: oddSchema });
    const counts = { accepted: 0, refused: 0 };
    const property = fc.asyncProperty(parts, async ({ root, $schema, a, hidden }) => {
      const way = { properties: { way: { $ref: '#/$defs/a' }, other: { $ref: '#/hidden/a' } } };
      const text = JSON.stringify({ $schema, ...way, ...root, $defs: { a }, hidden: { a: hidden } });
      const { status } = await send('POST', '/subjects/odd/versions', JSON.stringify({ schemaType: 'JSON', schema: text }));
      counts[status === 200 ? 'accepted' : 'refused'] += 1;
      expect([200, 409, 422]).toContain(status);
    });
    await registry.call('PUT', '/config/odd', { compatibility: 'NONE' });
    await fc.assert(property, { numRuns: RUNS });
    expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(0);
  });
});

describe('when requests are made at random', () => {
  it('never fails, and stores nothing of what it refuses', async () => {
    let refused = 0;
    const property = fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
      path,
      query,
      body,
      async (method, to, asked, sent) => {
        const { status, stored } = await send(method, `/${to}${asked}`, method === 'GET' ? '' : sent);
        if (status >= 400) {
          refused += 1;
          expect({ status, stored }).toEqual({ status, stored: 0 });
        }
        expect(status).toBeLessThan(500);
      },
    );
    await fc.assert(property, { numRuns: RUNS });
    expect(refused).toBeGreaterThan(RUNS / 4);
  });
});
