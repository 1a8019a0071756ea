import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { invalid } from '../problem.js';
import { DRAFT_04 } from './draft-04.js';
import type { Draft } from './drafts.js';
import type { Node } from './text.js';

const OPTIONS = { strict: false, validateFormats: false, allErrors: true, logger: false } as const;
const judges = new Map<Draft, ValidateFunction>();

function judgeOf(draft: Draft): ValidateFunction {
  let judge = judges.get(draft);
  if (judge === undefined) {
    judge = make(draft);
    judges.set(draft, judge);
  }
  return judge;
}

function make(draft: Draft): ValidateFunction {
  switch (draft) {
    case '2020-12':
      return known(new Ajv2020(OPTIONS).getSchema('https://json-schema.org/draft/2020-12/schema'));
    case '2019-09':
      return known(new Ajv2019(OPTIONS).getSchema('https://json-schema.org/draft/2019-09/schema'));
    // Draft 07 added keywords to 06 and changed none, so its meta-schema judges both.
    case '07':
    case '06':
      return known(new Ajv(OPTIONS).getSchema('http://json-schema.org/draft-07/schema'));
    case '04':
      return new Ajv2020(OPTIONS).compile(DRAFT_04);
    default:
      return draft satisfies never;
  }
}

function known<T>(judge: T | undefined): T {
  if (judge === undefined) throw new Error('ajv has no meta-schema of this draft');
  return judge;
}

/** Throws SCHEMA_INVALID with the first keyword that has a value which its draft does not allow. Odd identifiers are let pass. */
export function refuseMalformed(schema: Node | boolean, draft: Draft): void {
  const judge = judgeOf(draft);
  if (judge(schema)) return;
  const [error] = (judge.errors ?? []).filter(isSerious);
  if (error === undefined) return;
  const at = error.instancePath === '' ? 'the schema' : error.instancePath;
  throw invalid(`${at} ${error.message ?? 'is malformed'}`, error.instancePath, error.instancePath.split('/').at(-1));
}

function isSerious(error: ErrorObject): boolean {
  return !/\/(\$?id|\$schema)$/.test(error.instancePath);
}
