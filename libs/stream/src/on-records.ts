import { EventPattern } from '@nestjs/microservices';
import type { ReceivedRecord, Verdict } from '#record';
import type { TopicRole } from './plan.js';

/** Judges a chunk of one partition, in order: exactly one verdict for each record. */
export type RecordHandler = (batch: readonly ReceivedRecord[]) => Promise<readonly Verdict[]>;

/** What a handler gives to the strategy through Nest, which must never see it throw. */
export type Handled = { readonly verdicts: readonly Verdict[] } | { readonly thrown: unknown };

/** The chunks that come from {@link RecordStream}; a handler called directly (by a unit test) behaves as it is typed. */
const fromStream = new WeakSet<readonly ReceivedRecord[]>();

/** Marks a chunk so that its handler answers with {@link Handled} instead of throwing. */
export function markChunk(batch: readonly ReceivedRecord[]): void {
  fromStream.add(batch);
}

/**
 * The decorated method of a controller judges the records of all topics that have this role. Whatever it throws is caught here,
 * before Nest (which would log its message, and a message may quote a record), and handed to {@link RecordStream}.
 */
export function OnRecords(role: TopicRole) {
  return (
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<RecordHandler>,
  ): TypedPropertyDescriptor<RecordHandler> => {
    const handler = descriptor.value;
    if (handler === undefined) throw new TypeError('@OnRecords decorates a method');
    const caught = async function (this: unknown, batch: readonly ReceivedRecord[]): Promise<readonly Verdict[] | Handled> {
      if (!fromStream.has(batch)) return handler.call(this, batch);
      try {
        return { verdicts: await handler.call(this, batch) };
      } catch (thrown) {
        return { thrown };
      }
    };
    Object.defineProperty(caught, 'name', { value: String(key) });
    descriptor.value = caught as RecordHandler; // only a marked chunk gets the other form, and only RecordStream marks
    EventPattern(role)(target, key, descriptor);
    return descriptor;
  };
}
