import type { JsonObject } from '#canonical';
import { type FaultCode, type FaultReport, faultReport } from '#faults';
import type { PersonRecord } from './person.js';

/** A record with something wrong, and everything that should be said of it. */
export interface Spoilt {
  readonly record?: JsonObject;
  readonly bytes: Buffer;
  readonly faults: readonly FaultReport[];
}

type Spoil = (person: PersonRecord) => Spoilt;

const violation = (pointer: string, rule: string): FaultReport => faultReport('SCHEMA_VIOLATION', pointer, rule);

/** A fault that the schema finds. */
function broken(change: (person: PersonRecord) => JsonObject, ...faults: readonly FaultReport[]): Spoil {
  return (person) => {
    const record = change(person);
    return { record, bytes: Buffer.from(JSON.stringify(record)), faults };
  };
}

/** A fault that is found before there is a record. */
function unreadable(code: FaultCode, change: (text: string) => string | Buffer): Spoil {
  return (person) => ({ bytes: Buffer.from(change(JSON.stringify(person)) as string), faults: [faultReport(code)] });
}

/** Every way in which a generated record can be wrong, by name. */
export const SPOILS: Readonly<Record<string, Spoil>> = {
  'a required field is missing': broken(({ sex: _, ...rest }) => rest, violation('/sex', 'required')),
  'a number is sent as text': broken(
    (person) => ({ ...person, register: { ...person.register, version: String(person.register.version) } }),
    violation('/register/version', 'type'),
  ),
  'a day that no calendar has': broken(
    (person) => ({ ...person, birth: { ...person.birth, date: '2099-02-30' } }),
    violation('/birth/date', 'format'),
  ),
  'a field that nobody declared': broken((person) => ({ ...person, nickname: 'x' }), violation('/*', 'additionalProperties')),
  'a code that is not on the list': broken(
    ({ deathDate: _, ...person }) => ({ ...person, status: 'asleep' }),
    violation('/status', 'enum'),
  ),
  'a personal number without its country': broken(
    (person) => ({ ...person, id: person.id.slice(3) }),
    violation('/id', 'pattern'),
  ),
  'a death without a date': broken(
    ({ deathDate: _, ...person }) => ({ ...person, status: 'deceased' }),
    violation('/deathDate', 'required'),
  ),
  'the same nationality twice': broken(
    (person) => ({ ...person, nationalities: [person.birth.country, person.birth.country] }),
    violation('/nationalities', 'uniqueItems'),
  ),
  'two fields at once': broken(
    (person) => ({
      ...person,
      names: { ...person.names, passport: { ...person.names.passport, given: 'Мария' } },
      contact: { ...person.contact, email: 'nobody' },
    }),
    violation('/names/passport/given', 'pattern'),
    violation('/contact/email', 'format'),
  ),
  'a member named twice': unreadable('JSON_DUPLICATE_MEMBER', (text) => text.replace('{', '{"sex":"male",')),
  'a number that a double cannot hold': unreadable('JSON_NUMBER_LOSSY', (text) =>
    text.replace(/"version":\d+/, '"version":9007199254740993'),
  ),
  'bytes that are not UTF-8': unreadable('JSON_UTF8_INVALID', (text) => {
    const bytes = Buffer.from(text);
    bytes[bytes.indexOf('"given":"') + 9] = 0xff;
    return bytes;
  }),
  'half a surrogate pair': unreadable('JSON_SURROGATE_LONE', (text) => text.replace(/"place":"/, '"place":"\\ud83d')),
  'a text that breaks off': unreadable('JSON_SYNTAX', (text) => text.slice(0, -2)),
  'too many levels': unreadable('JSON_TOO_DEEP', (text) => text.replace(/\}$/, `,"more":${'['.repeat(33)}${']'.repeat(33)}}`)),
};
