import { compare, type Level, lint, type Policy, type Verdict } from './index.js';

type Schema = object | boolean;

const text = (schema: Schema): string => JSON.stringify(schema);

function ask(earlier: Schema | Schema[], candidate: Schema, level: Level = 'BACKWARD', policy: Policy = 'STRICT'): Verdict {
  const versions = Array.isArray(earlier) ? earlier : [earlier];
  return compare({ candidate: { text: text(candidate) }, earlier: versions.map((one) => ({ text: text(one) })), level, policy });
}

const verdictOf = (earlier: Schema, candidate: Schema): string => ask(earlier, candidate).verdict;

function witnessOf(earlier: Schema, candidate: Schema): unknown {
  const verdict = ask(earlier, candidate);
  return verdict.verdict === 'incompatible' ? JSON.parse(verdict.breaks[0]?.witness ?? '') : verdict;
}

const object = (properties: object, more: object = {}): object => ({ type: 'object', properties, ...more });

describe('when a rule is widened or narrowed', () => {
  it.each([
    ['maxLength', { maxLength: 3 }, { maxLength: 5 }],
    ['minimum', { minimum: 1 }, { exclusiveMinimum: 0.9 }],
    ['multipleOf', { multipleOf: 0.6 }, { multipleOf: 0.2 }],
    ['type', { type: 'integer' }, { type: ['number', 'string'] }],
    ['enum', { enum: [1, { a: [] }] }, { enum: [{ a: [] }, 1.0, 2] }],
    ['pattern', { pattern: '^a{2,3}$' }, { pattern: '^a+$' }],
    ['pattern with a look-ahead', { pattern: '^b[a-c]*$' }, { pattern: '^(?!a)' }],
    ['format', { format: 'date' }, { maxLength: 10 }],
    ['format within a format', { format: 'uri' }, { format: 'uri-reference' }],
    ['items', { items: { minimum: 2 } }, { prefixItems: [{ minimum: 1 }], items: { minimum: 2 } }],
    ['contains', { contains: { const: 1 }, minContains: 3 }, { contains: { type: 'integer' }, minContains: 2 }],
    ['maxContains', { contains: true, maxContains: 2 }, { maxItems: 2 }],
    ['patternProperties', { patternProperties: { '^a': { minimum: 1 } } }, { properties: { ab: { minimum: 0 } } }],
    ['propertyNames', { propertyNames: { maxLength: 2 } }, { patternProperties: { '...': false } }],
    ['dependentRequired', { required: ['a', 'b'] }, { dependentRequired: { a: ['b'] } }],
    ['dependentSchemas', { dependentSchemas: { a: { minProperties: 2 } } }, { dependentSchemas: { a: { minProperties: 1 } } }],
    ['oneOf into anyOf', { oneOf: [{ minimum: 1 }, { maximum: 3 }] }, { anyOf: [{ minimum: 1 }, { maximum: 3 }] }],
    [
      'anyOf into oneOf of what cannot overlap',
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      { oneOf: [{ type: 'null' }, { type: 'string' }, { type: 'array' }] },
    ],
    ['not', { not: { type: ['string', 'null'] } }, { not: { type: 'null' } }],
    // biome-ignore lint/suspicious/noThenProperty: the name of a JSON Schema keyword
    ['if', { if: { minimum: 5 }, then: { multipleOf: 4 }, else: { const: 1 } }, { anyOf: [{ multipleOf: 2 }, { maximum: 1 }] }],
    [
      'unevaluatedProperties',
      object({ a: true }, { allOf: [object({ b: true })], unevaluatedProperties: false }),
      object({ a: true, b: true, c: true }, { additionalProperties: false }),
    ],
    ['a range without numbers', { type: 'integer', exclusiveMinimum: 1, exclusiveMaximum: 2 }, false],
  ])('%s: everything that passed still does, and not the other way round', (_name, narrow, wide) => {
    expect([verdictOf(narrow, wide), verdictOf(wide as object, narrow)]).toEqual([
      'compatible',
      wide === false ? 'compatible' : 'incompatible',
    ]);
  });

  it('is shown by the smallest thing that breaks', () => {
    expect(witnessOf({ type: 'string' }, { maxLength: 3 })).toBe('aaaa');
    expect(witnessOf({ type: 'number', maximum: 10 }, { exclusiveMaximum: 10 })).toBe(10);
    expect(witnessOf({ pattern: '^[0-9]{2}$' }, { pattern: '^[0-8]{2}$' })).not.toEqual(expect.stringMatching(/^[0-8]{2}$/));
    expect(witnessOf(object({}), object({ a: { type: 'string' } }))).toEqual({ a: null });
    expect(witnessOf({ oneOf: [{ type: 'integer' }] }, { oneOf: [{ type: 'integer' }, { type: 'number' }] })).toBe(0);
  });

  it('compares numbers that no double holds exactly', () => {
    const versions = (earlier: string, candidate: string): Verdict =>
      compare({ candidate: { text: candidate }, earlier: [{ text: earlier }], level: 'BACKWARD' });
    expect(versions('{"maximum":9007199254740993}', '{"maximum":9007199254740992}')).toMatchObject({
      verdict: 'incompatible',
      breaks: [{ witness: '9007199254740993', verifiedBy: 'arithmetic' }],
    });
    expect(versions('{"multipleOf":0.20000000000000000002}', '{"multipleOf":0.10000000000000000001}').verdict).toBe('compatible');
    expect(versions('{"maximum":1e400}', '{"maximum":1e399}').verdict).toBe('incompatible');
  });
});

