import { memberId, recordType, subsystemId } from '#record';
import type { Configuration } from './configuration.js';
import { MEMBER_LEVELS, MEMBER_STATES } from './member.js';
import { instantOf } from './read-terms.js';
import { CLASSES } from './terms.js';

type Place = string;
type Check = (value: unknown) => Place | undefined;

/**
 * Reads a configuration; gives the pointer of the first member that is not as it should be instead. Its members are a closed set, since one
 * that is not understood may be one that forbids. The terms of an agreement are only read as far as `preparePolicy` needs it, which
 * refuses malformed ones by themselves.
 */
export function readConfiguration(value: unknown): Configuration | { readonly wrong: string } {
  const wrong = CONFIGURATION(value);
  return wrong === undefined ? (value as Configuration) : { wrong };
}

const that =
  (test: (value: unknown) => boolean): Check =>
  (value) =>
    test(value) ? undefined : '';
const text = that((value) => typeof value === 'string' && value !== '');
const named = (read: (value: string) => unknown) => that((value) => typeof value === 'string' && read(value) !== undefined);
const oneOf = (values: readonly string[]) => that((value) => typeof value === 'string' && values.includes(value));
const instant = that((value) => typeof value === 'string' && !Number.isNaN(instantOf(value)));
const whole = that((value) => Number.isSafeInteger(value) && Number(value) >= 0);
const anything: Check = () => undefined;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);

/** A list whose entries all pass; with `by`, no two of them say the same there. */
const list =
  (check: Check, by?: string): Check =>
  (value) => {
    if (!Array.isArray(value)) return '';
    const seen = new Set<unknown>();
    for (const [i, entry] of (value as readonly unknown[]).entries()) {
      const wrong = check(entry);
      if (wrong !== undefined) return `/${i}${wrong}`;
      if (by === undefined) continue;
      const name = (entry as Readonly<Record<string, unknown>>)[by];
      if (seen.has(name)) return `/${i}/${by}`;
      seen.add(name);
    }
    return undefined;
  };

/** An object with these members and no others; unless `open`, where more may stand. */
const members =
  (checks: Readonly<Record<string, Check>>, open = false): Check =>
  (value) => {
    if (!isObject(value)) return '';
    if (!open && Object.keys(value).some((name) => !Object.hasOwn(checks, name))) return '/*';
    for (const [name, check] of Object.entries(checks)) {
      const wrong = check(Object.hasOwn(value, name) ? value[name] : undefined);
      if (wrong !== undefined) return `/${name}${wrong}`;
    }
    return undefined;
  };

/** An object whose names and values all pass. */
const table =
  (name: Check, check: Check): Check =>
  (value) => {
    if (!isObject(value)) return '';
    for (const [key, entry] of Object.entries(value)) {
      const wrong = name(key) ?? check(entry);
      if (wrong !== undefined) return `/*${wrong}`;
    }
    return undefined;
  };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ENDPOINT = members({
  kind: oneOf(['kafka', 'webhook', 'pull']),
  url: optional(text),
  types: optional(list(named(recordType))),
  order: optional(oneOf(['subject', 'none'])),
});
const PARTICIPANT = members({
  id: named(memberId),
  name: text,
  level: oneOf(MEMBER_LEVELS),
  parent: optional(named(memberId)),
  state: oneOf(MEMBER_STATES),
  since: instant,
  registries: list(text),
  systems: list(members({ id: named(subsystemId), name: text, endpoints: list(ENDPOINT) }), 'id'),
  // A key is read by `readKeySet`, which is stricter.
  keys: list(members({ kid: text, purpose: text, iss: named(memberId), nbf: whole }, true), 'kid'),
});
const ACCEPTANCE = optional(members({ at: instant, jws: text }));
const VERSION = members({
  terms: members(
    { id: text, version: whole, provider: named(memberId), consumer: named(subsystemId), type: named(recordType) },
    true,
  ),
  acceptances: members({ provider: ACCEPTANCE, consumer: ACCEPTANCE }),
});
const CLASSIFIED = members({ record: oneOf(CLASSES), fields: table(anything, oneOf(CLASSES)) });
const CONFIGURATION = members({
  members: list(PARTICIPANT, 'id'),
  purposes: list(
    members({ id: text, title: text, from: text, until: optional(text), basis: members({ text, eli: optional(text) }) }),
    'id',
  ),
  agreements: list(members({ id: text, versions: list(VERSION), revoked: optional(instant) }), 'id'),
  classifications: table(named(recordType), CLASSIFIED),
});
