import { FaultError } from '#faults';

/** The store does not sign now. `why` names the store and what it did, never what it was asked with. */
export const unavailable = (why: string, cause?: unknown): FaultError =>
  new FaultError('KEY_STORE_UNAVAILABLE', why, cause === undefined ? {} : { cause });

/** The store knows us and refuses: asking again would only lock the token or the account. */
export const refused = (why: string): FaultError => new FaultError('KEY_STORE_REFUSED', why);
