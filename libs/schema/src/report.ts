import type { ErrorObject } from 'ajv';
import { type FaultCode, type FaultReport, faultReport } from '#faults';
import type { Finding } from '#identifiers';
import type { Warning } from './keywords/identifier.js';
import { isTooMuch, meter, REPORT_UNITS } from './meter.js';
import type { Pointers } from './pointers.js';
import { UNDECLARED } from './pointers.js';
import type { Draft } from './source/drafts.js';
import { since } from './source/drafts.js';
import { IDENTIFIER_KEYWORD } from './vocabulary.js';

/** A record is told at most this many faults. */
export const MAX_FAULTS = 50;
/** So many errors are looked at; where more than that say the same, the rest is not needed. */
const MAX_ERRORS_READ = 2000;

/** Turns ajv's errors into reports without a value or an undeclared name in them: each rule and place once. */
export function reportsOf(errors: readonly ErrorObject[], record: unknown, pointers: Pointers, draft: Draft): FaultReport[] {
  const reports = new Map<string, FaultReport>();
  meter.left = REPORT_UNITS;
  for (const error of withoutEchoes(errors).slice(0, MAX_ERRORS_READ)) {
    const rule = ruleOf(error, draft);
    const pointer = shownWithin(pointers, record, error);
    if (pointer === undefined && reports.size > 0) break;
    reports.set(`${pointer} ${rule}`, faultReport(codeOf(error), pointer, rule));
    if (reports.size >= MAX_FAULTS) break;
  }
  return [...reports.values()];
}

/** An identifier has faults of its own; everything else is a violation of the keyword that the rule names. */
function codeOf({ keyword, params }: ErrorObject): FaultCode {
  return keyword === IDENTIFIER_KEYWORD ? (params as { code: Finding['code'] }).code : 'SCHEMA_VIOLATION';
}

/** The warnings that one judgement left behind, each place once, in the order of the schema. */
export function warningsOf(found: readonly Warning[], record: unknown, pointers: Pointers): FaultReport[] {
  meter.left = REPORT_UNITS;
  const reports = new Map<string, FaultReport>();
  for (const { code, path } of found.slice(0, MAX_FAULTS)) {
    const pointer = pointers.shown(record, path);
    reports.set(`${pointer} ${code}`, faultReport(code, pointer));
  }
  return [...reports.values()];
}

/** The pointer of an error; undefined where finding out which names may be shown costs more than it may. */
function shownWithin(pointers: Pointers, record: unknown, error: ErrorObject): string | undefined {
  try {
    return pointers.shown(record, error.instancePath, below(error));
  } catch (thrown) {
    if (isTooMuch(thrown)) return undefined;
    throw thrown;
  }
}

/** `if` only repeats that `then` or `else` failed, which stands there already. */
function withoutEchoes(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const rest = errors.filter((error) => error.keyword !== 'if');
  return rest.length > 0 ? rest : errors;
}

/** What is missing is named by the schema and is shown; what is too much is named by the record and is not. */
function below(error: ErrorObject): string[] {
  const { missingProperty } = error.params as { missingProperty?: unknown };
  if (typeof missingProperty === 'string') return [missingProperty];
  const isAboutName =
    error.propertyName !== undefined || /^(additional|unevaluated)Properties$|^propertyNames$/.test(error.keyword);
  return isAboutName ? [UNDECLARED] : [];
}

/** The keyword as the author of the schema wrote it. */
function ruleOf(error: ErrorObject, draft: Draft): string {
  if (error.keyword === 'false schema') return 'false';
  if (error.keyword === 'dependentRequired' && !since('2019-09', draft)) return 'dependencies';
  if (error.keyword === 'items' && !since('2020-12', draft)) return 'additionalItems';
  return error.keyword;
}
