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
