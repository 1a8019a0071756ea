import type { KeyCustody, KeyDescription, KeyPurpose, Kid, SignatureAlgorithm } from '#envelope';
import { FaultError } from '#faults';
import { unavailable } from './unavailable.js';

/** When a store counts as dead, and for how long it is left in peace. */
export interface BreakerOptions {
  /** So many failures in a row open the circuit. Default: 3. */
  readonly failures?: number;
  /** How long nothing is asked then, in milliseconds; after that one request tries whether the store is back. Default: 2000. */
  readonly restMs?: number;
  /** An answer that takes longer counts as a failure, in milliseconds. Default: 5000. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

/**
 * Keeps a dead or slow store from holding up its callers: each request has a time-out, and after some failures in a row all are
 * refused at once with KEY_STORE_UNAVAILABLE until one request in between finds the store alive. Nothing is ever signed by other
 * means. Signatures that come at once pass through untouched.
 */
export function withBreaker(custody: KeyCustody, options: BreakerOptions = {}): KeyCustody {
  const { failures = 3, restMs = 2000, timeoutMs = 5000, now = Date.now } = options;
  let failed = 0;
  let restUntil = 0;

  const admit = (): void => {
    if (failed < failures) return;
    if (now() < restUntil) throw unavailable(`the ${custody.store} key store failed ${failed} times in a row`);
    restUntil = now() + restMs; // this request is the one that tries; the others wait for what it finds
  };
  const failure = (error: unknown): never => {
    if (error instanceof FaultError && error.code === 'KEY_ABSENT') {
      failed = 0; // an answer like any other: the store is alive
      throw error;
    }
    failed += 1;
    restUntil = now() + restMs;
    throw error instanceof FaultError ? error : unavailable(`the ${custody.store} key store failed`, error);
  };
  const guard = async <T>(answer: Promise<T>): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const tooLate = () => reject(unavailable(`the ${custody.store} key store took longer than ${timeoutMs} ms`));
      timer = setTimeout(tooLate, timeoutMs);
    });
    try {
      const value = await Promise.race([answer, late]);
      failed = 0;
      return value;
    } catch (error) {
      return failure(error);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    store: custody.store,
    sign(kid: Kid, bytes: Uint8Array): Buffer | Promise<Buffer> {
      admit();
      const signature = custody.sign(kid, bytes);
      return signature instanceof Promise ? guard(signature) : signature;
    },
    async keys(purpose: KeyPurpose): Promise<readonly KeyDescription[]> {
      admit();
      return guard(custody.keys(purpose));
    },
    async create(purpose: KeyPurpose, alg: SignatureAlgorithm, at: Date): Promise<KeyDescription> {
      admit();
      return guard(custody.create(purpose, alg, at));
    },
    ready: () => failed < failures && custody.ready(),
    close: () => custody.close(),
  };
}
