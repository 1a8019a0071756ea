import { faults } from '../fault.js';

/** Bytes that are not one strict JSON document (RFC 8259 narrowed by I-JSON, RFC 7493). */
export const jsonFaults = faults({
  JSON_EMPTY: { title: 'There is no JSON text', status: 422, retry: false, next: 'Send the record as the value.' },
  JSON_UTF8_INVALID: {
    title: 'The bytes are not valid UTF-8',
    status: 422,
    retry: false,
    next: 'Encode the record as UTF-8 without a byte order mark.',
  },
  JSON_SYNTAX: { title: 'The text is not JSON', status: 422, retry: false, next: 'Check the text with any JSON parser.' },
  JSON_DUPLICATE_MEMBER: {
    title: 'An object names the same member twice',
    status: 422,
    retry: false,
    next: 'Keep one of the two members.',
  },
  JSON_NUMBER_LOSSY: {
    title: 'A number would change when read as a double',
    status: 422,
    retry: false,
    next: 'Send large or precise numbers as strings.',
  },
  JSON_SURROGATE_LONE: {
    title: 'A string contains half of a surrogate pair',
    status: 422,
    retry: false,
    next: 'Write the character as a complete pair or as UTF-8.',
  },
  JSON_TOO_DEEP: { title: 'The document nests deeper than 32 levels', status: 422, retry: false, next: 'Flatten the record.' },
  JSON_TOO_LARGE: {
    title: 'The record or its canonical form is larger than 640 KiB',
    status: 413,
    retry: false,
    next: 'Send large attachments by reference.',
  },
  JSON_NOT_REPRESENTABLE: {
    title: 'A value in memory has no JSON form',
    status: 500,
    retry: false,
    next: 'Report the defect: no value that was read from JSON causes it.',
  },
});
