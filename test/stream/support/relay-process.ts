import { startRelay } from './relay.js';

/**
 * A relay in a process of its own, to be killed: `BROKER` is the address, `RELAY` its name, `CHUNK` the records of a chunk. It tells
 * its parent when it is running and when it has got partitions.
 */
const tell = (line: string): void => {
  if (line.includes('partitions assigned')) process.send?.('assigned');
};
const chunk = { records: Number(process.env.CHUNK ?? '50') };
const relay = await startRelay(process.env.BROKER ?? '', process.env.RELAY ?? '', undefined, { chunk }, tell);
process.send?.('running');
process.once('SIGTERM', () => {
  relay.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
