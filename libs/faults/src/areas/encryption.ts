import { faults } from '../fault.js';

/** What was encrypted to a key of ours and does not open, in the order of the checks (RFC 7516). */
export const encryptionFaults = faults({
  ENCRYPTED_SIZE: {
    title: 'The encrypted message is empty or too large',
    status: 422,
    retry: false,
    next: 'Fetch the message again.',
  },
  ENCRYPTED_GRAMMAR: {
    title: 'The bytes are no compact JWE of five segments with an empty second one',
    status: 422,
    retry: false,
    next: 'Pass the bytes exactly as they were delivered, without white space.',
  },
  ENCRYPTED_HEADER: {
    title: 'The header of the encrypted message has a member that is missing, malformed or not allowed',
    status: 422,
    retry: false,
    next: 'Refuse the message; the pointer names the member.',
  },
  ENCRYPTED_KEY_UNKNOWN: {
    title: 'The message is encrypted to a key that is not at hand',
    status: 422,
    retry: false,
    next: 'Add the private key whose thumbprint the header names; keep old keys until nothing is encrypted to them.',
  },
  ENCRYPTED_CONTENT: {
    title: 'The encrypted content was changed, or is not what its header says',
    status: 422,
    retry: false,
    next: 'Refuse the message, and ask the operator for it again.',
  },
});
