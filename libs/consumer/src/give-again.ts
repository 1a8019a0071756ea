import type { DecryptionKeys, KeySet, RecordObject } from '#envelope';
import { deliveryTopic, HEADER, type ReceivedRecord, type RecordType, type SubsystemId } from '#record';
import type { Reader, StreamTransport } from '#stream';
import { readDelivery } from './delivery.js';
import type { ReceiptDoor } from './receipts.js';

/** What of a consumer's options giving again takes. */
interface Options {
  readonly transport: Pick<StreamTransport, 'read'>;
  readonly consumer: SubsystemId;
  readonly type: RecordType;
  readonly keys: { current(): KeySet };
  readonly now: () => Date;
  readonly decryption?: DecryptionKeys;
  readonly receipts?: ReceiptDoor;
}

/**
 * Gives again the receipts that the operator still misses for deliveries before `until`, which have taken effect: whoever was killed between
 * the effect and the receipt makes up for it at the next start. Reads what is kept of the topic, and only where something is
 * missing. Gives what ends it early.
 */
export function giveAgain(options: Options, until: bigint): { stop(): Promise<void> } {
  const { transport, consumer, type, receipts } = options;
  let reader: Reader | undefined;
  let stopped = false;
  const work = async (): Promise<void> => {
    const missing = new Set(await receipts?.overdue(type));
    if (missing.size === 0 || stopped) return;
    const topic = deliveryTopic(consumer, type);
    reader = transport.read({ topic, partition: 0, from: 'earliest' }, async ({ records, next }) => {
      for (const record of records) {
        if (BigInt(record.offset) < until && missing.delete(numberOf(record))) await giveOne(record, options);
      }
      if (next >= until || missing.size === 0) void reader?.stop(); // it only waits for its connection to close
    });
    await reader.done;
  };
  const done = work().catch(() => undefined); // what is still missing is seen by both sides, and tried at the next start
  return {
    async stop() {
      stopped = true;
      await reader?.stop();
      await done;
    },
  };
}

async function giveOne(record: ReceivedRecord, { keys, now, decryption, receipts }: Options): Promise<void> {
  const opening = decryption === undefined ? {} : { decryption };
  const read = readDelivery(record, { keys: keys.current(), now: now(), decode: (one: RecordObject) => one, ...opening });
  if (read.ok) await receipts?.give([read.delivery]);
}

const numberOf = ({ headers }: ReceivedRecord): number => Number(String(headers[HEADER.number] ?? ''));
