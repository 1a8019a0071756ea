import { faults } from '../fault.js';

/** Kafka and the steps that run on it. */
export const streamFaults = faults({
  STREAM_DEFECT: {
    title: 'A step failed while it handled the record',
    status: 500,
    retry: false,
    next: 'The record is kept as a dead letter; report the defect with its position.',
  },
  STREAM_UNAVAILABLE: { title: 'Kafka does not answer', status: 503, retry: true, next: 'Wait and send again with the same id.' },
  STREAM_FORBIDDEN: {
    title: 'Kafka refuses this to us',
    status: 500,
    retry: false,
    next: 'Check which certificate is used, and that its principal has the rules of deploy/kafka/acl.json.',
  },
  STREAM_TOPIC_MISSING: {
    title: 'A topic does not exist or has another number of partitions',
    status: 500,
    retry: false,
    next: 'Create the topics of deploy/kafka/topics.json before starting the service.',
  },
  STREAM_RECORD_TOO_LARGE: {
    title: 'A record is larger than the broker accepts',
    status: 413,
    retry: false,
    next: 'Send a smaller record.',
  },
  STREAM_FENCED: {
    title: 'Another writer took over',
    status: 503,
    retry: false,
    next: 'Only one of these writers may run; stop the other one, then start this one again.',
  },
});
