import { type Applied, type Consuming, consume, type Delivery, memorySink } from '#consumer';
import type { KeySet } from '#envelope';
import { deliveryTopic, isLoadMark, type LoadMark, type OutgoingRecord, type SubsystemId } from '#record';
import type { StreamClient } from '#stream';
import { type SealedRoad, TYPE } from './exchange.js';

/** One record that the log covers: whose it is, and whether it was there before the consumer was agreed on. */
export interface Logged {
  readonly id: string;
  readonly subject: number;
  readonly before: boolean;
}

/** Sends changes of all subjects, in the place of agencies, validation, signing and ledger. */
export class Registry {
  /** In the order in which each subject changed. */
  readonly logged: Logged[] = [];
  private change = 0;

  constructor(
    private readonly client: StreamClient,
    private readonly road: SealedRoad,
    private readonly subjects: number,
  ) {}

  /** One change of each subject; of every third change the ledger withholds one record. */
  async send(before: boolean): Promise<void> {
    const change = ++this.change;
    const publisher = this.client.publisher();
    try {
      const all = Array.from({ length: this.subjects }, (_, subject) => ({ id: `s${subject}-c${change}`, subject }));
      const records = await Promise.all(all.map(({ id, subject }) => this.road.change(id, subject)));
      const positions = await publisher.publish(records);
      for (let partition = 0; partition < 4; partition++) {
        const here = positions.flatMap((at, i) => (at.partition === partition ? [{ offset: at.offset, of: all[i] }] : []));
        const without = change % 3 === 0 ? here.slice(0, 1) : [];
        for (const { of } of here.slice(without.length)) if (of !== undefined) this.logged.push({ ...of, before });
        const offsets = (some: typeof here) => some.map(({ offset }) => offset);
        await publisher.publish([this.road.logged(partition, offsets(here), offsets(without))]);
      }
    } finally {
      await publisher.close();
    }
  }

  /** The id of the last logged record of each subject. */
  last(): ReadonlyMap<number, string> {
    return new Map(this.logged.map(({ subject, id }) => [subject, id]));
  }

  async publish(...records: OutgoingRecord[]): Promise<void> {
    const publisher = this.client.publisher();
    try {
      await publisher.publish(records);
    } finally {
      await publisher.close();
    }
  }
}

/** What one delivery was to a consumer. */
interface Taken extends Pick<Delivery, 'number' | 'load' | 'replay'> {
  readonly id: string;
  readonly applied: Applied;
}

/** A consumer that writes down what it is told, in order. */
export class Receiver {
  readonly told: (Taken | { readonly loaded: LoadMark })[] = [];
  readonly complaints: string[] = [];
  private consuming: Consuming | undefined;

  constructor(readonly consumer: SubsystemId) {}

  async start(client: StreamClient, keys: KeySet): Promise<this> {
    this.consuming = await consume({
      transport: client.transport,
      consumer: this.consumer,
      type: TYPE,
      keys: { current: () => keys, refresh: async () => undefined },
      sink: memorySink(),
      decode: (record) => record,
      now: () => new Date(),
      onApplied: ({ number, load, replay, claims }, applied) => {
        const of = { ...(load === undefined ? {} : { load }), ...(replay === undefined ? {} : { replay }) };
        this.told.push({ number, id: claims.event.id, applied, ...of });
      },
      onInitialLoad: (loaded) => void this.told.push({ loaded }),
      onGap: (from, to) => this.complaints.push(`gap ${from}-${to}`),
      onRefused: ({ offset }, { code }) => this.complaints.push(`${code} at ${offset}`),
    });
    return this;
  }

  get taken(): readonly Taken[] {
    return this.told.flatMap((one) => ('loaded' in one ? [] : [one]));
  }

  get marks(): readonly LoadMark[] {
    return this.told.flatMap((one) => ('loaded' in one ? [one.loaded] : []));
  }

  /** What was told before the nth mark, and after it. */
  around(nth: number): readonly [readonly Taken[], readonly Taken[]] {
    const at = this.told.findIndex((one) => 'loaded' in one && one.loaded === this.marks[nth]);
    const only = (some: Receiver['told']) => some.flatMap((one) => ('loaded' in one ? [] : [one]));
    return [only(this.told.slice(0, at)), only(this.told.slice(at + 1))];
  }

  async stop(): Promise<void> {
    await this.consuming?.stop();
  }
}

/** How many marks lie on a consumer's topic, read by nobody's library. */
export async function marksOn(client: StreamClient, consumer: SubsystemId): Promise<number> {
  const records = await client.recent(deliveryTopic(consumer, TYPE), 100_000);
  return records.filter(isLoadMark).length;
}
