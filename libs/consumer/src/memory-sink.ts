import type { Delivery } from './delivery.js';
import type { Applied, Sink, SinkPosition } from './sink.js';

/** A sink without memory beyond the process: for trying out, and for consumers that begin anew at each start. */
export interface MemorySink<T> extends Sink<T> {
  /** The latest delivery of each subject; a withdrawn one is not in it. */
  readonly subjects: ReadonlyMap<string, Delivery<T>>;
}

/** Makes one. `effect` is called once for each delivery that takes effect. */
export function memorySink<T>(effect: (delivery: Delivery<T>) => void = () => undefined): MemorySink<T> {
  const exchanges = new Set<string>();
  const latest = new Map<string, number>();
  const subjects = new Map<string, Delivery<T>>();
  const positions = new Map<string, SinkPosition>();

  const applyOne = (delivery: Delivery<T>): Applied => {
    const { iss, jti, sub, seq, op } = delivery;
    const name = `${iss} ${jti}`;
    if (exchanges.has(name)) return 'repeated';
    exchanges.add(name);
    if (seq <= (latest.get(sub) ?? -1)) return 'late';
    latest.set(sub, seq);
    if (op === 'withdrawn') subjects.delete(sub);
    else subjects.set(sub, delivery);
    effect(delivery);
    return 'applied';
  };

  return {
    subjects,
    position: async (topic) => positions.get(topic),
    async apply(topic, batch, from, to) {
      if (positions.get(topic)?.offset !== from?.offset) throw new Error('another consumer applies the same topic');
      const applied = batch.map(applyOne);
      positions.set(topic, to);
      return applied;
    },
  };
}
