import type { Format } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { charge } from '../meter.js';
import * as address from './address.js';
import * as time from './time.js';
import { isUriTemplate } from './uri-template.js';

const CHARACTERS_PER_UNIT = 4;

type Test = (text: string) => boolean;

/** Where ajv-formats is looser than the RFC, lacks the format or takes more than linear time, these stand instead. */
const OURS: Readonly<Record<string, Test>> = {
  date: time.isDate,
  time: time.isTime,
  'date-time': time.isDateTime,
  duration: time.isDuration,
  hostname: address.isHostname,
  'idn-hostname': address.isIdnHostname,
  email: address.isEmail,
  'idn-email': address.isIdnEmail,
  uri: address.isUri,
  'uri-reference': address.isUriReference,
  iri: address.isIri,
  'iri-reference': address.isIriReference,
  url: address.isUrl,
  ipv4: address.isPlainIpv4,
  ipv6: address.isPlainIpv6,
  uuid: (text) => /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text),
  'uri-template': isUriTemplate,
  regex: isPattern,
};

/** `regex`: an expression of ECMA-262 in unicode mode. It is read, never run. */
function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

/** Taken from ajv-formats: those of JSON Schema that are left, and those that OpenAPI adds. */
const THEIRS = [
  'json-pointer',
  'relative-json-pointer',
  'json-pointer-uri-fragment',
  'byte',
  'int32',
  'int64',
  'float',
  'double',
  'password',
  'binary',
] as const;

/** Every format that is known here. All are asserted. */
export const FORMATS: Readonly<Record<string, Format>> = {
  ...Object.fromEntries(THEIRS.map((name) => [name, theirs(fullFormats[name])])),
  ...Object.fromEntries(Object.entries(OURS).map(([name, test]) => [name, metered(test)])),
};

/** Whether a format is one that is asserted here. */
export const isKnownFormat = (name: string): boolean => Object.hasOwn(FORMATS, name);

function metered(test: Test): Test {
  return (text) => {
    charge(1 + text.length / CHARACTERS_PER_UNIT);
    return test(text);
  };
}

/** ajv-formats gives a pattern, a function, `true`, or a definition for numbers, which needs no meter. */
function theirs(format: Format): Format {
  if (format instanceof RegExp) return metered((text) => format.test(text));
  if (typeof format === 'function') return metered((text) => format(text) === true);
  return format;
}
