import { codecOf } from './install.js';
import { assertKafkajsVersion } from './kafkajs-modules.js';

type Install = typeof import('./install.js');
type Kafkajs = typeof import('kafkajs');

/** Runs in a registry where nothing is loaded yet, as in a process of its own. */
const fresh = (use: (install: Install, kafkajs: () => Kafkajs) => void): void => {
  jest.isolateModules(() => use(require('./install.js') as Install, () => require('kafkajs') as Kafkajs));
};

const sourceOfPartitioner = ({ Partitioners }: Kafkajs): string => String(Partitioners.DefaultPartitioner());
const filterOf = (): unknown => require('kafkajs/src/consumer/filterAbortedMessages');
const oursOf = (): unknown => (require('./committed-records.js') as typeof import('./committed-records.js')).committedRecords;

const CLIENT = 'client';

interface Connection {
  connect(): Promise<unknown>;
  send(asked: { readonly request: object }): Promise<unknown>;
  disconnect(): Promise<unknown>;
}

/** What a request that goes through a connection is asked to leave free in front. */
async function roomAskedOf(codec: 'khidi' | 'stock'): Promise<number | undefined> {
  const quiet = (): undefined => undefined;
  const logger = { debug: quiet, error: quiet, namespace: () => logger };
  const socketFactory = ({ onConnect }: { onConnect: () => void }) => {
    queueMicrotask(onConnect);
    return { on: quiet, write: quiet, end: quiet, unref: quiet };
  };
  let made: Connection | undefined;
  let request: object | undefined;
  let asked: number | undefined;
  fresh(({ loadKafkajs }) => {
    loadKafkajs(codec);
    const Connection = require('kafkajs/src/network/connection') as new (options: object) => Connection;
    const Encoder = require('kafkajs/src/protocol/encoder') as new () => unknown;
    made = new Connection({ ...{ host: '127.0.0.1', port: 9, clientId: CLIENT, requestTimeout: 1000 }, logger, socketFactory });
    const encode = async (room?: number): Promise<unknown> => {
      asked = room;
      return new Encoder();
    };
    request = { apiKey: 0, apiName: 'Produce', apiVersion: 7, expectResponse: () => false, encode };
  });
  if (made === undefined || request === undefined) throw new Error('no connection');
  await made.connect();
  await made.send({ request });
  await made.disconnect();
  return asked;
}

describe('when kafkajs is loaded', () => {
  it('comes with our codec, whoever requires it and however often', () => {
    fresh(({ loadKafkajs, installCodec }, kafkajs) => {
      installCodec();
      const loaded = loadKafkajs('khidi');
      expect(sourceOfPartitioner(loaded)).not.toContain('availablePartitions');
      expect(loadKafkajs('khidi')).toBe(loaded);
      expect(kafkajs()).toBe(loaded);
    });
  });

  it('frames the requests of every connection, and leaves stock to frame them when that is asked for', async () => {
    expect(await roomAskedOf('khidi')).toBe(4 + 2 + 2 + 4 + 2 + CLIENT.length); // size and header, which ours is to leave free
    expect(await roomAskedOf('stock')).toBeUndefined();
  });

  it('comes as it is when stock is asked for, but for the faults that are mended', () => {
    fresh(({ loadKafkajs }) => {
      expect(sourceOfPartitioner(loadKafkajs('stock'))).toContain('availablePartitions');
      expect(filterOf()).toBe(oursOf());
    });
  });

  it('keeps the codec that it was loaded with', () => {
    fresh(({ loadKafkajs }) => {
      loadKafkajs('stock');
      expect(() => loadKafkajs('khidi')).toThrow('kafkajs already works with the stock codec');
    });
  });

  it('is refused when its modules have taken hold of their own functions before', () => {
    fresh(({ loadKafkajs }, kafkajs) => {
      kafkajs();
      expect(() => loadKafkajs('khidi')).toThrow('kafkajs was loaded before its codec');
    });
  });

  it('is refused in another version', () => {
    expect(() => assertKafkajsVersion('2.2.5')).toThrow('cannot stand in for version 2.2.5');
    expect(() => assertKafkajsVersion()).not.toThrow();
  });

  it('is stock by KHIDI_STREAM_CODEC=stock alone', () => {
    expect(codecOf({ KHIDI_STREAM_CODEC: 'stock' })).toBe('stock');
    expect(codecOf({ KHIDI_STREAM_CODEC: 'other' })).toBe('khidi');
    expect(codecOf({})).toBe('khidi');
  });
});
