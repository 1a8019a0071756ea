import { parseStrict } from '#canonical';
import { instantIn, readWhole, wrong } from '#http';
import { type RecordType, recordType } from '#record';

/** What may be asked, in the query or as a JSON object with the same members. */
export const MEMBERS = ['userCode', 'periodStart', 'periodEnd', 'offset', 'limit', 'type', 'why'] as const;
/** As the contract has it; a caller that asks for more gets this many, and asks again. */
const MOST = 1000;
const LONGEST_CODE = 64;
const LONGEST_REASON = 500;
const FURTHEST = 10_000_000;

/** What was sent, as texts. */
export type SentMembers = Partial<Record<(typeof MEMBERS)[number], string>>;

/** The parts of a question that the caller sends; times in milliseconds since 1970. */
export interface SentQuestion {
  readonly userCode: string;
  readonly from: number;
  readonly to: number;
  readonly offset: number;
  readonly limit: number;
  readonly type?: RecordType;
  readonly why?: string;
}

/** Reads a question. Throws DOOR_PARAMETER, which never quotes what was sent. */
export function readUsageQuestion(sent: SentMembers): SentQuestion {
  const { userCode, periodStart, periodEnd, offset, limit, why } = sent;
  const type = sent.type === undefined ? undefined : (recordType(sent.type) ?? refuse('type is a record type'));
  if (why !== undefined && (why.trim() === '' || why.length > LONGEST_REASON))
    throw wrong(`why has at most ${LONGEST_REASON} characters`);
  return {
    userCode: readCode('userCode', userCode),
    from: instant('periodStart', periodStart, 0),
    to: instant('periodEnd', periodEnd, Number.MAX_SAFE_INTEGER),
    offset: readWhole('offset', offset, 0, FURTHEST, 0),
    limit: Math.min(MOST, readWhole('limit', limit, 0, FURTHEST, MOST)),
    ...(type === undefined ? {} : { type }),
    ...(why === undefined ? {} : { why }),
  };
}

/** A person's code. Throws DOOR_PARAMETER. */
export function readCode(name: string, code: string | undefined): string {
  if (code === undefined || code.trim() === '' || code.length > LONGEST_CODE)
    throw wrong(`${name} is the code of a person with at most ${LONGEST_CODE} characters`);
  return code;
}

/** The members of a JSON body, as texts. Throws DOOR_PARAMETER. */
export function readUsageBody(body: Buffer): SentMembers {
  const parsed = parseStrict(body);
  const entries = Object.entries(Object(parsed.ok ? parsed.value : undefined) as Record<string, unknown>);
  const known = entries.every(
    ([name, value]) => MEMBERS.some((member) => member === name) && ['string', 'number'].includes(typeof value),
  );
  if (!parsed.ok || !known) throw wrong(`the body is an object with some of ${MEMBERS.join(', ')}`);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function instant(name: string, sent: string | undefined, fallback: number): number {
  if (sent === undefined) return fallback;
  return instantIn(sent) ?? refuse(`${name} is a time like 2026-05-03T00:00:00Z`);
}

function refuse(detail: string): never {
  throw wrong(detail);
}
