import { checkSchema, compileSchema } from './index.js';
import { meter } from './meter.js';

const ANNOTATIONS = { identifier: '/id', sequence: 'offset', classification: 'public', legalBasis: 'test', retention: 'P1Y' };
const DRAFTS = {
  '04': 'http://json-schema.org/draft-04/schema#',
  '06': 'http://json-schema.org/draft-06/schema#',
  '07': 'http://json-schema.org/draft-07/schema#',
  '2019-09': 'https://json-schema.org/draft/2019-09/schema',
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
} as const;

/** A schema of a record type, `more` beside its identifier. */
const text = (more: object = {}, draft: keyof typeof DRAFTS = '2020-12') =>
  JSON.stringify({
    $schema: DRAFTS[draft],
    type: 'object',
    ...more,
    properties: { id: { type: 'string' }, ...((more as { properties?: object }).properties ?? {}) },
    'x-khidi': ANNOTATIONS,
  });

const refusal = (schema: string, references?: { name: string; text: string }[]) => {
  const result = compileSchema(schema, references);
  return result.ok ? 'compiled' : `${result.faults.map(({ code }) => code).join()}: ${result.detail}`;
};
const accepts = (schema: string, record: object, references?: { name: string; text: string }[]): boolean => {
  const result = compileSchema(schema, references);
  if (!result.ok) throw new Error(result.detail);
  return result.schema.judge(record as never).length === 0;
};

