import { type StreamClient, streamClient } from '../client.js';
import type { GroupMembership, PlainProducer, Reader, StreamTransport, TransactionalProducer } from '../port.js';
import { kafkaAdmin } from './admin.adapter.js';
import type { KafkaAddress } from './cluster.adapter.js';
import { joinGroup } from './group.adapter.js';
import { plainProducer, transactionalProducer } from './producer.adapter.js';
import { readPartition } from './reader.adapter.js';

/** A client of a real Kafka. Nothing connects before it is used. */
export function kafkaClient(address: KafkaAddress): StreamClient {
  return streamClient(kafkaTransport(address));
}

function kafkaTransport(address: KafkaAddress): StreamTransport {
  const members = new Set<GroupMembership>();
  const readers = new Set<Reader>();
  const producers = new Set<PlainProducer | TransactionalProducer>();
  const admin = kafkaAdmin(address);
  const kept = <P extends PlainProducer | TransactionalProducer>(producer: P): P => {
    const dispose = producer.dispose;
    producers.add(producer);
    return Object.assign(producer, {
      dispose: () => {
        producers.delete(producer);
        dispose();
      },
    });
  };
  return {
    admin,
    async join(options, listener) {
      const member = joinGroup(address, options, listener);
      members.add(member);
      return {
        async close() {
          members.delete(member);
          await member.close();
        },
      };
    },
    transactional: (id) => kept(transactionalProducer(address, id)),
    idempotent: () => kept(plainProducer(address)),
    read(options, onRun) {
      const reader = readPartition(address, options, onRun);
      readers.add(reader);
      const forget = (): void => {
        readers.delete(reader);
      };
      reader.done.then(forget, forget);
      return reader;
    },
    async close() {
      await Promise.all([...members].map((member) => member.close()));
      await Promise.all([...readers].map((reader) => reader.stop()));
      for (const producer of [...producers]) producer.dispose();
      admin.close();
    },
  };
}
