import { codecOf } from './install.js';
import { assertKafkajsVersion } from './kafkajs-modules.js';

type Install = typeof import('./install.js');

/** The codec as a process of its own would load it; every call begins with nothing loaded. */
const fresh = async <Result>(use: (install: Install, kafkajs: () => typeof import('kafkajs')) => Result): Promise<Result> => {
  let result: Result | undefined;
  await jest.isolateModulesAsync(async () => {
    result = use(require('./install.js') as Install, () => require('kafkajs') as typeof import('kafkajs'));
  });
  return result as Result;
};

describe('when the codec is installed', () => {
  it('stands in for every module that kafkajs would take hold of', async () => {
    await fresh(({ loadKafkajs }) => {
      const { Partitioners } = loadKafkajs('khidi');
      const { createPartitioner } = require('./partitioner.js') as typeof import('./partitioner.js');
      expect(String(Partitioners.DefaultPartitioner())).toBe(String(createPartitioner()));
    });
  });

  it('may be installed again and gives way to stock when asked', async () => {
    await fresh(({ installCodec, uninstallCodec, loadKafkajs }) => {
      installCodec();
      installCodec();
      const { Partitioners } = loadKafkajs('khidi');
      uninstallCodec();
      expect(String(Partitioners.DefaultPartitioner())).toContain('availablePartitions');
      installCodec();
      expect(String(Partitioners.DefaultPartitioner())).not.toContain('availablePartitions');
    });
  });

  it('is refused once kafkajs has taken hold of its own functions', async () => {
    await fresh(({ installCodec }, kafkajs) => {
      kafkajs();
      expect(installCodec).toThrow('kafkajs was loaded before its codec');
    });
  });

  it('is refused beside another version of kafkajs', () => {
    expect(() => assertKafkajsVersion('2.2.5')).toThrow('cannot stand in for version 2.2.5');
    expect(() => assertKafkajsVersion()).not.toThrow();
  });
});

describe('when stock is asked for', () => {
  it('keeps the codec out but mends the faults of stock', async () => {
    await fresh(({ loadKafkajs }) => {
      const { Partitioners } = loadKafkajs('stock');
      expect(String(Partitioners.DefaultPartitioner())).toContain('availablePartitions');
      const filter = require('kafkajs/src/consumer/filterAbortedMessages') as unknown;
      expect(filter).toBe((require('./committed-records.js') as typeof import('./committed-records.js')).committedRecords);
    });
  });

  it('is so by KHIDI_STREAM_CODEC=stock alone', () => {
    expect(codecOf({ KHIDI_STREAM_CODEC: 'stock' })).toBe('stock');
    expect(codecOf({ KHIDI_STREAM_CODEC: 'other' })).toBe('khidi');
    expect(codecOf({})).toBe('khidi');
  });
});
