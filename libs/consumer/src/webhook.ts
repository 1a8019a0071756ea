import { createHmac, timingSafeEqual } from 'node:crypto';
import { isDisclosable } from '#envelope';
import { type FaultReport, faultReport } from '#faults';
import {
  CONTENT_TYPE,
  decodeLoadMark,
  deliveryTopic,
  HEADER,
  type LoadMark,
  recordType,
  registryOf,
  type SubsystemId,
} from '#record';
import type { DeliveryMessage } from './delivery.js';

/** A request as HTTP servers give it: lower-case names, and the body byte for byte. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** A request that the gateway signed, as a message for `readDelivery`; or why it is none. */
export type ReadWebhook =
  | { readonly ok: true; readonly message: DeliveryMessage }
  /** An initial load is complete: all deliveries up to the number `through` came before, or are dead letters at the operator's desk. */
  | { readonly ok: true; readonly loaded: LoadMark }
  | { readonly ok: false; readonly fault: FaultReport };

/** A request is taken this long before and after its time, in seconds: Standard Webhooks' advice against old ones sent again. */
const TOLERANCE_SECONDS = 300;
const ID =
  /^([A-Z0-9]+\/[A-Z0-9]+\/[A-Za-z0-9]+\/[a-z0-9-]+)\/([^/]+)\/(load\/[0-9a-f-]{36}|[1-9][0-9]{0,15})(?:\/([A-Za-z0-9_-]{43}))?$/;

/**
 * Checks a webhook request by Standard Webhooks 1.0: the signature over id, time and body by one of the consumer's `secrets` (`whsec_…`; two
 * while one takes over from the other), and that it is new. Record type and number are taken from the signed id, never from a header
 * that nobody signed. Gives DELIVERY_SIGNATURE, or DELIVERY_MESSAGE for what was meant for somebody else.
 */
export function readWebhook(
  { headers, body }: WebhookRequest,
  { secrets, consumer, now }: { readonly secrets: readonly string[]; readonly consumer: SubsystemId; readonly now: Date },
): ReadWebhook {
  const one = (name: string): string => {
    const value = headers[name];
    return typeof value === 'string' ? value : '';
  };
  const [id, time, signatures] = [one('webhook-id'), one('webhook-timestamp'), one('webhook-signature').split(' ')];
  const age = Math.abs(now.getTime() / 1000 - Number(time));
  if (!/^\d{1,12}$/.test(time) || !(age <= TOLERANCE_SECONDS))
    return { ok: false, fault: faultReport('DELIVERY_SIGNATURE', undefined, 'webhook-timestamp') };
  const expected = secrets.map((secret) => signatureOf(secret, `${id}.${time}.`, body));
  if (!signatures.some((signature) => expected.some((right) => same(signature, right))))
    return { ok: false, fault: faultReport('DELIVERY_SIGNATURE', undefined, 'webhook-signature') };
  const [, named, type = '', number = '', pseudonym] = ID.exec(id) ?? [];
  const known = recordType(type);
  if (named !== consumer || known === undefined)
    return { ok: false, fault: faultReport('DELIVERY_MESSAGE', undefined, 'webhook-id') };
  if (number.startsWith('load/')) {
    const loaded = decodeLoadMark(body);
    return loaded === undefined ? { ok: false, fault: faultReport('DELIVERY_MESSAGE', undefined, 'body') } : { ok: true, loaded };
  }
  const message = {
    topic: deliveryTopic(consumer, known),
    value: body,
    headers: {
      [HEADER.contentType]: Buffer.from(isDisclosable(body) ? CONTENT_TYPE.disclosable : CONTENT_TYPE.envelope),
      [HEADER.number]: Buffer.from(number),
      // Signed with the id, since it stands in no envelope.
      ...(pseudonym === undefined ? {} : { [HEADER.ownSubject]: Buffer.from(`urn:khidi:${registryOf(known)}:${pseudonym}`) }),
      [HEADER.agreement]: Buffer.from(one('khidi-agreement')),
      [HEADER.purpose]: Buffer.from(one('khidi-purpose')),
      ...(one('khidi-replay') === '' ? {} : { [HEADER.replay]: Buffer.from(one('khidi-replay')) }),
      ...(one('khidi-load') === '' ? {} : { [HEADER.load]: Buffer.from(one('khidi-load')) }),
      [HEADER.receipt]: Buffer.from(one('khidi-receipt')),
    },
  };
  return { ok: true, message };
}

function signatureOf(secret: string, head: string, body: Buffer): string {
  const key = Buffer.from(secret.trim().replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`;
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
