import { ExactBytes, sizeOfString, writeString } from './exact-bytes.js';
import type { Encoded, ProtocolRequest } from './kafkajs-modules.js';

/** What kafkajs's connection hands to its request framing. */
export interface RequestToFrame {
  readonly correlationId: number;
  readonly clientId: string;
  readonly request: ProtocolRequest;
}

/**
 * Puts size and header (Protocol guide, "Request Header" version 1) in front of a request. A request of ours leaves room for
 * them and is not copied again; a stock one is copied once, where kafkajs does so twice into buffers of twice the size.
 */
export const frameRequest = async ({ correlationId, clientId, request }: RequestToFrame): Promise<Encoded> => {
  const { apiKey, apiVersion, encode } = request;
  const header = 4 + 2 + 2 + 4 + sizeOfString(clientId);
  const payload = await encode(header);
  const framed = payload instanceof ExactBytes && payload.room === header ? payload.whole : behind(header, payload.buffer);
  framed.writeInt32BE(framed.length - 4, 0);
  framed.writeInt16BE(apiKey, 4);
  framed.writeInt16BE(apiVersion, 6);
  framed.writeInt32BE(correlationId, 8);
  writeString(framed, 12, clientId);
  return new ExactBytes(framed);
};

const behind = (header: number, payload: Buffer): Buffer => {
  const framed = Buffer.allocUnsafe(header + payload.length);
  framed.set(payload, header);
  return framed;
};
