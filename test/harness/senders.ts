import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '../flow/ledger.js';
import { parcel } from '../flow/parcels.js';
import { sendAll } from '../flow/sender.js';
import type { Road } from './road.js';

/** How much is sent. */
export interface Pace {
  /** Records of one agency in one batch, and the pause after it. */
  readonly records: number;
  readonly pauseMs: number;
  /** The part that is spoilt. */
  readonly faulty: number;
}

const USUAL: Pace = { records: 20, pauseMs: 500, faulty: 0.01 };

/** Agencies that send while they are asked to. */
export class Senders {
  #change = 0;
  #going: { over: boolean; done: Promise<unknown> } | undefined;

  constructor(
    private readonly road: Road,
    private readonly ledger: Ledger,
    private readonly random: () => number,
  ) {}

  start(pace: Partial<Pace> = {}): void {
    if (this.#going !== undefined) throw new Error('they send already');
    const going = { over: false, done: Promise.resolve() as Promise<unknown> };
    going.done = this.#send({ ...USUAL, ...pace }, going);
    this.#going = going;
  }

  /** Waits until what they have begun is acknowledged. */
  async stop(): Promise<void> {
    const going = this.#going;
    if (going === undefined) return;
    going.over = true;
    this.#going = undefined;
    await going.done;
  }

  async #send({ records, pauseMs, faulty }: Pace, going: { readonly over: boolean }): Promise<void> {
    for (; !going.over; await pause(pauseMs)) {
      this.#change += 1;
      const change = this.#change;
      await Promise.all(
        this.road.instance.agencies.map((agency) => {
          const spoilt = () => (this.random() < faulty ? Math.floor(this.random() * 5) : undefined);
          const batch = Array.from({ length: records }, (_, subject) => parcel(agency, subject, change, spoilt()));
          return sendAll(agency, batch, this.ledger);
        }),
      );
    }
  }
}
