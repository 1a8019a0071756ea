import { setTimeout as sleep } from 'node:timers/promises';
import { joinSignals } from '#concurrency';
import { type Digest, payloadDigest, type Signer, signDeliveryReceipt } from '#envelope';
import type { FaultCode } from '#faults';
import { memberOf, type RecordType, type SubsystemId } from '#record';
import type { Delivery } from './delivery.js';

/** How a consumer gives receipts. */
export interface ReceiptDoorOptions {
  /** The address of delivery, and what proves the subsystem there (HTTP Basic). */
  readonly url: string;
  readonly authorization: string;
  readonly consumer: SubsystemId;
  /** A key of the consumer's member for receipts, wherever it lives. */
  readonly signer: Signer;
  readonly now: () => Date;
  /** Told of a receipt that is refused for good, with the number of its delivery. */
  readonly onRefused?: (number: number, code: FaultCode) => void;
  /** The pause after the first failure, in milliseconds; it doubles up to a minute. Default: 500. */
  readonly firstMs?: number;
}

/** Takes deliveries that were accepted and brings a receipt for each that asks for one. */
export interface ReceiptDoor {
  /** Signs receipts and puts them in the queue; resolves once they are signed. Rejects with what the signer gives. */
  give(deliveries: readonly Delivery<unknown>[]): Promise<void>;
  /** The numbers of deliveries of a type whose receipts are overdue, at most 1,000; none where the operator does not answer. */
  overdue(type: RecordType): Promise<readonly number[]>;
  /** Resolves once nothing waits any more. */
  idle(): Promise<void>;
  /** Gives up what waits; gives how many that were. The operator shows them as missing. */
  stop(): number;
}

/** What a queue holds at most; the oldest go first, and show as missing. */
const MOST_WAITING = 10_000;
const MOST_TOGETHER = 500;
const MOST_UNKNOWN = 8;
const LONGEST_MS = 60_000;
const REQUEST_MS = 10_000;

/** The receipt for one delivery that the consumer's verifier accepted, as a compact JWS. */
export function receiptFor(
  delivery: Delivery<unknown>,
  { consumer, signer, now }: Pick<ReceiptDoorOptions, 'consumer' | 'signer' | 'now'>,
): Promise<string> {
  const { iss, jti, number, agreement, claims, envelope } = delivery;
  const receipt = {
    iss: memberOf(consumer),
    iat: Math.floor(now().getTime() / 1000),
    consumer,
    type: claims.schema.subject,
    number,
    agreement,
    envelope: { iss, jti, digest: payloadDigest(envelope) as Digest },
  };
  return signDeliveryReceipt(receipt, signer);
}

/** A door that sends receipts behind the consumer's back, in order, until delivery has taken or refused each. */
export function receiptDoor(options: ReceiptDoorOptions): ReceiptDoor {
  return new QueuedReceipts(options);
}

interface Waiting {
  readonly number: number;
  readonly jws: string;
  /** How often delivery did not know it: it may not have read so far yet. */
  unknown: number;
}

class QueuedReceipts implements ReceiptDoor {
  private waiting: Waiting[] = [];
  private working: Promise<void> | undefined;
  private readonly ending = new AbortController();

  constructor(private readonly options: ReceiptDoorOptions) {}

  async give(deliveries: readonly Delivery<unknown>[]): Promise<void> {
    const asked = deliveries.filter(({ receipt }) => receipt !== undefined);
    if (asked.length === 0 || this.ending.signal.aborted) return;
    const signed = await Promise.all(
      asked.map(async (delivery) => ({ number: delivery.number, jws: await receiptFor(delivery, this.options), unknown: 0 })),
    );
    this.waiting = [...this.waiting, ...signed].slice(-MOST_WAITING);
    this.working ??= this.work();
  }

  async overdue(type: RecordType): Promise<readonly number[]> {
    const { url, authorization, consumer } = this.options;
    const query = new URLSearchParams({ missing: 'yes', consumer, type });
    const until = joinSignals([this.ending.signal], REQUEST_MS);
    return fetch(`${url.replace(/\/$/, '')}/v1/receipts?${query}`, {
      headers: { authorization },
      signal: until.signal,
    })
      .then(async (answer) => (answer.ok ? ((await answer.json()) as Overdue).missing.map(({ number }) => number) : []))
      .catch(() => []) // away, or somebody else answers: at the next start
      .finally(until.end);
  }

  async idle(): Promise<void> {
    while (this.working !== undefined) await this.working;
  }

  stop(): number {
    this.ending.abort();
    return this.waiting.splice(0).length;
  }

  /** Ends in the same moment in which nothing waits any more, so that whatever comes later begins it anew. */
  private async work(): Promise<void> {
    try {
      await this.bringAll();
    } finally {
      this.working = undefined;
    }
  }

  private async bringAll(): Promise<void> {
    const { firstMs = 500 } = this.options;
    for (let pause = firstMs; this.waiting.length > 0 && !this.ending.signal.aborted; ) {
      const together = this.waiting.slice(0, MOST_TOGETHER);
      const again = await this.send(together);
      // What came meanwhile stands behind; what waits too long has left in front.
      this.waiting = [...again, ...this.waiting.filter((one) => !together.includes(one))];
      if (again.length === 0) pause = firstMs;
      else {
        await sleep(pause, undefined, { signal: this.ending.signal }).catch(() => undefined); // ended: the loop sees it
        pause = Math.min(pause * 2, LONGEST_MS);
      }
    }
  }

  /** Gives those that are to be sent again. */
  private async send(together: readonly Waiting[]): Promise<readonly Waiting[]> {
    const { url, authorization, onRefused } = this.options;
    const until = joinSignals([this.ending.signal], REQUEST_MS);
    const results = await fetch(`${url.replace(/\/$/, '')}/v1/receipts`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ receipts: together.map(({ jws }) => jws) }),
      signal: until.signal,
    })
      .then(async (answer) => (answer.ok ? ((await answer.json()) as Answer).results : undefined))
      .catch(() => undefined) // away, or somebody else answers: again later
      .finally(until.end);
    if (!Array.isArray(results)) return together;
    return together.filter((one, i) => {
      const result = results[i];
      if (result?.ok !== false) return false;
      one.unknown += 1;
      if (result.code === 'RECEIPT_UNKNOWN' && one.unknown < MOST_UNKNOWN) return true;
      onRefused?.(one.number, result.code);
      return false;
    });
  }
}

interface Overdue {
  readonly missing: readonly { readonly number: number }[];
}
interface Answer {
  readonly results: readonly ({ readonly ok: true } | { readonly ok: false; readonly code: FaultCode })[];
}
