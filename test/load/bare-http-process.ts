import { createServer } from 'node:http';

/**
 * The peer of the schema registry: the barest HTTP server of Node that reads a body and answers with `BYTES` bytes, and does nothing else.
 *
 * Settings: `BYTES`, `PORT`.
 */
const answer = Buffer.alloc(Number(process.env.BYTES), 'x');
const headers = { 'content-type': 'application/json', 'content-length': answer.length };

createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => response.writeHead(200, headers).end(answer));
}).listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('listening'));
