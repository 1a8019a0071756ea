import { faults } from '../fault.js';

/** Receipts that consumers bring for what was delivered to them. */
export const receiptFaults = faults({
  RECEIPT_SIGNATURE: {
    title: 'The receipt is not signed by a key that its member has for receipts',
    status: 422,
    retry: false,
    next: 'Add the key with "khidi member add-key --purpose receipts", have an officer approve it, and sign with it.',
  },
  RECEIPT_CLAIMS: {
    title: 'The receipt says something that is missing, unknown or malformed',
    status: 422,
    retry: false,
    next: 'The pointer names the claim; make receipts with the consumer library.',
  },
  RECEIPT_FOREIGN: {
    title: 'The receipt is of another consumer',
    status: 403,
    retry: false,
    next: 'Bring it with the secret of the subsystem that it names.',
  },
  RECEIPT_UNKNOWN: {
    title: 'No delivery with this number awaits a receipt',
    status: 404,
    retry: true,
    next: 'Try again in some seconds; if it stays so, the agreement asked for none, or the delivery is too long ago.',
  },
  RECEIPT_CONTRADICTS: {
    title: 'The receipt is for another envelope than the one that was delivered under this number',
    status: 409,
    retry: false,
    next: 'Keep what was delivered and ask the operator; the pointer names what differs.',
  },
});
