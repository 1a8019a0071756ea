import { faults } from '../fault.js';

/** What the HTTP doors answer before a record is on the road. */
export const doorFaults = faults({
  DOOR_UNAUTHENTICATED: {
    title: 'The caller is not known',
    status: 401,
    retry: false,
    next: 'Send the subsystem and its secret by HTTP Basic authentication.',
  },
  DOOR_FORBIDDEN: { title: 'The caller may not do this', status: 403, retry: false, next: 'Ask the operator for the right.' },
  DOOR_NOT_FOUND: {
    title: 'There is nothing at this address',
    status: 404,
    retry: false,
    next: 'Compare the path with /openapi.json.',
  },
  DOOR_METHOD: {
    title: 'The method is not allowed here',
    status: 405,
    retry: false,
    next: 'Compare the method with /openapi.json.',
  },
  DOOR_MEDIA_TYPE: {
    title: 'The content type is not one that this door reads',
    status: 415,
    retry: false,
    next: 'Use one of the content types listed in /openapi.json.',
  },
  DOOR_FRAMING: {
    title: 'The request cannot be taken apart into events',
    status: 400,
    retry: false,
    next: 'Check that each event is complete and that the content type fits.',
  },
  DOOR_PARAMETER: {
    title: 'A parameter is missing or malformed',
    status: 400,
    retry: false,
    next: 'Compare the parameter with /openapi.json.',
  },
  DOOR_TOO_LARGE: {
    title: 'The request is larger than this door accepts',
    status: 413,
    retry: false,
    next: 'Split it, or send NDJSON.',
  },
  DOOR_SOURCE_FOREIGN: {
    title: 'The source of the event is not the authenticated subsystem',
    status: 403,
    retry: false,
    next: 'Send each event with the secret of the subsystem that it names.',
  },
  DOOR_TYPE_UNROUTED: {
    title: 'This member does not publish this record type',
    status: 422,
    retry: false,
    next: 'Check the type attribute, or ask the operator to add the record type.',
  },
  DOOR_MAPPING: {
    title: 'The mapping could not be applied to a row',
    status: 400,
    retry: false,
    next: 'Correct the mapping file or the row.',
  },
  DOOR_ID_UNKNOWN: {
    title: 'No event with this id was received',
    status: 404,
    retry: false,
    next: 'Send the event; the same id may be used.',
  },
  DOOR_CURSOR: { title: 'The cursor was not issued here', status: 400, retry: false, next: 'Start again without `after`.' },
  DOOR_CURSOR_EXPIRED: {
    title: 'The cursor is older than what is kept',
    status: 410,
    retry: false,
    next: 'Start again without `after`; outcomes between the cursor and the oldest one kept are gone here.',
  },
  DOOR_SLOW: {
    title: 'The body did not arrive in time',
    status: 408,
    retry: true,
    next: 'Send it faster, or in smaller requests.',
  },
  DOOR_THROTTLED: {
    title: 'Too many attempts with wrong credentials',
    status: 429,
    retry: true,
    next: 'Wait a minute and send the right secret.',
  },
  DOOR_UNAVAILABLE: {
    title: 'The service cannot do its work now',
    status: 503,
    retry: true,
    next: 'Wait and repeat with the same id.',
  },
  DOOR_INTERNAL: {
    title: 'The service failed',
    status: 500,
    retry: true,
    next: 'Repeat with the same id; report the correlation id if it persists.',
  },
});
