import type { ServerResponse } from 'node:http';

/** Answers with JSON. A string with its length goes out together with the header; a Buffer or a chunked answer takes more writes. */
export function answerJson(response: ServerResponse, status: number, body: object, location?: string): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(location === undefined ? {} : { location }),
  });
  response.end(text);
}
