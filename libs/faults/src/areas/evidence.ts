import { faults } from '../fault.js';

/** The evidence log. */
export const evidenceFaults = faults({
  LOG_INPUT: {
    title: 'A record of a sealed topic is no envelope of this instance',
    status: 422,
    retry: false,
    next: 'It is kept as a dead letter and never delivered; find out who else may write to the topic.',
  },
  LOG_DIFFERS: {
    title: 'The evidence log is not what it was',
    status: 500,
    retry: false,
    next: 'Put back the newest copy of its files; nothing is signed until entries, tiles and decisions agree.',
  },
  LOG_STATE_MISSING: {
    title: 'There is an evidence log that Kafka knows nothing of',
    status: 500,
    retry: false,
    next: 'Connect the ledger to its own Kafka, or go on with another one on purpose with KHIDI_NEW_EPOCH=yes.',
  },
  LOG_STORE_UNAVAILABLE: {
    title: 'The disk of the evidence log does not take or give a file',
    status: 503,
    retry: true,
    next: 'Wait; make room on the disk. Records stay where they are until the log has them.',
  },
  LOG_FENCED: {
    title: 'Another ledger writes this evidence log',
    status: 503,
    retry: false,
    next: 'Only one ledger may run for a log; stop the other one, then start this one again.',
  },
  LOG_INDEX_OFF: {
    title: 'This ledger keeps no index of its leaves',
    status: 404,
    retry: false,
    next: 'Start it with KHIDI_LEDGER_INDEX=yes, or read the log itself.',
  },
  LOG_INDEX_UNAVAILABLE: {
    title: 'The database with the index of leaves does not answer',
    status: 503,
    retry: true,
    next: 'Wait; the log itself goes on, and the index catches up once its database answers.',
  },
  LOG_TILE_UNKNOWN: {
    title: 'The published log has no such tile',
    status: 404,
    retry: true,
    next: 'Ask for tiles of the size that the checkpoint names.',
  },
  LOG_LEAF_UNKNOWN: {
    title: 'The published log has no such leaf',
    status: 404,
    retry: true,
    next: 'Wait for the next checkpoint, or check issuer and id.',
  },
  LOG_NOT_COSIGNED: {
    title: 'No quorum of witnesses has cosigned the log yet',
    status: 404,
    retry: true,
    next: 'Wait until the witnesses answer; the newest checkpoint is there without them.',
  },
  LOG_TIMESTAMP_REFUSED: {
    title: 'The time-stamping authority did not grant a time-stamp',
    status: 502,
    retry: true,
    next: 'Check its address; it is asked again, and nothing waits for it.',
  },
  EVIDENCE_MALFORMED: {
    title: 'This is no evidence bundle',
    status: 422,
    retry: false,
    next: 'Name a file that "khidi evidence get" wrote.',
  },
});
