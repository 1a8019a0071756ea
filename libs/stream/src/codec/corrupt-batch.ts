/**
 * A fetched record batch is not what its producer wrote. Fetching again helps where the wire was at fault; where the
 * broker's disk is, the consumer stops rather than skip a record.
 */
export class CorruptBatchError extends Error {
  override readonly name = 'CorruptBatchError';
  readonly retriable = true;

  constructor(what: string, offset: string) {
    super(`record batch at offset ${offset} is corrupt: ${what}`);
  }
}
