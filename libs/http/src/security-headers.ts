import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * A door answers programs: should a browser be led to it all the same, it guesses no other type, runs nothing, shows it in no frame
 * and tells nobody where it came from. `no-store` holds unless the door says otherwise.
 */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Sets the headers of every answer; whoever answers may replace them. */
export function secure(_: IncomingMessage, response: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
}
