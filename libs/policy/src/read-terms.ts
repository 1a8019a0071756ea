import { type FaultReport, faultReport } from '#faults';
import { memberId, recordType, subsystemId } from '#record';
import { type AgreementTerms, ORIGINS } from './terms.js';

type Test = (value: unknown) => boolean;

const ID = /^[a-z0-9-]{1,64}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const POINTER = /^(\/([^~/]|~[01])+)+$/;
// Years, months and days are what laws speak of; RFC 3339 appendix A allows more.
const RETENTION = /^P(?=\d)(\d{1,3}Y)?(\d{1,3}M)?(\d{1,5}D)?$/;
/** Of minutes, hours or days: one of them, so that a period has one form. */
const PERIOD = /^P(?:T([1-9]\d{0,3})([MH])|([1-9]\d{0,2})D)$/;
const ELI = /^https?:\/\/[^\s]{1,200}\/eli\/[^\s]{1,300}$/;
const MOST_FIELDS = 1000;

const text =
  (pattern: RegExp): Test =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const named =
  (name: (value: string) => unknown): Test =>
  (value) =>
    typeof value === 'string' && name(value) !== undefined;
const oneOf =
  (...values: readonly string[]): Test =>
  (value) =>
    typeof value === 'string' && values.includes(value);
const count: Test = (value) => Number.isSafeInteger(value) && Number(value) >= 1;
const instant: Test = (value) => typeof value === 'string' && !Number.isNaN(instantOf(value));

const REQUIRED: Readonly<Record<string, Test>> = {
  id: text(ID),
  version: count,
  provider: named(memberId),
  consumer: named(subsystemId),
  type: named(recordType),
  purpose: text(ID),
  fields: isFields,
  quota: (value) => isQuota(value),
  from: instant,
  until: instant,
  origin: oneOf(...ORIGINS),
  retention: text(RETENTION),
  pseudonym: oneOf('registry', 'consumer'),
  encryption: oneOf('none', 'consumer'),
};
const OPTIONAL: Readonly<Record<string, Test>> = {
  specialBasis: isBasis,
  delegate: named(memberId),
  undisclosed: (value) => isUndisclosed(value),
  receipts: text(PERIOD),
  begins: oneOf('changes'),
};

/** Milliseconds since 1970 of an instant in the one form that is allowed, NaN for any other text. */
export function instantOf(value: string): number {
  const at = INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  // 30 February would become 2 March.
  return !Number.isNaN(at) && new Date(at).toISOString() === value.replace('Z', '.000Z') ? at : Number.NaN;
}

/** The milliseconds of a period as agreements have it (`PT30M`, `PT4H`, `P2D`), NaN for any other text. */
export function periodMs(period: string): number {
  const [, count, unit, days] = PERIOD.exec(period) ?? [];
  if (days !== undefined) return Number(days) * 24 * 3_600_000;
  return count === undefined ? Number.NaN : Number(count) * (unit === 'H' ? 3_600_000 : 60_000);
}

/** Whether a value is a legal basis. */
export function isBasis(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { text: words, eli, ...unknown } = value;
  const fits = typeof words === 'string' && words.trim() !== '' && words.length <= 500;
  return fits && (eli === undefined || text(ELI)(eli)) && Object.keys(unknown).length === 0;
}

/** What is wrong with the terms of an agreement, all of it: POLICY_TERMS_INVALID with the pointer of each wrong member. */
export function termsFaults(terms: unknown): readonly FaultReport[] {
  if (!isObject(terms)) return [faultReport('POLICY_TERMS_INVALID', '')];
  const wrong = Object.entries(REQUIRED).flatMap(([name, test]) => (test(own(terms, name)) ? [] : [name]));
  for (const [name, test] of Object.entries(OPTIONAL)) {
    const value = own(terms, name);
    if (value !== undefined && !test(value)) wrong.push(name);
  }
  // A member that nobody reads would be signed and then ignored; its name is not repeated, since it may hold anything.
  if (Object.keys(terms).some((name) => !Object.hasOwn(REQUIRED, name) && !Object.hasOwn(OPTIONAL, name))) wrong.push('*');
  if (wrong.length === 0 && !(instantOf(String(terms.from)) < instantOf(String(terms.until)))) wrong.push('until');
  return wrong.map((name) => faultReport('POLICY_TERMS_INVALID', `/${name}`));
}

/** Whether a value is the terms of an agreement: {@link termsFaults} finds nothing. */
export function isTerms(value: unknown): value is AgreementTerms {
  return termsFaults(value).length === 0;
}

function isFields(value: unknown): boolean {
  if (value === 'record') return true;
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_FIELDS) return false;
  return value.every(text(POINTER)) && new Set(value).size === value.length;
}

function isUndisclosed(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { until, basis, ...unknown } = value;
  return instant(until) && isBasis(basis) && Object.keys(unknown).length === 0;
}

function isQuota(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { records, per, ...unknown } = value;
  return count(records) && oneOf('minute', 'hour', 'day')(per) && Object.keys(unknown).length === 0;
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
