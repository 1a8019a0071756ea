import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type Delivery, type KeySource, type ReceiptDoor, readDelivery, readWebhook } from '#consumer';
import type { DecryptionKeys } from '#envelope';
import type { LoadMark, SubsystemId } from '#record';
import { type Place, placeOf } from './register.js';

/** What an agency needs to be called. */
export interface FromWebhook {
  readonly consumer: SubsystemId;
  /** The secret that it agreed on with the operator. */
  readonly secret: string;
  readonly keys: KeySource;
  /** Called once for each exchange. What it throws is answered 500, and the gateway comes again. */
  readonly take: (delivery: Delivery<Place>) => void;
  /** Told once the registry as it was is there whole; what comes after are changes. */
  readonly onInitialLoad?: (loaded: LoadMark) => void;
  readonly now: () => Date;
  /** The agency's private keys, where its agreement asks for encryption. */
  readonly decryption?: DecryptionKeys;
  /** Where receipts go, where the agreement asks for them. */
  readonly receipts?: ReceiptDoor;
}

/** An envelope has at most 900 KiB; encrypted it grows by a third. */
const MAX_BODY = 1280 * 1024;

/**
 * An endpoint for webhooks: verifies the gateway's signature, then the envelope, and applies each exchange once. 204: it took effect, now or
 * before. 4xx: it never will. 5xx: come again.
 */
export function receiveByWebhook(options: FromWebhook): Server {
  const applied = new Set<string>();
  return createServer((request, response) => {
    answer(request, options, applied).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(500).end(),
    );
  });
}

async function answer(
  request: IncomingMessage,
  { consumer, secret, keys, take, now, decryption = new Map(), receipts, onInitialLoad }: FromWebhook,
  applied: Set<string>,
): Promise<number> {
  const body = await bodyOf(request);
  if (body === undefined) return 413;
  const read = readWebhook({ headers: request.headers, body }, { secrets: [secret], consumer, now: now() });
  if (!read.ok) return 401;
  if ('loaded' in read) {
    onInitialLoad?.(read.loaded);
    return 204;
  }
  const { message } = read;
  const reading = () => readDelivery(message, { keys: keys.current(), now: now(), decode: placeOf, decryption });
  let delivery = reading();
  if (!delivery.ok && delivery.fault.code === 'ENVELOPE_KEY_UNKNOWN') {
    await keys.refresh();
    delivery = reading();
  }
  if (!delivery.ok) return 422;
  const { iss, jti } = delivery.delivery;
  if (!applied.has(`${iss} ${jti}`)) {
    take(delivery.delivery);
    applied.add(`${iss} ${jti}`);
  }
  await receipts?.give([delivery.delivery]); // also for one that came again: the first receipt may not have arrived
  return 204;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
