/**
 * The error codes of Confluent's API that this registry gives; the first three digits are the HTTP status. Ours are 40101, 40301 (who
 * may do what), 42220 (a review is required), 42221 (a step that the review does not allow), 42901 (too many wrong
 * secrets) and 50301 (Kafka does not answer).
 */
export type RegistryErrorCode =
  | 400
  | 404
  | 405
  | 415
  | 40101
  | 40301
  | 40401
  | 40402
  | 40403
  | 40404
  | 40405
  | 40406
  | 40407
  | 40408
  | 40409
  | 40411
  | 40901
  | 42201
  | 42202
  | 42203
  | 42204
  | 42205
  | 42206
  | 42207
  | 42208
  | 42209
  | 42210
  | 42211
  | 42220
  | 42221
  | 42901
  | 50001
  | 50002
  | 50301;

/** Answered as `{"error_code": …, "message": …}`, as every client of Confluent's API expects. `message` may quote schemas. */
export class RegistryError extends Error {
  constructor(
    readonly code: RegistryErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'RegistryError';
  }

  get status(): number {
    return this.code > 999 ? Math.floor(this.code / 100) : this.code;
  }
}