describe('a schema of each draft', () => {
  it.each(Object.keys(DRAFTS) as (keyof typeof DRAFTS)[])('%s: says its draft and judges', (draft) => {
    const schema = text({ properties: { n: { type: 'integer', minimum: 1 } }, required: ['n'] }, draft);
    expect(accepts(schema, { n: 1 })).toBe(true);
    expect(accepts(schema, { n: 0 })).toBe(false);
    expect(accepts(schema, {})).toBe(false);
  });

  it('is 2020-12 where it names none', () => {
    const result = compileSchema(
      JSON.stringify({ properties: { id: {}, a: { prefixItems: [{ type: 'string' }] } }, 'x-khidi': ANNOTATIONS }),
    );
    expect(result.ok && result.schema.draft).toBe('2020-12');
    expect(result.ok && result.schema.judge({ a: [1] })).toEqual([{ code: 'SCHEMA_VIOLATION', pointer: '/a/0', rule: 'type' }]);
  });

  it('is refused where it names one that is not understood', () => {
    expect(refusal('{"$schema":"http://json-schema.org/draft-03/schema#"}')).toMatch(
      /^SCHEMA_INVALID: .*2020-12, 2019-09, 07, 06 or 04/,
    );
  });

  it('04: exclusive bounds are flags, and const is not a keyword yet', () => {
    const schema = text({ properties: { n: { maximum: 3, exclusiveMaximum: true }, c: { const: 1 } } }, '04');
    expect([accepts(schema, { n: 3 }), accepts(schema, { n: 2.9 }), accepts(schema, { c: 2 })]).toEqual([false, true, true]);
    expect(refusal(text({ properties: { n: { exclusiveMaximum: 3 } } }, '04'))).toMatch(/^SCHEMA_INVALID: \/properties\/n/);
  });

  it('07: tuples, dependencies, and nothing beside $ref', () => {
    const schema = text(
      {
        definitions: { short: { type: 'string', maxLength: 2 } },
        properties: {
          t: { items: [{ type: 'string' }], additionalItems: false },
          r: { $ref: '#/definitions/short', maxLength: 1 },
        },
        dependencies: { a: ['b'], c: { required: ['d'] } },
      },
      '07',
    );
    expect([accepts(schema, { t: ['x'] }), accepts(schema, { t: ['x', 1] })]).toEqual([true, false]);
    expect([accepts(schema, { r: 'xx' }), accepts(schema, { r: 'xxx' })]).toEqual([true, false]);
    expect([accepts(schema, { a: 1 }), accepts(schema, { a: 1, b: 1 }), accepts(schema, { c: 1 })]).toEqual([false, true, false]);
  });

  it('2020-12: what no other keyword looked at', () => {
    const schema = text({
      allOf: [{ properties: { a: true } }],
      if: { required: ['a'], properties: { b: true } },
      unevaluatedProperties: false,
    });
    expect([accepts(schema, { id: 'x', a: 1, b: 1 }), accepts(schema, { b: 1 }), accepts(schema, { c: 1 })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('a place that becomes a schema by being referred to', () => {
  it('is one that its draft allows, or is refused', () => {
    const referring = (type: unknown) => text({ $defs: { a: { type } }, properties: { a: { $ref: '#/$defs/a' } } }, '07');
    expect(accepts(referring('string'), { a: 'x' })).toBe(true);
    for (const type of [{}, 'text', ['string', null]]) expect(refusal(referring(type))).toMatch(/^SCHEMA_INVALID/);
  });
});

describe('a schema of no draft', () => {
  it.each(['constructor', '__proto__', 'toString', 'http://json-schema.org/draft-03/schema#'])('%s is refused', ($schema) => {
    expect(checkSchema(JSON.stringify({ $schema }))).toMatchObject({ ok: false, faults: [{ code: 'SCHEMA_INVALID' }] });
  });
});

describe('a schema whose constants are objects', () => {
  it('is compiled whatever the judgement before it has cost', () => {
    const schema = text({ properties: { a: { enum: Array.from({ length: 300 }, (_, i) => ({ b: [i, { c: i }] })) } } });
    meter.left = 0;
    expect(accepts(schema, { a: { b: [7, { c: 7 }] } })).toBe(true);
    expect(accepts(schema, { a: { b: [7, { c: 8 }] } })).toBe(false);
  });
});

describe('identifiers of schemas', () => {
  it.each(['urn:statement', 'urn:example:x', 'plain name', 'tag:a,2099:b', 'https://example.org/s.json', '#', '%zz', 'a b:c'])(
    'compiles where $id is %s',
    (id) => {
      expect(
        accepts(text({ $id: id, $defs: { n: { type: 'number' } }, properties: { n: { $ref: '#/$defs/n' } } }), { n: 1 }),
      ).toBe(true);
    },
  );

  it('tolerates the same $id many times, as an annotation of properties', () => {
    const schema = text(
      {
        definitions: { code: { type: 'string' } },
        properties: {
          a: { $id: 'http://purl.org/dc/terms/type', $ref: '#/definitions/code' },
          b: { $id: 'http://purl.org/dc/terms/type', allOf: [{ $ref: '#/definitions/code' }] },
        },
      },
      '07',
    );
    expect([accepts(schema, { a: 'x', b: 'x' }), accepts(schema, { b: 1 })]).toEqual([true, false]);
  });

  it('finds references by name, by $id, relative, and through others', () => {
    const code = { name: 'code.json', text: JSON.stringify({ type: 'string', maxLength: 2 }) };
    const address = {
      name: 'urn:x:address',
      text: JSON.stringify({ $id: 'https://e.org/a/address.json', properties: { country: { $ref: 'code.json' } } }),
    };
    const schema = (ref: string) => text({ $id: 'https://e.org/a/root.json', properties: { at: { $ref: ref } } });
    for (const ref of ['urn:x:address', 'address.json', 'https://e.org/a/address.json', 'address.json#']) {
      expect(accepts(schema(ref), { at: { country: 'GEO' } }, [code, address])).toBe(false);
      expect(accepts(schema(ref), { at: { country: 'GE' } }, [code, address])).toBe(true);
    }
    expect(accepts(schema('address.json#/properties/country'), { at: 'GEO' }, [code, address])).toBe(false);
  });

  it('finds anchors and recursive definitions', () => {
    const schema = text({
      $defs: { tree: { $anchor: 'tree', type: 'object', properties: { next: { $ref: '#tree' }, n: { type: 'number' } } } },
      properties: { tree: { $dynamicRef: '#tree' } },
    });
    expect(accepts(schema, { tree: { next: { next: { n: 1 } } } })).toBe(true);
    expect(accepts(schema, { tree: { next: { next: { n: 'x' } } } })).toBe(false);
  });
});

describe('a schema that cannot be used', () => {
  it('names all that should be registered first, and fetches nothing', () => {
    const schema = text({ properties: { a: { $ref: 'https://geojson.org/schema/Point.json' }, b: { $ref: 'other.json#/x' } } });
    expect(refusal(schema)).toBe(
      'SCHEMA_REFERENCE_MISSING: register these first and name them in references: https://geojson.org/schema/Point.json, other.json',
    );
  });

  it.each<[string, string, RegExp]>([
    ['is not JSON', '{', /not JSON/],
    ['names a member twice', '{"type":"object","type":"array"}', /same member twice/],
    ['is a list', '[]', /object or a boolean/],
    ['has a type that there is not', text({ properties: { a: { type: 'text' } } }), /^SCHEMA_INVALID: \/properties\/a\/type/],
    ['requires with a flag', text({ properties: { a: { required: true } } }), /\/properties\/a\/required/],
    ['has a format that nobody checks', text({ properties: { a: { format: 'iban' } } }), /"iban"/],
    ['has a pattern that is none', text({ properties: { a: { pattern: '(' } } }), /the pattern "\(" is not a regular expression/],
    ['looks behind', text({ properties: { a: { pattern: '(?<=x)y' } } }), /"\(\?<=x\)y" .* linear time/],
    ['refers back', text({ patternProperties: { '(a)\\1': {} } }), /linear time/],
    [
      'leads back to itself',
      text({ $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }),
      /without going deeper/,
    ],
    ['refers to nothing', text({ $ref: '#/$defs/none' }), /where there is nothing/],
    ['refers to another draft', text({ $ref: 'x' }), /written in draft 07/],
    ['has no annotations', '{"type":"object"}', /carries x-khidi/],
    ['is too deep', `${'{"not":'.repeat(300)}true${'}'.repeat(300)}`, /deeper than 256/],
    ['is too long', text({ title: 'x'.repeat(1024 * 1024) }), /longer than 1 MiB/],
  ])('%s', (_, schema, why) => {
    const isReferring = schema.includes('"$ref":"x"');
    expect(refusal(schema, isReferring ? [{ name: 'x', text: `{"$schema":"${DRAFTS['07']}"}` }] : [])).toMatch(why);
  });

  it('says where and which keyword in its fault', () => {
    const result = compileSchema(text({ properties: { a: { pattern: '(' } } }));
    expect(!result.ok && result.faults).toEqual([{ code: 'SCHEMA_INVALID', pointer: '/properties/a/pattern', rule: 'pattern' }]);
  });
});

describe('annotations', () => {
  const annotated = (change: object) =>
    JSON.stringify({ properties: { id: {}, a: { properties: { 'b/c': {} } } }, 'x-khidi': { ...ANNOTATIONS, ...change } });

  it('are read, with an identifier anywhere that is declared', () => {
    const result = compileSchema(annotated({ identifier: '/a/b~1c', sequence: 'agency' }));
    expect(result.ok && result.schema.annotations).toEqual({ ...ANNOTATIONS, identifier: '/a/b~1c', sequence: 'agency' });
    expect(result.ok && result.schema.identifierOf({ a: { 'b/c': 'X' } })).toBe('X');
  });

  it.each<[string, object]>([
    ['/identifier', { identifier: '/nowhere' }],
    ['/identifier', { identifier: 'id' }],
    ['/sequence', { sequence: 'none' }],
    ['/classification', { classification: 'secret' }],
    ['/legalBasis', { legalBasis: ' ' }],
    ['/retention', { retention: '10 years' }],
    ['/retentoin', { retentoin: 'P1Y' }],
  ])('are refused at %s', (at, change) => {
    const result = compileSchema(annotated(change));
    expect(!result.ok && result.faults).toEqual([{ code: 'SCHEMA_INVALID', pointer: `/x-khidi${at}`, rule: 'x-khidi' }]);
  });

  it('are not needed where a schema is only referred to', () => {
    expect(checkSchema('{"type":"string"}')).toEqual({ ok: true });
    expect(checkSchema('true')).toEqual({ ok: true });
    expect(checkSchema('{"type":"strin"}')).toMatchObject({ ok: false });
  });
});

describe('keywords that nobody knows', () => {
  it('are let pass, and those of OpenAPI or ajv mean nothing', () => {
    const schema = text({
      openCodelist: true,
      propertyOrder: 3,
      $async: true,
      properties: { a: { type: 'string', nullable: true, instanceof: 'Date', omitWhenMerged: 1 } },
      discriminator: { propertyName: 'a' },
    });
    expect([accepts(schema, { a: 'x' }), accepts(schema, { a: null })]).toEqual([true, false]);
  });
});
