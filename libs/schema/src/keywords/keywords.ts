import { _, type Ajv, type CodeKeywordDefinition, type KeywordCxt } from 'ajv';
import { charge, membersOf, meter } from '../meter.js';
import { isMultiple } from './decimal.js';
import { identifier } from './identifier.js';
import { areUnique, memberOf } from './identity.js';
import { isLonger, isShorter } from './length.js';

/** What a place in the schema costs each time it is applied. */
export interface Units {
  readonly units: number;
  /** Also one unit for each member or item of the value, since a keyword here looks at all of them. */
  readonly perMember: boolean;
}

/** Not a keyword of JSON Schema: put into plain schemas to keep the meter running. */
export const UNITS_KEYWORD = 'x-units';

/** Above this many errors the second judgement gives up; what it would say further is cut off at 50 anyway. */
const MAX_ERRORS = 20_000;

const units: CodeKeywordDefinition = {
  keyword: UNITS_KEYWORD,
  before: '$ref',
  schemaType: 'object',
  code(cxt: KeywordCxt) {
    const { gen, data, it } = cxt;
    const cost = cxt.schema as Units;
    const account = gen.scopeValue('obj', { key: 'meter', ref: meter });
    const pay = gen.scopeValue('func', { key: 'charge', ref: charge });
    const count = gen.scopeValue('func', { key: 'membersOf', ref: membersOf });
    // Written out rather than called: on most records this is all that the meter costs.
    gen.code(_`${account}.left -= ${cost.units};`);
    gen.if(_`${account}.left < 0`, () => gen.code(_`${pay}(1)`));
    if (cost.perMember) gen.code(_`${pay}(${count}(${data}));`);
    if (it.allErrors) gen.if(_`errors > ${MAX_ERRORS}`, () => gen.code(_`${pay}(Infinity)`));
  },
};

/** A keyword whose value is turned into a test once, when the schema is compiled. */
function tested<T>(
  keyword: string,
  type: 'string' | 'number' | 'array' | undefined,
  testOf: (value: T) => (data: never) => boolean,
): CodeKeywordDefinition {
  return {
    keyword,
    ...(type === undefined ? {} : { type }),
    code(cxt: KeywordCxt) {
      const test = cxt.gen.scopeValue('func', { key: {}, ref: testOf(cxt.schema as T) });
      cxt.pass(_`${test}(${cxt.data})`);
    },
  };
}

/** Lengths are compared in place before anything is called: nearly all texts are decided by their number of code units. */
function length(keyword: string, fails: 'isLonger' | 'isShorter'): CodeKeywordDefinition {
  return {
    keyword,
    type: 'string',
    schemaType: 'number',
    code(cxt: KeywordCxt) {
      const limit = cxt.schema as number;
      const count = cxt.gen.scopeValue('func', { key: fails, ref: fails === 'isLonger' ? isLonger : isShorter });
      const open = fails === 'isLonger' ? _`${cxt.data}.length > ${limit}` : _`${cxt.data}.length < ${2 * limit}`;
      cxt.fail(_`${open} && ${count}(${cxt.data}, ${limit})`);
    },
  };
}

/** Replaces ajv's keywords that are inexact, unbounded in time or misled by members such as `constructor`, and adds the meter. */
export function installKeywords(ajv: Ajv): void {
  const ours: CodeKeywordDefinition[] = [
    length('maxLength', 'isLonger'),
    length('minLength', 'isShorter'),
    tested<number>('multipleOf', 'number', (factor) => (value: number) => isMultiple(value, factor)),
    tested<boolean>('uniqueItems', 'array', (wanted) => (wanted ? areUnique : () => true)),
    tested<readonly unknown[]>('enum', undefined, memberOf),
    tested<unknown>('const', undefined, (value) => memberOf([value])),
  ];
  for (const keyword of ours) ajv.removeKeyword(keyword.keyword as string).addKeyword(keyword);
  ajv.addKeyword(units).addKeyword(identifier);
}
