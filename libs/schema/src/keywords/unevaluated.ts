import { _, type Ajv, type CodeKeywordDefinition, type KeywordCxt, type Name } from 'ajv';
import type { Plain } from '../source/units.js';
import type { LookedAt } from './looked-at.js';

/** ajv's names for how a place below is told: by number, or by a member's name. */
const BY_NUMBER = 0;
const BY_NAME = 1;

/** Replaces ajv's `unevaluatedProperties` and `unevaluatedItems`, whose account of what was looked at cannot be trusted. */
export function installUnevaluated(ajv: Ajv, lookedAt: LookedAt): void {
  ajv.opts.unevaluated = false; // ends ajv's own account, which every schema would pay for
  for (const keyword of [members(lookedAt), items(lookedAt)]) ajv.removeKeyword(keyword.keyword as string).addKeyword(keyword);
}

function members(lookedAt: LookedAt): CodeKeywordDefinition {
  const keyword = 'unevaluatedProperties';
  return {
    keyword,
    type: 'object',
    schemaType: ['boolean', 'object'],
    error: { message: 'must NOT have unevaluated properties', params: ({ params }) => _`{unevaluatedProperty: ${params.name}}` },
    code(cxt: KeywordCxt) {
      const { gen, data } = cxt;
      const seen = ask(cxt, (value: object) => lookedAt.members(cxt.parentSchema as Plain, value));
      refuseRest(cxt, seen, (each) => gen.forIn('name', data, each), { keyword, dataPropType: BY_NAME });
    },
  };
}

function items(lookedAt: LookedAt): CodeKeywordDefinition {
  const keyword = 'unevaluatedItems';
  return {
    keyword,
    type: 'array',
    schemaType: ['boolean', 'object'],
    error: { message: 'must NOT have unevaluated items', params: ({ params }) => _`{limit: ${params.name}}` },
    code(cxt: KeywordCxt) {
      const { gen, data } = cxt;
      const seen = ask(cxt, (value: readonly unknown[]) => lookedAt.items(cxt.parentSchema as Plain, value));
      refuseRest(cxt, seen, (each) => gen.forRange('i', 0, _`${data}.length`, each), { keyword, dataPropType: BY_NUMBER });
    },
  };
}

function ask<T>(cxt: KeywordCxt, ref: (value: T) => unknown): Name {
  const { gen, data } = cxt;
  return gen.const('seen', _`${gen.scopeValue('func', { key: {}, ref })}(${data})`);
}

/** Applies the keyword's schema to each place that was not seen; false refuses it. */
function refuseRest(
  cxt: KeywordCxt,
  seen: Name,
  forEach: (each: (place: Name) => void) => unknown,
  below: { readonly keyword: string; readonly dataPropType: typeof BY_NUMBER | typeof BY_NAME },
): void {
  const { gen, schema, it } = cxt;
  const valid = gen.let('valid', true);
  gen.if(_`${seen} !== true`, () =>
    forEach((place) =>
      gen.if(_`!${seen}.has(${place})`, () => {
        if (schema === false) {
          cxt.setParams({ name: place });
          cxt.error();
          gen.assign(valid, false);
        } else {
          const holds = gen.name('holds');
          cxt.subschema({ ...below, dataProp: place }, holds);
          gen.if(_`!${holds}`, () => gen.assign(valid, false));
        }
        if (it.allErrors !== true) gen.if(_`!${valid}`, () => gen.break());
      }),
    ),
  );
  cxt.ok(valid);
}
