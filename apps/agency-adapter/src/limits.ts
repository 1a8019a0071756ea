/** The longest single event, and the longest line of NDJSON or row of CSV, in bytes. */
export const MAX_EVENT_BYTES = 1024 * 1024;
/** The largest batch body in bytes; larger sets are sent as NDJSON, which is not kept in memory. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** The most events of one batch. */
export const MAX_BATCH_EVENTS = 10_000;
/** The longest CloudEvents attribute in UTF-8 bytes. */
export const MAX_ATTRIBUTE_BYTES = 2048;
/** Lines of a stream that wait for Kafka while further ones are read: at most this many bytes or lines. */
export const STREAM_WINDOW_BYTES = 1024 * 1024;
export const STREAM_WINDOW_LINES = 2000;
/** Lines of a stream that are published together: at most this many bytes or lines. */
export const CHUNK_BYTES = 512 * 1024;
export const CHUNK_LINES = 500;
/** How long a caller may stay silent in the middle of a request, in milliseconds. */
export const IDLE_MILLISECONDS = 60_000;
/** The longest `wait` of an outcomes request, in seconds; shorter than IDLE_MILLISECONDS. */
export const MAX_WAIT_SECONDS = 30;
/** The most outcomes of one answer, and how many are looked at for one answer before it is given with what was found. */
export const MAX_PAGE = 1000;
export const MAX_SCAN = 20_000;
/** The longest that a question may wait for its answer, in seconds; shorter than IDLE_MILLISECONDS. */
export const MAX_QUESTION_SECONDS = 50;
/** The longest question in bytes. */
export const MAX_QUESTION_BYTES = 64 * 1024;