describe('when schemas lead back to themselves', () => {
  const tree = (leaf: object): object => ({ type: 'object', properties: { next: { $ref: '#' }, leaf } });

  it('are compared by descent', () => {
    expect(verdictOf(tree({ maxLength: 1 }), tree({ maxLength: 2 }))).toBe('compatible');
    expect(verdictOf(tree({ maxLength: 2 }), tree({ maxLength: 1 }))).toBe('incompatible');
  });

  it('accept nothing that would have to go on for ever', () => {
    const endless = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] };
    expect(verdictOf(endless, { type: 'string' })).toBe('compatible');
  });

  it('are the same when the circle is cut elsewhere', () => {
    const twice = { ...tree({ maxLength: 1 }), properties: { next: tree({ maxLength: 1 }), leaf: { maxLength: 1 } } };
    expect(
      verdictOf(
        { $ref: '#/$defs/a', $defs: { a: { properties: { b: { $ref: '#/$defs/a' } } } } },
        { properties: { b: { properties: { b: true } } } },
      ),
    ).toBe('compatible');
    expect(verdictOf(tree({ maxLength: 1 }), twice)).toBe('compatible');
  });
});

describe('when drafts differ', () => {
  it('means the same in each', () => {
    const old = {
      $schema: 'http://json-schema.org/draft-04/schema#',
      maximum: 5,
      exclusiveMaximum: true,
      items: [{ type: 'string' }],
      additionalItems: false,
    };
    const candidate = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      exclusiveMaximum: 5,
      prefixItems: [{ type: 'string' }],
      items: false,
    };
    expect(ask(old, candidate, 'FULL').verdict).toBe('compatible');
  });
});

