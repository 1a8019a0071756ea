import { createRequire } from 'node:module';

/** The one version whose sources this codec was read against and proven equal to. */
export const KAFKAJS_VERSION = '2.2.4';

const require = createRequire(import.meta.url);

/** kafkajs's encoders as its request framing sees them. */
export interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  size(): number;
}

/** A request as kafkajs builds it; `room` asks ours to leave that many bytes free in front, stock encoders ignore it. */
export interface ProtocolRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName?: string;
  readonly expectResponse?: () => boolean;
  readonly encode: (room?: number) => Promise<Encoded>;
}

/** The part of kafkajs's Decoder that the fetch path needs. */
export interface ProtocolDecoder {
  readInt32(): number;
  canReadBytes(length: number): boolean;
  readBytes(length: number): Buffer;
}

/** What every record of one fetched batch shares, as stock builds it. */
export interface BatchContext {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly partitionLeaderEpoch: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly maxTimestamp: string;
  readonly timestampType: number;
  readonly magicByte: number;
}

export type HeaderValue = Buffer | null;
export type FetchedHeaders = Record<string, HeaderValue | HeaderValue[]>;

/** One fetched record, the same members as stock's. */
export interface FetchedRecord {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: FetchedHeaders;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

/** Requires one module of kafkajs by its path under `src`. The caller states the shape, which its tests prove. */
export const kafkajsModule = <Shape>(path: string): Shape => require(`kafkajs/src/${path}`) as Shape;

/** The public face of kafkajs. */
export const kafkajsFace = (): typeof import('kafkajs') => require('kafkajs') as typeof import('kafkajs');

/** Whether a module of kafkajs that takes hold of what we replace was loaded before. */
export const kafkajsIsLoaded = (): boolean =>
  ['network/connection.js', 'producer/sendMessages.js', 'consumer/batch.js'].some(
    (path) => require.cache[require.resolve(`kafkajs/src/${path}`)] !== undefined,
  );

/** Throws unless the installed kafkajs is exactly the version this codec replaces parts of. */
export const assertKafkajsVersion = (found = installedVersion()): void => {
  if (found !== KAFKAJS_VERSION) {
    throw new Error(`the stream codec replaces parts of kafkajs ${KAFKAJS_VERSION} and cannot stand in for version ${found}`);
  }
};

const installedVersion = (): string => (require('kafkajs/package.json') as { version: string }).version;

/** Puts `make(stock)` in the place of what a module of kafkajs exports, for every module that requires it from now on. */
export const replaceModule = <Shape>(path: string, make: (stock: Shape) => Shape): void => {
  const stock = kafkajsModule<Shape>(path);
  const entry = require.cache[require.resolve(`kafkajs/src/${path}`)];
  if (entry === undefined) {
    throw new Error(`kafkajs/src/${path} cannot be replaced: it is not in the module cache`);
  }
  entry.exports = make(stock);
};
