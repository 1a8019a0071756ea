import { faults } from '../fault.js';

/** Keys and sealing. */
export const sealingFaults = faults({
  KEY_FILE_UNREADABLE: {
    title: 'The key file cannot be opened',
    status: 500,
    retry: false,
    next: 'Check the path and that the passphrase is the one the file was made with.',
  },
  KEY_FILE_EXPOSED: {
    title: 'The key file can be read by others than its owner',
    status: 500,
    retry: false,
    next: 'chmod 600 the file (700 its folder) and consider the key compromised.',
  },
  KEY_UNPROVEN: {
    title: 'The key does not sign what its public part verifies',
    status: 500,
    retry: false,
    next: 'Restore the key file from its back-up; nothing is sealed with this key.',
  },
  KEY_ABSENT: {
    title: 'The key store does not have the key',
    status: 500,
    retry: false,
    next: 'Find the key by its id: restore its file, or name the store that has it.',
  },
  KEY_EPOCH_CHANGED: {
    title: 'A key differs from the one in use before',
    status: 500,
    retry: false,
    next: 'Restore the key file, or begin a new epoch on purpose with KHIDI_NEW_EPOCH=yes.',
  },
  KEY_STORE_UNAVAILABLE: {
    title: 'The store of the sealing key does not sign',
    status: 503,
    retry: true,
    next: 'Wait; records stay where they are until it signs again.',
  },
  KEY_STORE_REFUSED: {
    title: 'The key store does not accept our credentials',
    status: 500,
    retry: false,
    next: 'Correct the PIN or the token and start the service again; a PIN is not tried twice, so that the token does not lock.',
  },
  KEY_NONE_ACTIVE: {
    title: 'No key is active for this purpose',
    status: 503,
    retry: true,
    next: 'Activate a key with `khidi key activate`; records wait until then.',
  },
  KEY_UNKNOWN: {
    title: 'There is no key with this id',
    status: 404,
    retry: false,
    next: 'Look the id up with `khidi key list`.',
  },
  KEY_STATE: {
    title: 'The state of the key does not allow this',
    status: 409,
    retry: false,
    next: 'The detail says why; `khidi key list` shows the states.',
  },
  KEY_TOO_YOUNG: {
    title: 'The key has not been published long enough',
    status: 409,
    retry: false,
    next: 'Wait for the time in the detail, so that every verifier has seen the key before it signs.',
  },
  KEY_FOUR_EYES: {
    title: 'Another person must confirm this',
    status: 409,
    retry: false,
    next: 'Let a second officer give the same command.',
  },
  KEY_REQUEST_INVALID: {
    title: 'The request about a key is not understood',
    status: 422,
    retry: false,
    next: 'The detail names the member that is missing or malformed.',
  },
  KEY_CERTIFICATE_UNFIT: {
    title: 'The certificate is not one for this key',
    status: 422,
    retry: false,
    next: 'Ask the certification authority for a certificate over the request that `khidi key csr` prints.',
  },
  KEY_SET_INVALID: {
    title: 'A published key set cannot be trusted',
    status: 422,
    retry: false,
    next: 'Fetch the key set again from its owner; the detail names the key.',
  },
  SEAL_SELF_CHECK: {
    title: 'An envelope of our own did not verify',
    status: 500,
    retry: false,
    next: 'Sealing stopped; examine the key and the machine before starting again.',
  },
  SEAL_INPUT: {
    title: 'A validated record lacks what its envelope needs',
    status: 500,
    retry: false,
    next: 'Find out who wrote to the validated topic; only validation may.',
  },
});
