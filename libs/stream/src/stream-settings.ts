import { integer } from '#settings';

/** The settings of a service that reads streams; spread them into its own. */
export const streamSettings = {
  chunkRecords: integer('KHIDI_CHUNK_RECORDS', 'how many records are handled and committed together at most', {
    min: 1,
    max: 10_000,
    default: 400,
  }),
} as const;
