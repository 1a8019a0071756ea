import type { KeyCustody, Kid } from '#envelope';

const PROBE = Buffer.from('khidi readiness probe: not a statement');
const EVERY_MS = 5000;

/**
 * Whether the key store signs. A store outside this process is asked to sign a few bytes that are no envelope, at most every five
 * seconds, so that readiness knows of a dead store before the first record does.
 */
export function storeProbe(custody: KeyCustody, kid: () => Kid | undefined, now: () => number): () => Promise<boolean> {
  let last = { at: Number.NEGATIVE_INFINITY, answers: true };
  return async () => {
    const key = kid();
    if (key === undefined || !custody.ready()) return false;
    if (custody.store === 'file' || now() - last.at < EVERY_MS) return last.answers;
    const answers = await Promise.resolve()
      .then(() => custody.sign(key, PROBE))
      .then(
        () => true,
        () => false, // why is for the log of whoever needs the signature
      );
    last = { at: now(), answers };
    return answers;
  };
}
