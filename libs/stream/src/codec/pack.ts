import { usesOurCodec } from './install.js';
import { type PackedBatch, packBatch } from './outgoing-batch.js';
import type { OutgoingMessage } from './outgoing-record.js';
import type { Memory } from './slabs.js';

/** The messages of one partition as a produce request takes them: packed where our codec is in use, otherwise as they came. */
export type Packed<Message> = PackedBatch | readonly Message[];

/**
 * Packs the messages of one partition, so that the request can be sent later and nothing else of them be kept until then. Throws a TypeError
 * for a message that cannot be written. They are written into `memory`, by default their own.
 */
export const pack = <Message extends { readonly key: unknown }>(
  messages: readonly Message[],
  memory?: Memory,
): Packed<Message> => (usesOurCodec() ? packBatch(messages as readonly OutgoingMessage[], memory) : messages);
