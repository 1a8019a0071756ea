import { committedRecords } from './committed-records.js';
import { createDecodeMessages } from './decode-messages.js';
import { frameRequest } from './frame-request.js';
import { groupByPartition } from './group-by-partition.js';
import { assertKafkajsVersion, kafkajsFace, kafkajsIsLoaded, replaceModule } from './kafkajs-modules.js';
import { installLeanConnections } from './lean-connections.js';
import { createPartitioner } from './partitioner.js';
import { produceRequest } from './produce-request.js';
import { installSingleUseConnections } from './single-use-connections.js';
import { installTimerPatch } from './timer-patch.js';

type CodecName = 'khidi' | 'stock';

let installed: CodecName | undefined;

/**
 * kafkajs with its faults mended (the busy timer, connections that break and the filter for aborted transactions, in either case) and,
 * unless it is to be `stock`, with our codec. The one way to get kafkajs's values; its types may be imported as usual. May be called
 * again. Throws where kafkajs is not exactly the version that the codec was proven equal to, or was loaded before.
 */
export const loadKafkajs = (codec = codecOf(process.env)): typeof import('kafkajs') => {
  installCodec(codec);
  return kafkajsFace();
};

/** Whether requests are written by our codec. */
export const usesOurCodec = (): boolean => installed === 'khidi';

/** Which codec to use: `KHIDI_STREAM_CODEC=stock` turns ours off. */
export const codecOf = (env: NodeJS.ProcessEnv): CodecName => (env.KHIDI_STREAM_CODEC === 'stock' ? 'stock' : 'khidi');

/** Puts our functions in the place of kafkajs's; idempotent. Throws as `loadKafkajs` does. */
export const installCodec = (codec: CodecName = 'khidi'): void => {
  if (installed === codec) return;
  if (installed !== undefined) throw new Error(`kafkajs already works with the ${installed} codec`);
  assertKafkajsVersion();
  // Its modules take hold of each other's functions as they load.
  if (kafkajsIsLoaded()) {
    throw new Error('kafkajs was loaded before its codec: get its values from loadKafkajs() instead of importing them');
  }
  installTimerPatch();
  replaceModule('consumer/filterAbortedMessages', () => committedRecords);
  if (codec === 'khidi') {
    replaceModule('protocol/requests/produce/v3/request', produceRequest);
    replaceModule('protocol/request', () => frameRequest);
    replaceModule('producer/groupMessagesPerPartition', () => groupByPartition);
    replaceModule('producer/partitioners/default/index', () => createPartitioner);
    replaceModule('protocol/requests/fetch/v4/decodeMessages', () => createDecodeMessages());
    installLeanConnections(); // the first to load kafkajs's connection, which takes hold of the request framing
  }
  // Correctness and not a matter of speed: these hold with the stock codec too. Last, for the same reason.
  installSingleUseConnections();
  installed = codec;
};
