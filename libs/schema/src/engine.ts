import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { FORMATS } from './formats/formats.js';
import { Branches, compiled, ROOT } from './keywords/branches.js';
import { installKeywords } from './keywords/keywords.js';
import { askedBranches, LookedAt } from './keywords/looked-at.js';
import { installUnevaluated } from './keywords/unevaluated.js';
import { isTooMuch, JUDGEMENT_UNITS, meter } from './meter.js';
import { invalid } from './problem.js';
import type { PlainSchema } from './source/plain.js';

/** Referenced schemas with fewer keywords than this are written out where they are used; larger ones are called. */
const INLINE_LIMIT = 12;

/** A compiled schema as ajv leaves it: true or false, and then errors. */
export interface Engine {
  accepts(value: unknown): boolean;
  readonly errors: readonly ErrorObject[];
}

/**
 * Compiles a plain schema. The quick engine stops at the first error, the thorough one looks for all. Everything that a
 * schema could do to its host is settled before: references are local, patterns linear, keywords known.
 */
export function engineOf(plain: PlainSchema, isThorough: boolean): Engine {
  const { schema, patterns } = plain;
  const regExp = (pattern: string) => {
    const matcher = patterns.get(pattern);
    if (matcher === undefined) throw invalid('a pattern was not prepared', undefined, 'pattern');
    // ajv tells patterns apart by their text.
    return Object.assign(Object.create(matcher) as typeof matcher, { toString: () => pattern });
  };
  const ajv = new Ajv2020({
    meta: false,
    validateSchema: false,
    strict: false,
    logger: false,
    messages: false,
    addUsedSchema: false,
    ownProperties: true,
    allErrors: isThorough,
    inlineRefs: INLINE_LIMIT,
    formats: { ...FORMATS },
    code: { regExp: Object.assign(regExp, { code: 'khidi' }) as never },
  });
  installKeywords(ajv);
  const branches = new Branches(askedBranches(plain));
  installUnevaluated(ajv, new LookedAt(plain, (branch, value) => branches.holds(branch, value)));
  let validate: ValidateFunction;
  const { left } = meter;
  meter.left = JUDGEMENT_UNITS; // what `enum` and `const` hold is read now, whatever the last record has left
  try {
    ajv.addSchema({ ...schema, $defs: { ...schema.$defs, ...branches.defs } }, ROOT);
    validate = compiled(ajv, ROOT);
    branches.compile(ajv);
  } catch (error) {
    throw isTooMuch(error) ? invalid('the schema is too complex to be compiled') : error;
  } finally {
    meter.left = left;
  }
  return {
    accepts(value) {
      try {
        return validate(value) as boolean;
      } finally {
        branches.forget();
      }
    },
    get errors() {
      return validate.errors ?? [];
    },
  };
}
