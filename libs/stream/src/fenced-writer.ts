import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '#faults';
import type { Position } from '#record';
import { openTopics } from './open-topics.js';
import type { StreamTransport, TransactionalProducer, WireRecord } from './port.js';

/**
 * How long a broker that was killed and has started again may lose markers (its old session, 9 s, and some), in milliseconds. What is
 * open after that belongs to somebody else.
 */
const MENDING_MS = 12_000;
const MEND_AGAIN_MS = 200;

/** The only writer of its kind: opening another one with the same id ends this one for good. */
export interface FencedWriter {
  /** Writes all or nothing, one call after another. Throws STREAM_UNAVAILABLE, or STREAM_FENCED once another writer was opened. */
  write(records: readonly WireRecord[]): Promise<readonly Position[]>;
  close(): Promise<void>;
}

/**
 * Opens a writer of `topics`, and completes what an earlier one of this id left open there. After a failed write it does not connect
 * again by itself, since that would fence whoever took over meanwhile: every later write is refused, and the owner decides whether to
 * open a new one.
 */
export async function openFencedWriter(transport: StreamTransport, id: string, topics: readonly string[]): Promise<FencedWriter> {
  const producer: TransactionalProducer = transport.transactional(id);
  const open = async (): Promise<void> => {
    await producer.connect();
    const until = Date.now() + MENDING_MS;
    for (;;) {
      await producer.mend({ topics });
      // Its own markers may be lost in the same way; the owner's table would then wait for ever.
      if ((await openTopics(transport.admin, topics)).length === 0 || Date.now() > until) return;
      await sleep(MEND_AGAIN_MS);
    }
  };
  await open().catch((error: unknown) => {
    producer.dispose();
    throw error;
  });
  let failed: unknown;
  let tail: Promise<unknown> = Promise.resolve();

  const commit = async (records: readonly WireRecord[]): Promise<readonly Position[]> => {
    if (failed !== undefined) throw new FaultError('STREAM_UNAVAILABLE', `the writer ${id} is closed`, { cause: failed });
    try {
      const writes = await producer.prepare(records);
      return await writes.commit();
    } catch (error) {
      failed = error;
      producer.dispose();
      throw error;
    }
  };

  return {
    write(records) {
      const written = tail.then(() => commit(records));
      tail = written.catch(() => undefined); // the caller of this write hears of it; the next one finds `failed`
      return written;
    },
    async close() {
      await tail;
      failed ??= new Error('closed');
      producer.dispose();
    },
  };
}
