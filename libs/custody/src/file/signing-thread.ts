import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { threadFile } from '#concurrency';
import { SIGNATURE_BYTES, type SignatureAlgorithm } from '#envelope';
import { unavailable } from '../unavailable.js';

/** What the thread is asked: one signature for each message, whose bytes stand one after another. */
export interface SigningRequest {
  readonly id: number;
  readonly alg: SignatureAlgorithm;
  /** A handle: the bytes of the key stay where they are, in this process. */
  readonly key: KeyObject;
  readonly lengths: readonly number[];
  readonly bytes: ArrayBuffer;
}

/** The signatures one after another, or why there are none. */
export type SigningAnswer = { readonly id: number } & ({ readonly signatures: ArrayBuffer } | { readonly failed: string });

interface Waiting {
  readonly resolve: (signatures: readonly Buffer[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The thread makes signatures and keeps nothing: the heap that Node gives it unasked would be twenty times of it. */
const HEAP = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/**
 * Signs many messages in a thread of its own, so that the next chunk of records is read and the last one written meanwhile: ES256 is a
 * third of all that sealing costs. Asking Node's thread pool for each signature costs a fifth more than signing itself; a chunk at a
 * time costs a copy of its bytes. The thread starts when it is first needed, holds nobody from leaving, and is started again after it ended.
 */
export class SigningThread {
  private worker: Worker | undefined;
  private next = 1;
  private readonly waiting = new Map<number, Waiting>();

  /** One signature for each message, in order. Rejects with KEY_STORE_UNAVAILABLE where the thread fails. */
  sign(alg: SignatureAlgorithm, key: KeyObject, messages: readonly Uint8Array[]): Promise<readonly Buffer[]> {
    const lengths = messages.map(({ length }) => length);
    // Of its own memory, which is given away with it, and not written with zeros first.
    const { buffer } = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0));
    const bytes = new Uint8Array(buffer);
    let at = 0;
    for (const message of messages) {
      bytes.set(message, at);
      at += message.length;
    }
    return new Promise((resolve, reject) => {
      this.worker ??= this.start();
      const id = this.next++;
      this.waiting.set(id, { resolve, reject });
      this.worker.ref();
      this.worker.postMessage({ id, alg, key, lengths, bytes: buffer } satisfies SigningRequest, [buffer]);
    });
  }

  async close(): Promise<void> {
    const { worker } = this;
    this.end('it was closed');
    await worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(threadFile(import.meta.url, './signing-worker.js'), { execArgv: [], resourceLimits: HEAP });
    worker.on('message', (answer: SigningAnswer) => this.take(answer));
    const ended = (why: string): void => {
      if (this.worker === worker) this.end(why);
    };
    worker.on('error', ({ name }) => ended(`it failed (${name})`));
    worker.on('exit', () => ended('it ended'));
    return worker;
  }

  private take(answer: SigningAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.worker?.unref();
    if ('failed' in answer) waiting?.reject(unavailable(`the signing thread failed: ${answer.failed}`));
    else waiting?.resolve(apart(answer.signatures));
  }

  /** Everybody who waits hears why. */
  private end(why: string): void {
    this.worker = undefined;
    for (const { reject } of this.waiting.values()) reject(unavailable(`the signing thread gives no answer: ${why}`));
    this.waiting.clear();
  }
}

const apart = (signatures: ArrayBuffer): Buffer[] =>
  Array.from({ length: signatures.byteLength / SIGNATURE_BYTES }, (_, i) =>
    Buffer.from(signatures, i * SIGNATURE_BYTES, SIGNATURE_BYTES),
  );
