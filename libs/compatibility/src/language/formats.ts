const DIGITS = (count: number): string => `[0-9]{${count}}`;
const DATE = `${DIGITS(4)}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`;
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])';

/** Patterns that every text of a format has: a format is at least as narrow, so that what these rule out, it does. */
export const SHAPES: Readonly<Record<string, string>> = {
  date: `^${DATE}$`,
  time: `^${TIME}$`,
  'date-time': `^${DATE}[Tt]${TIME}$`,
  duration: '^P[0-9A-Z]{2,}$',
  uuid: '^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$',
  ipv4: '^[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}$',
  ipv6: '^[0-9A-Fa-f:.]{2,45}$',
  hostname: '^[A-Za-z0-9.-]{1,253}$',
  email: '^.+@.+$',
  'idn-email': '^[^]+@[^]+$',
  uri: '^[A-Za-z][A-Za-z0-9+.-]*:',
  iri: ':',
  url: '^([Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://',
};

/** Texts of each format, from which a witness may be taken. */
export const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  date: ['2099-01-31', '2099-12-01', '0000-01-01'],
  time: ['12:00:00Z', '23:59:59.123+04:00'],
  'date-time': ['2099-01-31T12:00:00Z', '2099-01-31T12:00:00.5+04:00', '2099-01-31t12:00:00z'],
  duration: ['P1D', 'PT1H', 'P10Y'],
  uuid: ['00000000-0000-4000-8000-000000000000', 'ABCDEFAB-0000-4000-8000-000000000000', 'abcdefab-0000-4000-8000-000000000000'],
  ipv4: ['192.0.2.1', '0.0.0.0', '255.255.255.255'],
  ipv6: ['::', '2001:db8::1', '::192.0.2.1'],
  hostname: ['a', 'a.example', 'host-1.example', '1'],
  'idn-hostname': ['a', 'a.example', 'ა.example'],
  email: ['a@a', 'a.b@a.example', '"a b"@a.example', 'a@[192.0.2.1]'],
  'idn-email': ['a@a', 'ა@a.example'],
  uri: ['a:', 'https://a.example/b?c#d', 'urn:a:b'],
  'uri-reference': ['', 'a', '/a', 'https://a.example/', '#a', '?a'],
  iri: ['a:', 'https://a.example/ა', 'urn:a:b'],
  'iri-reference': ['', 'a', '/ა', 'https://a.example/'],
  url: ['http://a', 'https://a.example/b', 'ftp://a'],
  'uri-template': ['', 'a', '{a}', 'https://a.example/{a}'],
  regex: ['', 'a', '^a$'],
  'json-pointer': ['', '/a', '/a/0'],
  'json-pointer-uri-fragment': ['#', '#/a'],
  'relative-json-pointer': ['0', '0#', '1/a'],
  byte: ['', 'YQ==', 'YWJj'],
};

/** Formats whose texts all have another format too, as the checks of `#schema` are written. */
const INCLUDED: Readonly<Record<string, readonly string[]>> = {
  uri: ['uri-reference', 'iri', 'iri-reference'],
  'uri-reference': ['iri-reference'],
  iri: ['iri-reference'],
  url: ['uri', 'uri-reference', 'iri', 'iri-reference'],
};

/** An identifier that is enforced rejects whatever the same one rejects as it is published. */
const ENFORCED = ',"policy":"enforce"}';

/** All formats that a text of this one certainly has. */
export function includedFormats(name: string): ReadonlySet<string> {
  return new Set([name, name.replace(ENFORCED, '}'), ...(INCLUDED[name] ?? [])]);
}
