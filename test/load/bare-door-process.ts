import { createServer } from 'node:http';
import { kafkaClient } from '#stream';
import { createLogger } from '#telemetry';

/**
 * The peer of the adapter's door: the barest HTTP server that answers 202 after Kafka acknowledged, with the same client. It reads
 * the body, publishes it and looks at nothing.
 *
 * Settings: `BROKERS`, `TOPIC`, `PORT`.
 */
const topic = process.env.TOPIC ?? '';
const log = createLogger('bare-door', 'error');
const publisher = kafkaClient({ brokers: (process.env.BROKERS ?? '').split(','), clientId: 'bare-door', log }).publisher();
let n = 0;

createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    n += 1;
    publisher
      .publish([
        { topic, key: String(n), partition: 0, value: Buffer.concat(parts), headers: { 'content-type': 'application/json' } },
      ])
      .then(
        () => response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"accepted"}'),
        () => response.writeHead(503).end(),
      );
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('listening'));
