import { existsSync, rmSync } from 'node:fs';
import { FaultError } from '#faults';
import { HANDOVER_TOPIC } from '#record';
import type { FetchedRun, Reader, StreamClient } from '#stream';
import { describeError, type Logger } from '#telemetry';
import { Bell } from '../bell.js';
import { entriesOf } from './usage-entries.js';
import type { UsageIndex } from './usage-index.js';

/** What following takes. */
export interface FollowHandoversOptions {
  /** Opens the index; asked again until the database answers. */
  readonly open: () => Promise<UsageIndex>;
  readonly client: Pick<StreamClient, 'transport' | 'admin'>;
  /** A file that asks for everything to be made anew; it is removed once the old is forgotten. */
  readonly rebuildFile: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Told how many records of the topic are not in the index. */
  readonly observe: (behind: number) => void;
}

const TURN_MS = 1000;

/**
 * Keeps the index up to the topic `handovers`, like any other reader of it. Deliveries never wait for it. While the database is away nothing
 * is copied and questions are answered with USAGE_INDEX_UNAVAILABLE.
 */
export class FollowHandovers {
  private readonly ending = new AbortController();
  private readonly bell = new Bell();
  private known: UsageIndex | undefined;
  private answers = false;
  private reader: Reader | undefined;
  private next = 0n;
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly options: FollowHandoversOptions) {}

  start(): void {
    this.work = this.run();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.work;
    await this.reader?.stop();
    await this.known?.close();
  }

  /** The index as far as it is. Throws USAGE_INDEX_UNAVAILABLE while the database does not answer. */
  index(): UsageIndex {
    if (this.known === undefined || !this.answers)
      throw new FaultError('USAGE_INDEX_UNAVAILABLE', 'the database does not answer');
    return this.known;
  }

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      try {
        await this.turn();
        this.answers = true;
      } catch (error) {
        this.answers = false;
        this.options.log.warn('the index of who received what waits', describeError(error));
      }
      await this.bell.wait(this.ending.signal, TURN_MS);
    }
  }

  private async turn(): Promise<void> {
    const index = this.known ?? (await this.options.open());
    this.known = index;
    const [end] = await this.options.client.admin.endOffsets(HANDOVER_TOPIC);
    const written = BigInt(end?.end ?? '0');
    if (existsSync(this.options.rebuildFile)) await this.forget(index, 'asked for');
    else if ((await index.followed()) > written) await this.forget(index, 'it is of another topic');
    this.next = await index.followed();
    this.reader ??= this.read(index);
    await index.settle();
    const from = this.next > BigInt(end?.start ?? '0') ? this.next : BigInt(end?.start ?? '0');
    this.options.observe(Number(written > from ? written - from : 0n));
  }

  private async forget(index: UsageIndex, why: string): Promise<void> {
    this.options.log.warn('the index of who received what is made anew', { why });
    await this.reader?.stop();
    this.reader = undefined;
    await index.clear();
    rmSync(this.options.rebuildFile, { force: true });
  }

  private read(index: UsageIndex): Reader {
    const from = this.next === 0n ? 'earliest' : this.next;
    const reader = this.options.client.transport.read({ topic: HANDOVER_TOPIC, partition: 0, from }, (run) =>
      this.copy(index, run),
    );
    reader.done.catch((error: unknown) => {
      this.options.log.warn('handovers are read anew', describeError(error));
      if (this.reader === reader) this.reader = undefined;
    });
    return reader;
  }

  /** Tries until it is copied: nothing is skipped because the database was away. */
  private async copy(index: UsageIndex, { records, next }: FetchedRun): Promise<void> {
    const entries = records.flatMap((record) => entriesOf(record));
    while (!this.ending.signal.aborted) {
      try {
        await index.add(entries, next);
        return;
      } catch (error) {
        this.options.log.warn('the index of who received what waits', describeError(error));
        await this.bell.wait(this.ending.signal, TURN_MS);
      }
    }
  }
}
