import { faults } from '../fault.js';

/**
 * What about an identifier does not hold. Found as a fault where the scheme is enforced, as a warning where it only warns. None of
 * it says anything about who somebody is.
 */
export const identifierFaults = faults({
  IDENTIFIER_FORM: {
    title: 'The identifier does not have the length or alphabet of its scheme',
    status: 422,
    retry: false,
    next: 'Compare it with the document; docs/identifiers.md describes the scheme.',
  },
  IDENTIFIER_PARTS: {
    title: 'A part of the identifier cannot be what its scheme says, such as a day that no calendar has',
    status: 422,
    retry: false,
    next: 'Compare it with the document; docs/identifiers.md describes the parts.',
  },
  IDENTIFIER_CHECK_DIGIT: {
    title: 'The check digit of the identifier does not hold',
    status: 422,
    retry: false,
    next: 'Look for a slip of the pen; a check digit that holds would prove nothing about the bearer.',
  },
});
