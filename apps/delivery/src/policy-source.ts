import type { EncryptionKey, KeySet } from '#envelope';
import type { FaultCode } from '#faults';
import type { Policy } from '#policy';
import type { SubsystemId } from '#record';
import type { ConsumerPseudonyms } from './pseudonyms/consumer-pseudonyms.js';

/** How a subsystem wants its records brought; without one it fetches them itself. */
export interface WebhookEndpoint {
  readonly consumer: SubsystemId;
  readonly url: string;
  /** What comes here; absent: every record type. */
  readonly types?: readonly string[];
  /** Whether records of one subject come one after another, or all of them. */
  readonly order: 'subject' | 'none' | 'all';
  /** What could not be brought within so many seconds is brought no more; absent: as long as it is tried. */
  readonly ttl?: number;
}

/** What may leave now, and where to. */
export interface CurrentPolicy {
  readonly policy: Policy;
  readonly webhooks: readonly WebhookEndpoint[];
  /** The key to which deliveries to a consumer are encrypted now; undefined where its member has none. */
  readonly encryptionKey: (consumer: SubsystemId, now: Date) => EncryptionKey | undefined;
  /** The pseudonyms that consumers have of their own; absent: nobody can have any. */
  readonly pseudonyms?: ConsumerPseudonyms;
  /** The keys by which the member of a consumer signs, whatever for. */
  readonly signingKeys: (consumer: SubsystemId) => KeySet;
}

/** Where delivery asks. A source that cannot say (no configuration, or an expired one) says why, and then nothing leaves. */
export interface PolicySource {
  current(): CurrentPolicy | { readonly fault: FaultCode };
  /** Is told of every change. Gives a function that ends it. */
  onChange(listener: () => void): () => void;
}
