import { _, type CodeKeywordDefinition, type KeywordCxt, Name } from 'ajv';
import { examine, type Finding } from '#identifiers';
import { charge } from '../meter.js';
import { IDENTIFIER_KEYWORD, type IdentifierRule } from '../vocabulary.js';

/** An identifier that is doubtful, and where it stands: an RFC 6901 pointer as ajv gives it. */
export interface Warning {
  readonly code: Finding['code'];
  readonly path: string;
}

/** What the judgement that runs finds doubtful. Judging is synchronous, so one list serves a whole process, like the meter. */
export const doubts: Warning[] = [];

/** More than so many doubts in one record say no more. */
const MOST_DOUBTS = 50;
const UNITS = 20;
/** The argument of ajv's generated functions that says where their value stands. */
const INSTANCE_PATH = new Name('instancePath');

/** The fault of a text that its scheme rejects; '' where it is accepted, with or without doubt. */
function examiner(rules: readonly IdentifierRule[]): (text: string, path: string) => Finding['code'] | '' {
  return (text, path) => {
    charge(UNITS);
    const rule = rules.find(({ prefix }) => text.startsWith(prefix));
    if (rule === undefined) return '';
    const found = examine(rule.scheme, text.slice(rule.prefix.length), rule.policy);
    if (found === undefined) return '';
    if (found.rejects) return found.code;
    if (doubts.length < MOST_DOUBTS) doubts.push({ code: found.code, path });
    return '';
  };
}

/** `x-khidi-identifier` as a keyword of ajv: rejects by the scheme's policy, and notes what it only warns of. */
export const identifier: CodeKeywordDefinition = {
  keyword: IDENTIFIER_KEYWORD,
  type: 'string',
  schemaType: 'array',
  error: { message: '', params: ({ params }) => _`{code: ${params.code}}` },
  code(cxt: KeywordCxt) {
    const { gen, data, it } = cxt;
    const ask = gen.scopeValue('func', { key: {}, ref: examiner(cxt.schema as readonly IdentifierRule[]) });
    const code = gen.const('code', _`${ask}(${data}, ${INSTANCE_PATH} + ${it.errorPath})`);
    cxt.setParams({ code });
    cxt.pass(_`${code} === ''`);
  },
};
