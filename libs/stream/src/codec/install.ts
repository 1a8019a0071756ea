import { committedRecords } from './committed-records.js';
import { createDecodeMessages } from './decode-messages.js';
import { frameRequest } from './frame-request.js';
import { groupByPartition } from './group-by-partition.js';
import { assertKafkajsVersion, kafkajsFace, kafkajsIsLoaded, replaceModule } from './kafkajs-modules.js';
import { createPartitioner } from './partitioner.js';
import { produceRequest } from './produce-request.js';
import { installTimerPatch } from './timer-patch.js';

type Anything = (...given: never[]) => unknown;

let replaced = false;
let active = false;

/**
 * Puts our codec in the place of kafkajs's. It must come before anything requires kafkajs, since its modules take hold of
 * each other's functions as they load: get kafkajs from `loadKafkajs`. Idempotent. Throws where kafkajs is not exactly the
 * version that the codec was proven equal to, or was loaded too early.
 */
export const installCodec = (): void => {
  replaceFunctions();
  active = true;
};

/** Lets kafkajs's own functions work again, from the next request on. For tests. */
export const uninstallCodec = (): void => {
  active = false;
};

/** Which codec to use: `KHIDI_STREAM_CODEC=stock` turns ours off. */
export const codecOf = (env: NodeJS.ProcessEnv): 'khidi' | 'stock' => (env.KHIDI_STREAM_CODEC === 'stock' ? 'stock' : 'khidi');

/**
 * kafkajs with its faults mended (the busy timer and the filter for aborted transactions, in either case) and, unless it is
 * to be `stock`, with our codec. The one way to get kafkajs's values; its types may be imported as usual.
 */
export const loadKafkajs = (codec = codecOf(process.env)): typeof import('kafkajs') => {
  installTimerPatch();
  if (codec === 'stock') {
    replaceFunctions();
  } else {
    installCodec();
  }
  return kafkajsFace();
};

const replaceFunctions = (): void => {
  if (replaced) return;
  assertKafkajsVersion();
  if (kafkajsIsLoaded()) {
    throw new Error('kafkajs was loaded before its codec: get its values from loadKafkajs() instead of importing them');
  }
  // A correctness fix and not a matter of speed: it holds with the stock codec too.
  replaceModule('consumer/filterAbortedMessages', () => committedRecords);
  replaceModule('protocol/requests/produce/v3/request', switched(produceRequest));
  replaceModule(
    'protocol/request',
    switched(() => frameRequest),
  );
  replaceModule(
    'producer/groupMessagesPerPartition',
    switched(() => groupByPartition),
  );
  replaceModule(
    'producer/partitioners/default/index',
    switched(() => createPartitioner),
  );
  replaceModule(
    'protocol/requests/fetch/v4/decodeMessages',
    switched(() => createDecodeMessages()),
  );
  replaced = true;
};

const switched =
  <Shape extends Anything>(make: (stock: Shape) => Shape) =>
  (stock: Shape): Shape => {
    const ours = make(stock);
    return ((...given) => (active ? ours : stock)(...given)) as Shape;
  };
