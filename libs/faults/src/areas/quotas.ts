import { faults } from '../fault.js';

/** More than was agreed on. */
export const quotaFaults = faults({
  DOOR_QUOTA: {
    title: 'The member has sent as much as its quota allows for now',
    status: 429,
    retry: true,
    next: 'Send again with the same ids when Retry-After is over; what comes together must fit into the quota together.',
  },
  DELIVERY_QUOTA: {
    title: 'The consumer has got as much as its agreement allows for now',
    status: 429,
    retry: true,
    next: 'Its records wait until the next window begins, and none is lost; agree on more where that is too slow.',
  },
});
