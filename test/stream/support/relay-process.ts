import { startRelay } from './relay.js';

/** A relay in a process of its own, to be killed: `BROKER` is the address, `RELAY` its name, `CHUNK` the records of a chunk. */
const relay = await startRelay(process.env.BROKER ?? '', process.env.RELAY ?? '', undefined, {
  chunk: { records: Number(process.env.CHUNK ?? '50') },
});
process.send?.('running');
process.once('SIGTERM', () => {
  relay.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
