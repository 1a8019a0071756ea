import { kafkajsModule } from './kafkajs-modules.js';

/** How soon pending requests are looked at again while only the number in flight holds them back (kafkajs's own value). */
const LOOK_AGAIN_MS = 10;

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

interface RequestQueuePrototype extends RequestQueue {
  scheduleCheckPendingRequests(this: RequestQueue): void;
}

const prototype = (): RequestQueuePrototype =>
  kafkajsModule<{ prototype: RequestQueuePrototype }>('network/requestQueue').prototype;

let stock: RequestQueuePrototype['scheduleCheckPendingRequests'] | undefined;

/**
 * Ends kafkajs's busy timer. Stock sets a timer also when nothing waits, with a delay below zero, whose end sets the next
 * one: about 900 a second and connection, for ever. Ours waits only while a request waits. Nothing is lost by that: a
 * request that comes during throttling is queued and sets the timer itself, and an answer or a timeout looks at the queue
 * anyway. Idempotent; works also on connections that exist.
 */
export const installTimerPatch = (): void => {
  if (stock !== undefined) return;
  const queue = prototype();
  stock = queue.scheduleCheckPendingRequests;
  queue.scheduleCheckPendingRequests = scheduleWhilePending;
};

/** Puts kafkajs's own timer back. For tests. */
export const uninstallTimerPatch = (): void => {
  if (stock === undefined) return;
  prototype().scheduleCheckPendingRequests = stock;
  stock = undefined;
};

function scheduleWhilePending(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
  const throttledFor = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledFor > 0 ? throttledFor : LOOK_AGAIN_MS,
  );
}
