import { faults } from '../fault.js';

/** A CloudEvent whose attributes do not say what happened to which record. */
export const eventFaults = faults({
  EVENT_ATTRIBUTE_MISSING: {
    title: 'A required CloudEvents attribute is missing',
    status: 422,
    retry: false,
    next: 'Send specversion, id, source, type, time and dataschema.',
  },
  EVENT_ATTRIBUTE_INVALID: {
    title: 'A CloudEvents attribute has a form that is not allowed',
    status: 422,
    retry: false,
    next: 'Compare the attribute named by the pointer with docs/way-of-a-record.md.',
  },
  EVENT_BATCH_ON_KAFKA: {
    title: 'CloudEvents batches do not exist on Kafka',
    status: 422,
    retry: false,
    next: 'Write one Kafka record for each event, or send the batch over HTTP.',
  },
  EVENT_CONTENT_TYPE: {
    title: 'The data is not declared as JSON',
    status: 422,
    retry: false,
    next: 'Set content-type (datacontenttype) to application/json.',
  },
  EVENT_SOURCE_FOREIGN: {
    title: 'The source does not belong to the member of the topic',
    status: 422,
    retry: false,
    next: 'Use a source of your own: /<instance>/<class>/<code>/<subsystem>.',
  },
  EVENT_SUBSYSTEM_UNKNOWN: {
    title: 'The member has no such subsystem',
    status: 422,
    retry: false,
    next: 'Ask the operator to register the subsystem.',
  },
  EVENT_TYPE_FOREIGN: {
    title: 'The event type does not belong to the record type of the topic',
    status: 422,
    retry: false,
    next: 'Write the event to the ingress topic of its record type.',
  },
  EVENT_TOMBSTONE: {
    title: 'A record without a value is not a withdrawal',
    status: 422,
    retry: false,
    next: 'Send an event of type <record type>.withdrawn with the identifier as data.',
  },
  ORIGIN_SEAL_INVALID: {
    title: "The agency's own seal does not hold for this event",
    status: 422,
    retry: false,
    next: 'Seal exactly the record and attributes that are sent, with a key that the operator has activated.',
  },
  ORIGIN_SEAL_MISSING: {
    title: 'The member seals its records, and this one has no seal',
    status: 422,
    retry: false,
    next: 'Send it through an adapter that seals.',
  },
});