describe('when a member comes or goes', () => {
  it('breaks an open model, and says why and what to do', () => {
    const verdict = ask(object({ a: true }), object({ a: true, email: { type: 'string' } }));
    expect(verdict).toMatchObject({
      verdict: 'incompatible',
      breaks: [
        {
          witness: '{"email":null}',
          instance: '/email',
          contentModel: expect.stringMatching(/Two ways out: close the model .* policy LENIENT/),
        },
      ],
      changes: [{ pointer: '#/properties/email', rule: 'member-added-to-open', backward: 'breaking', forward: 'safe' }],
    });
  });

  it('is safe in a closed model', () => {
    const closed = { additionalProperties: false };
    expect(ask(object({ a: true }, closed), object({ a: true, email: { type: 'string' } }, closed))).toMatchObject({
      verdict: 'compatible',
      argument: [{ rule: 'member-added-to-closed', backward: 'safe', forward: 'breaking' }],
    });
  });

  it('is an accepted risk by policy LENIENT, wherever it stands', () => {
    const old = object({ inner: { allOf: [object({ a: true }), object({ b: true })] } });
    const candidate = object({ inner: { allOf: [object({ a: true }), object({ b: true, c: { type: 'string' } })] } });
    expect(ask(old, candidate, 'FULL').verdict).toBe('incompatible');
    expect(ask(old, candidate, 'FULL', 'LENIENT')).toMatchObject({
      verdict: 'compatible',
      acceptedRisks: [{ direction: 'backward' }],
    });
    expect(
      ask(object({ a: true, b: true }), object({ a: true }, { additionalProperties: false }), 'BACKWARD', 'LENIENT').verdict,
    ).toBe('compatible');
  });

  it('is none by policy LENIENT where declared members change', () => {
    expect(ask(object({ a: { type: 'string' } }), object({ a: { type: 'integer' } }), 'BACKWARD', 'LENIENT').verdict).toBe(
      'incompatible',
    );
    expect(ask(object({ a: true }), object({ a: true, b: true }, { required: ['b'] }), 'BACKWARD', 'LENIENT').verdict).toBe(
      'incompatible',
    );
  });
});

describe('when several versions came before', () => {
  const versions = [{ maxLength: 9 }, { maxLength: 3 }];

  it('looks at the last one, or at all where the level is transitive', () => {
    expect(ask(versions, { maxLength: 4 }).verdict).toBe('compatible');
    expect(ask(versions, { maxLength: 4 }, 'BACKWARD_TRANSITIVE')).toMatchObject({
      breaks: [{ earlier: 0, direction: 'backward' }],
    });
    expect(ask(versions, { maxLength: 3 }, 'FORWARD_TRANSITIVE').verdict).toBe('compatible');
    expect(ask(versions, { type: 'null' }, 'NONE').verdict).toBe('compatible');
    expect(ask([], { type: 'null' }, 'FULL_TRANSITIVE').verdict).toBe('compatible');
  });
});

describe('when no verdict can be reached', () => {
  it('says why', () => {
    expect(ask({}, { items: 5 })).toMatchObject({ verdict: 'undecided', undecided: [{ code: 'UNREADABLE' }] });
    expect(ask({}, { maxLength: 4_000_000_000 })).toMatchObject({
      verdict: 'undecided',
      undecided: [{ code: 'UNKNOWN_KEYWORD_USE' }],
    });
  });

  it('never says yes to a reference that leads away', () => {
    expect(ask({}, { $ref: 'http://169.254.169.254/latest' })).toMatchObject({
      verdict: 'undecided',
      undecided: [{ code: 'UNREADABLE' }],
    });
  });
});

describe('when a schema is looked over', () => {
  const rules = (schema: Schema): string[] =>
    lint({ text: text({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...(schema as object) }) }).map(
      ({ rule, pointer }) => `${rule} ${pointer}`,
    );

  it.each([
    [{ type: 'string', minLength: 3, maxLength: 2 }, 'nothing-passes #'],
    [object({ a: { type: 'integer', maxLength: 2 } }), 'idle-keyword #/properties/a/maxLength'],
    [object({ a: true }, { required: ['b'] }), 'required-undeclared #/required'],
    [object({ a: true }), 'open-model #'],
    [{ pattern: 'a' }, 'floating-pattern #/pattern'],
    [{ type: 'string', default: 5 }, 'example-refused #/default'],
    [{ maxlength: 5 }, 'unknown-keyword #/maxlength'],
    [{ type: 'strin' }, 'unreadable #'],
  ])('%j: %s', (schema, finding) => {
    expect(rules(schema)).toContain(finding);
  });

  it('has nothing to say of a sound one', () => {
    expect(
      rules(
        object(
          { a: { type: 'string', pattern: '^a$', examples: ['a'] } },
          { required: ['a'], additionalProperties: false, 'x-owner': 'me' },
        ),
      ),
    ).toEqual([]);
  });
});
