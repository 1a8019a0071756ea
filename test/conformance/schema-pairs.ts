import fc from 'fast-check';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Schema = boolean | { [keyword: string]: unknown };

const NAMES = ['a', 'b', 'ab', 'x1'];
const PATTERNS = ['^a', '^x', 'b$', '^[a-b]+$', '1', '^a?b*$', '^.{1,2}$', '^(?!x)', '^$', '[0-9]'];
const FORMATS = ['date', 'uuid', 'ipv4', 'uri', 'uri-reference', 'email'];
const SCALARS: Json[] = [null, true, false, 0, 1, 2, 3, -1, 0.5, 1.5, 6, '', 'a', 'b', 'ab', 'x1', 'aab', 'a'.repeat(5)];

const name = fc.constantFrom(...NAMES);
const count = fc.integer({ min: 0, max: 3 });
const limit = fc.constantFrom(-1, 0, 0.5, 1, 1.5, 2, 3, 10);
const types = fc.constantFrom('null', 'boolean', 'integer', 'number', 'string', 'array', 'object');
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SCALARS) },
  { weight: 1, arbitrary: fc.constantFrom<Json>([], {}, [0], ['a', 0], { a: 0 }, { a: 'a', b: 1 }, [[]]) },
);

/** Schemas of draft 2020-12 that use every keyword with few constants, so that their rules meet. */
const { schema } = fc.letrec<{ schema: Schema; keywords: { [keyword: string]: unknown } }>((tie) => {
  const below = tie('schema');
  const list = fc.array(below, { minLength: 1, maxLength: 3 });
  const map = fc.dictionary(name, below, { minKeys: 1, maxKeys: 3 });
  const one = <T>(keyword: string, arbitrary: fc.Arbitrary<T>) => arbitrary.map((content) => ({ [keyword]: content }));
  const scalars = fc.oneof(
    one('type', fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 }))),
    one('type', types),
    one('enum', fc.array(value, { minLength: 1, maxLength: 4 })),
    one('const', value),
    one('minimum', limit),
    one('maximum', limit),
    one('exclusiveMinimum', limit),
    one('exclusiveMaximum', limit),
    one('multipleOf', fc.constantFrom(0.1, 0.5, 1, 2, 3)),
    one('minLength', count),
    one('maxLength', count),
    one('pattern', fc.constantFrom(...PATTERNS)),
    one('format', fc.constantFrom(...FORMATS)),
  );
  const lists = fc.oneof(
    one('items', below),
    one('prefixItems', list),
    fc.record({ contains: below, minContains: count, maxContains: count }, { requiredKeys: ['contains'] }),
    one('minItems', count),
    one('maxItems', count),
    one('uniqueItems', fc.boolean()),
    one('unevaluatedItems', fc.oneof(fc.constant(false), below)),
  );
  const objects = fc.oneof(
    one('properties', map),
    one('required', fc.uniqueArray(name, { maxLength: 2 })),
    one('additionalProperties', fc.oneof(fc.constant(false), below)),
    one('patternProperties', fc.dictionary(fc.constantFrom(...PATTERNS), below, { minKeys: 1, maxKeys: 2 })),
    one('propertyNames', fc.oneof(below, one('pattern', fc.constantFrom(...PATTERNS)))),
    one('minProperties', count),
    one('maxProperties', count),
    one('dependentRequired', fc.dictionary(name, fc.uniqueArray(name, { minLength: 1, maxLength: 2 }), { maxKeys: 1 })),
    one('dependentSchemas', fc.dictionary(name, below, { maxKeys: 1 })),
    one('unevaluatedProperties', fc.oneof(fc.constant(false), below)),
  );
  const branches = fc.oneof(
    one('allOf', list),
    one('anyOf', list),
    one('oneOf', list),
    one('not', below),
    // biome-ignore lint/suspicious/noThenProperty: the name of a JSON Schema keyword
    fc.record({ if: below, then: below, else: below }, { requiredKeys: ['if', 'then'] }),
  );
  const keyword = fc.oneof(
    { weight: 4, arbitrary: scalars },
    { weight: 2, arbitrary: lists },
    { weight: 4, arbitrary: objects },
    { weight: 2, arbitrary: branches },
  );
  return {
    keywords: fc.array(keyword, { minLength: 1, maxLength: 4 }).map((parts) => Object.assign({}, ...parts) as Schema & object),
    schema: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      {
        weight: 2,
        arbitrary: fc.oneof(fc.boolean(), one('type', types), one('$ref', fc.constantFrom('#/$defs/d', '#/$defs/e'))),
      },
      { weight: 5, arbitrary: tie('keywords') },
    ),
  } as never;
});

