import { isDisclosable, type KeySet, verify, verifyDisclosed } from '#envelope';
import type { FaultReport } from '#faults';
import type { OutgoingRecord } from '#record';

/** Verifies one of our own sealed records; the fault where it does not hold. */
export type SelfCheck = (output: OutgoingRecord, now: Date) => FaultReport | undefined;

/**
 * Verifies the first record and then one of `every`, as any consumer would: with the published keys alone, and with key and
 * headers of the message. Verifying costs three times what sealing does, hence a sample.
 */
export function sampledSelfCheck(published: () => KeySet, every: number): SelfCheck {
  let count = 0;
  return (output, now) => {
    if (count++ % every !== 0) return undefined;
    const headers = Object.fromEntries(Object.entries(output.headers).map(([name, value]) => [name, Buffer.from(value)]));
    const message = { headers, key: Buffer.from(output.key) };
    const envelope = output.value ?? Buffer.alloc(0);
    const options = { keys: published(), now, message, audience: 'any' } as const;
    const verification = isDisclosable(envelope) ? verifyDisclosed(envelope, options) : verify(envelope, options);
    return verification.ok ? undefined : verification.fault;
  };
}
