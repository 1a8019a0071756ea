import type { Encoded, ProtocolRequest } from './kafkajs-modules.js';
import { Pieces, sizeOfString, writeString } from './pieces.js';

/** What kafkajs's connection hands to its request framing. */
export interface RequestToFrame {
  readonly correlationId: number;
  readonly clientId: string;
  readonly request: ProtocolRequest;
}

/** By its first piece, what is written behind it: kafkajs has its connections write the one buffer of an Encoder. */
const following = new WeakMap<Buffer, readonly Buffer[]>();

/** What is to be written behind the first piece of a framed request, which is the buffer that kafkajs takes it for. */
export const piecesBehind = (first: Buffer): readonly Buffer[] => following.get(first) ?? [];

/**
 * Puts size and header (Protocol guide, "Request Header" version 1) in front of a request. A request of ours leaves room for
 * them and is not copied again; a stock one is copied once, where kafkajs does so twice into buffers of twice the size. Of a request in
 * pieces `buffer` is the first one only: whoever writes it must ask for all of them.
 */
export const frameRequest = async ({ correlationId, clientId, request }: RequestToFrame): Promise<Encoded> => {
  const { apiKey, apiVersion, encode } = request;
  const header = 4 + 2 + 2 + 4 + sizeOfString(clientId);
  const payload = await encode(header);
  const framed = payload instanceof Pieces && payload.room === header ? payload : new Pieces(behind(header, payload.buffer));
  const { first, rest } = framed;
  first.writeInt32BE(framed.room + framed.size() - 4, 0);
  first.writeInt16BE(apiKey, 4);
  first.writeInt16BE(apiVersion, 6);
  first.writeInt32BE(correlationId, 8);
  writeString(first, 12, clientId);
  if (rest.length > 0) following.set(first, rest);
  return new Pieces(first);
};

const behind = (header: number, payload: Buffer): Buffer => {
  const framed = Buffer.allocUnsafe(header + payload.length);
  framed.set(payload, header);
  return framed;
};
