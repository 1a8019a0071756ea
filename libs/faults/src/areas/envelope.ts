import { faults } from '../fault.js';

/** The verifier's refusals, in the order of its checks (DESIGN section 5). */
export const envelopeFaults = faults({
  ENVELOPE_SIZE: {
    title: 'The envelope is empty or larger than 900 KiB',
    status: 422,
    retry: false,
    next: 'Fetch the envelope again.',
  },
  ENVELOPE_GRAMMAR: {
    title: 'The bytes are not three base64url segments',
    status: 422,
    retry: false,
    next: 'Pass the bytes exactly as they were delivered, without white space.',
  },
  ENVELOPE_BASE64: { title: 'A segment is not canonical base64url', status: 422, retry: false, next: 'Refuse the envelope.' },
  ENVELOPE_HEADER_JSON: {
    title: 'The protected header is not strict JSON',
    status: 422,
    retry: false,
    next: 'Refuse the envelope.',
  },
  ENVELOPE_HEADER_MEMBER: {
    title: 'The protected header has a member that is missing or not allowed',
    status: 422,
    retry: false,
    next: 'Refuse the envelope.',
  },
  ENVELOPE_TYP: {
    title: 'The envelope is of another type',
    status: 422,
    retry: false,
    next: 'Use the verifier made for that type.',
  },
  ENVELOPE_ALG: { title: 'The algorithm is not ES256', status: 422, retry: false, next: 'Refuse the envelope.' },
  ENVELOPE_KID_FORM: { title: 'The key id is not a thumbprint', status: 422, retry: false, next: 'Refuse the envelope.' },
  ENVELOPE_KEY_UNKNOWN: {
    title: 'No published key has this key id',
    status: 422,
    retry: false,
    next: 'Fetch the current key set of the issuer and try again.',
  },
  ENVELOPE_KEY_ISSUER: { title: 'The key belongs to another issuer', status: 422, retry: false, next: 'Refuse the envelope.' },
  ENVELOPE_KEY_ALGORITHM: {
    title: 'The key is made for another algorithm or use',
    status: 422,
    retry: false,
    next: 'Refuse the envelope.',
  },
  ENVELOPE_KEY_STATUS: {
    title: 'The key was not valid at the trusted time',
    status: 422,
    retry: false,
    next: 'Ask the issuer when and why the key was retired or revoked. A record that was rejected with it may be sent again under the same id.',
  },
  ENVELOPE_SIGNATURE: { title: 'The signature does not hold', status: 422, retry: false, next: 'Refuse the envelope.' },
  ENVELOPE_CLAIMS_JSON: { title: 'The claims are not strict JSON', status: 422, retry: false, next: 'Refuse the envelope.' },
  ENVELOPE_DISCLOSURE: {
    title: 'A disclosure is malformed, repeated or belongs nowhere',
    status: 422,
    retry: false,
    next: 'Pass the envelope with exactly the disclosures that were delivered.',
  },
  ENVELOPE_CLAIMS: {
    title: 'A claim is missing, unknown or malformed',
    status: 422,
    retry: false,
    next: 'The pointer names the claim; refuse the envelope.',
  },
  ENVELOPE_AUDIENCE: {
    title: 'The envelope is meant for another consumer',
    status: 422,
    retry: false,
    next: 'Refuse the envelope.',
  },
  ENVELOPE_SCHEMA_DIGEST: {
    title: 'The schema digest is not that of the schema you hold',
    status: 422,
    retry: false,
    next: 'Compare your copy of the schema with the registry.',
  },
  ENVELOPE_RECORD_DIGEST: {
    title: 'The record does not have its stated digest',
    status: 422,
    retry: false,
    next: 'Refuse the envelope.',
  },
  ENVELOPE_ORIGIN_SEAL: {
    title: 'The record does not carry a seal of its agency that holds',
    status: 422,
    retry: false,
    next: 'Ask the agency to seal its records, or accept records that the gateway alone vouches for.',
  },
  ENVELOPE_HEADERS_DIFFER: {
    title: 'The message headers contradict the signed claims',
    status: 422,
    retry: false,
    next: 'Refuse the message; the envelope was re-labelled on its way.',
  },
  ENVELOPE_REPLAY: {
    title: 'This exchange was seen before',
    status: 409,
    retry: false,
    next: 'Do nothing; it was applied already.',
  },
});
