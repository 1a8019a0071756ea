/** How deep arrays and objects of one document may nest; a scalar alone has depth 0. */
export const MAX_DEPTH = 32;

/** The largest record in bytes, as sent and in canonical form: its envelope must stay below 900 KiB. */
export const MAX_RECORD_BYTES = 640 * 1024;
