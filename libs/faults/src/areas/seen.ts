import { faults } from '../fault.js';

/** An id that was used before. */
export const seenFaults = faults({
  SEEN_CONFLICT: {
    title: 'The id was already used for other content',
    status: 409,
    retry: false,
    next: 'Use a new id for new content.',
  },
  SEEN_UNAVAILABLE: {
    title: 'The store of handled ids does not answer',
    status: 503,
    retry: true,
    next: 'Wait; the record stays where it is until Redis answers.',
  },
});
