import { integer, text } from '#settings';

/** The settings of a service that reads streams; spread them into its own. */
export const streamSettings = {
  chunkRecords: integer('KHIDI_CHUNK_RECORDS', 'how many records are handled and committed together at most', {
    min: 1,
    max: 10_000,
    default: 400,
  }),
  sessionSeconds: integer('KHIDI_SESSION_SECONDS', 'how long partitions rest after a service was killed', {
    min: 6,
    max: 60,
    default: 6,
  }),
  deadLetterKey: text(
    'KHIDI_DEAD_LETTER_KEY',
    "file of the operators' public key (JWK set), to which bodies of dead letters are encrypted; empty: they stay readable",
    { default: '' },
  ),
} as const;