/** One schema and several that were made from it by small changes: every two of them are a pair that somebody might register. */
export const family = (size: number): fc.Arbitrary<string[]> =>
  fc
    .record({
      root: schema,
      $defs: fc.record({ d: schema, e: schema }),
      edits: fc.array(fc.record({ at: fc.nat(), how: fc.nat({ max: 4 }), graft: schema, step: fc.constantFrom(-1, 1) }), {
        minLength: size - 1,
        maxLength: size - 1,
      }),
    })
    .map(({ root, $defs, edits }) => {
      const base = { ...(typeof root === 'boolean' ? { allOf: [root] } : root), $defs };
      return [base, ...edits.map((edit) => changed(base, edit))].map((one) => JSON.stringify(one));
    });

interface Edit {
  readonly at: number;
  readonly how: number;
  readonly graft: Schema;
  readonly step: number;
}

/** Changes one place of a schema: another subschema, a keyword less or more, a number one up or down. */
function changed(base: object, { at, how, graft, step }: Edit): object {
  const copy = structuredClone(base) as { [keyword: string]: unknown };
  const places: { holder: { [key: string]: unknown }; key: string }[] = [];
  const visit = (holder: { [key: string]: unknown }): void => {
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      const below = holder[key];
      if (typeof below === 'object' && below !== null) visit(below as { [key: string]: unknown });
    }
  };
  visit(copy);
  const place = places[at % places.length];
  if (place === undefined) return copy;
  const { holder, key } = place;
  const here = holder[key];
  if (typeof here === 'number') holder[key] = Math.max(['multipleOf'].includes(key) ? 1 : 0, here + step);
  else if (typeof here === 'object' && here !== null && !Array.isArray(here) && how < 2 && typeof graft === 'object')
    Object.assign(here, graft);
  else if (how === 2 && !Array.isArray(holder) && key !== '$defs' && key !== 'd' && key !== 'e' && key !== 'contains')
    delete holder[key];
  else if (how >= 3 && typeof here === 'object' && here !== null && !Array.isArray(here) && !MAPS.includes(key))
    holder[key] = graft;
  else if (typeof here === 'boolean') holder[key] = !here;
  else if (Array.isArray(here) && here.length > 1) here.splice(at % here.length, 1);
  return copy;
}
const MAPS = ['properties', 'patternProperties', 'dependentSchemas', 'dependentRequired', '$defs'];

/** Documents that use the same constants as the schemas. */
export const documents: readonly unknown[] = documentsOf();

function documentsOf(): unknown[] {
  const texts = ['2099-01-31', '00000000-0000-4000-8000-000000000000', '192.0.2.1', 'a:', 'a@a', 'xb', 'ba', 'aaa', 'x', '1'];
  const scalars: Json[] = [...SCALARS, ...texts, 10, 11, 0.25, -0.5, 4, 9];
  const few: Json[] = [null, true, 0, 1, 1.5, 'a', 'b', '', [], {}];
  const lists: Json[] = [[], ...few.map((one) => [one]), ...few.flatMap((one) => few.map((other) => [one, other]))];
  for (const one of few) lists.push([one, one, one], ['a', one, 0], [0, 'a', one, one]);
  const objects: Json[] = [{}];
  const names = [...NAMES, 'c', 'aa', 'xb', ''];
  for (const key of names) for (const one of few) objects.push({ [key]: one });
  for (const key of names)
    for (const other of names)
      for (const one of few.slice(2, 7)) objects.push({ [key]: one, [other]: 'a' }, { [key]: one, [other]: 0 });
  objects.push({ a: 0, b: 0, ab: 0 }, { a: 'a', b: 'a', ab: 'a', x1: 'a' }, { a: {}, b: {}, c: {} }, { a: 1, c: 'c', d: 'd' });
  const deep: Json[] = [];
  for (const inner of [...lists.slice(0, 30), ...objects.slice(0, 90)])
    deep.push({ a: inner }, [inner], { b: inner, a: 0 }, { a: { a: inner } });
  return [...scalars, ...lists, ...objects, ...deep];
}
