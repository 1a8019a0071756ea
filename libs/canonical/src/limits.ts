/** How deep arrays and objects of one document may nest; a scalar alone has depth 0. */
export const MAX_DEPTH = 32;

/** The largest record in bytes, as sent and in canonical form: its envelope must stay below 900 KiB. */
export const MAX_RECORD_BYTES = 640 * 1024;

/** How large and how deep a document may be. */
export interface Limits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

/** The limits of a record by itself; what wraps a record (an envelope's claims) needs wider ones. */
export const RECORD_LIMITS: Limits = { maxBytes: MAX_RECORD_BYTES, maxDepth: MAX_DEPTH };
