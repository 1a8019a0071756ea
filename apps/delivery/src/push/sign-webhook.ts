import { createHmac } from 'node:crypto';
import type { Secret } from '#settings';

/** `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks writes a secret. */
const SECRET = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;

/** The key inside a secret; undefined where it is written otherwise. */
export function webhookKey(secret: Secret): Buffer | undefined {
  const encoded = SECRET.exec(secret.reveal().trim())?.[1];
  const key = encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
  return key !== undefined && key.length >= 24 && key.length <= 64 ? key : undefined;
}

/**
 * The headers of Standard Webhooks 1.0: `webhook-id` is the same at every attempt, and the signature is HMAC-SHA-256 over id, time and
 * body, so that neither can be changed or sent again later. `at` is milliseconds since 1970.
 */
export function signWebhook(id: string, at: number, body: Uint8Array, key: Uint8Array): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
