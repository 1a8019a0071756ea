/**
 * A better codec for kafkajs 2.2.4 (DESIGN section 4, rule 11): requests are measured first and written into one buffer of exactly
 * their size, fetched records are read in place. `KHIDI_STREAM_CODEC=stock` turns it off.
 *
 * Bytes sent and records read are those of stock (property tests beside the sources, `test/stream/codec.spec.ts` on a broker). On
 * purpose it differs where stock is wrong:
 * - the checksum of every fetched batch is checked, and lengths inside a record: a damaged batch is an error, never a record
 *   (0.4 µs for a record of 1.5 KB);
 * - gzip is unpacked within a bound;
 * - a header may be named like a member that objects inherit, and may be null when it is sent;
 * - bytes may be sent as any Uint8Array, which stock turns into text;
 * - with either codec, no record of an aborted transaction is shown, where stock lets some through when several overlap.
 *
 * Keys, values and header values are views of the fetched buffer, as with stock: a copy would cost as much as all the rest of
 * decoding, and a chunk lives shortly. Whoever keeps one for longer copies it, else up to a whole fetch stays in memory with it.
 */
export { loadKafkajs } from './install.js';
export { type Packed, pack } from './pack.js';
