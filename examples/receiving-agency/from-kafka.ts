import { type Consuming, consume, type KeySource, type ReceiptDoor, type Sink } from '#consumer';
import type { DecryptionKeys } from '#envelope';
import type { RecordType, SubsystemId } from '#record';
import type { StreamTransport } from '#stream';
import { type Place, placeOf } from './register.js';

/** What an agency needs to read its topic. */
export interface FromKafka {
  readonly transport: Pick<StreamTransport, 'read'>;
  readonly consumer: SubsystemId;
  readonly keys: KeySource;
  readonly sink: Sink<Place>;
  readonly now: () => Date;
  /** The agency's private keys, where its agreement asks for encryption. */
  readonly decryption?: DecryptionKeys;
  /** Where receipts go, where the agreement asks for them (`receiptDoor`). */
  readonly receipts?: ReceiptDoor;
  /** Told of everything that a person should know of. */
  readonly tell: (line: string) => void;
}

/** Keeps a register of places up to date from the agency's own topic. */
export function receiveFromKafka({
  transport,
  consumer,
  keys,
  sink,
  now,
  tell,
  decryption,
  receipts,
}: FromKafka): Promise<Consuming> {
  return consume({
    transport,
    consumer,
    type: 'address.locality' as RecordType,
    keys,
    sink,
    decode: placeOf,
    now,
    ...(decryption === undefined ? {} : { decryption }),
    ...(receipts === undefined ? {} : { receipts }),
    onInitialLoad: ({ through }) => tell(`the register is loaded: all deliveries up to ${through} are in it`),
    onGap: (from, to) => tell(`deliveries ${from} to ${to} never came: ask the operator`),
    onRefused: ({ offset }, { code }) => tell(`the message at ${offset} is refused: ${code}`),
  });
}
