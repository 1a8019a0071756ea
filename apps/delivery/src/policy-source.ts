import type { FaultCode } from '#faults';
import type { Policy } from '#policy';

/** What may leave now. A source that cannot say (no configuration, or an expired one) says why, and then nothing leaves. */
export interface PolicySource {
  current(): { readonly policy: Policy } | { readonly fault: FaultCode };
  /** Is told of every change. Gives a function that ends it. */
  onChange(listener: () => void): () => void;
}
