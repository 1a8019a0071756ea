import { existsSync, rmSync } from 'node:fs';
import { decodeBundle, decodeLeaf, type Leaf, TILE_WIDTH, tileWidth } from '#evidence';
import { FaultError } from '#faults';
import { decodeOutcomes } from '#record';
import { type Reader, type StreamClient, type TopicPlan, topicsOf } from '#stream';
import { describeError, type Logger } from '#telemetry';
import type { LogFiles } from '../log/log-files.js';
import type { LeafIndex } from './leaf-index.js';
import { originOfRefusal } from './origin-of-refusal.js';

/** What following the log takes. */
export interface FollowOptions {
  /** Opens the index; asked again until the database answers. */
  readonly open: () => Promise<LeafIndex>;
  readonly files: Pick<LogFiles, 'bundle'>;
  /** How many leaves are published. */
  readonly size: () => number;
  readonly client: Pick<StreamClient, 'transport' | 'admin'>;
  readonly plan: () => TopicPlan;
  /** A file that asks for everything to be made anew; it is removed once the old is forgotten. */
  readonly rebuildFile: string;
  readonly log: Logger;
  /** Told how many leaves the index has. */
  readonly observe: (size: number) => void;
}

const TURN_MS = 500;
const PAUSE_MS = 1000;
const BUNDLES_AT_ONCE = 8;

/**
 * Keeps the index up to the published log, like any other reader of it: leaves from the tiles, members from the outcomes topics. The log
 * never waits for it. While the database is away nothing is copied and questions are answered with LOG_INDEX_UNAVAILABLE.
 */
export class FollowLog {
  #index: LeafIndex | undefined;
  #answers = false;
  #stopped = false;
  #work: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  readonly #readers = new Map<string, Reader>();

  constructor(private readonly options: FollowOptions) {}

  start(): void {
    this.#work = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#work;
    await Promise.all([...this.#readers.values()].map((reader) => reader.stop()));
    await this.#index?.close();
  }

  /** The index as far as it is. Throws LOG_INDEX_UNAVAILABLE while the database does not answer. */
  index(): LeafIndex {
    if (this.#index === undefined || !this.#answers)
      throw new FaultError('LOG_INDEX_UNAVAILABLE', 'the database does not answer');
    return this.#index;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#turn();
        this.#answers = true;
        await this.#pause(TURN_MS);
      } catch (error) {
        this.#answers = false;
        this.options.log.warn('the index of leaves waits', describeError(error));
        await this.#pause(PAUSE_MS);
      }
    }
  }

  async #turn(): Promise<void> {
    const opened = this.#index === undefined;
    const index = this.#index ?? (await this.options.open());
    this.#index = index;
    if (existsSync(this.options.rebuildFile)) await this.#forget(index, 'asked for');
    else if (opened && !(await this.#agrees(index))) await this.#forget(index, 'it is of another log');
    await this.#copyLeaves(index);
    await this.#readMembers(index);
  }

  /** The last leaf stands for all before it: leaves are only ever added in the order of the log. */
  async #agrees(index: LeafIndex): Promise<boolean> {
    const size = await index.size();
    if (size > this.options.size()) return false;
    const last = size === 0 ? undefined : (await this.#leaves(Math.floor((size - 1) / TILE_WIDTH)))[(size - 1) % TILE_WIDTH];
    return last === undefined || index.has(size - 1, last);
  }

  async #forget(index: LeafIndex, why: string): Promise<void> {
    this.options.log.warn('the index of leaves is made anew', { why });
    await Promise.all([...this.#readers.values()].map((reader) => reader.stop()));
    this.#readers.clear();
    await index.clear();
    rmSync(this.options.rebuildFile, { force: true });
  }

  async #copyLeaves(index: LeafIndex): Promise<void> {
    for (let from = await index.size(); from < this.options.size() && !this.#stopped; from = await index.size()) {
      const first = Math.floor(from / TILE_WIDTH);
      const count = Math.min(BUNDLES_AT_ONCE, Math.ceil(this.options.size() / TILE_WIDTH) - first);
      const bundles = await Promise.all(Array.from({ length: count }, (_, i) => this.#leaves(first + i)));
      await index.add(from, bundles.flat().slice(from % TILE_WIDTH));
      this.options.observe(await index.size());
    }
  }

  async #leaves(bundle: number): Promise<Leaf[]> {
    const entries = decodeBundle(await this.options.files.bundle(bundle, tileWidth(0, bundle, this.options.size()))) ?? [];
    return entries.map((entry) => {
      const leaf = decodeLeaf(entry);
      if (leaf === undefined) throw new FaultError('LOG_DIFFERS', `bundle ${bundle} holds an entry that is no leaf`);
      return leaf;
    });
  }

  /** Begins to read the outcomes topics that are not read yet, each from where it was left. */
  async #readMembers(index: LeafIndex): Promise<void> {
    const { client, plan } = this.options;
    for (const topic of topicsOf(plan(), 'outcomes')) {
      if (this.#readers.has(`${topic}/0`)) continue;
      for (const { partition } of await client.admin.endOffsets(topic)) {
        const source = `${topic}/${partition}`;
        const from = await index.followed(source);
        const reader = client.transport.read({ topic, partition, from: from === 0n ? 'earliest' : from }, ({ records, next }) =>
          this.#again(() =>
            index.attribute(
              source,
              next,
              records.flatMap(({ value }) => exchangesOf(value)),
            ),
          ),
        );
        this.#readers.set(source, reader);
        reader.done.catch((error: unknown) => {
          this.options.log.warn('members are read anew', { source, ...describeError(error) });
          this.#readers.delete(source);
        });
      }
    }
  }

  async #again(work: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      try {
        return await work();
      } catch (error) {
        this.options.log.warn('the index of leaves waits', describeError(error));
        await this.#pause(PAUSE_MS);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whose record each sealed exchange was, by what its member was told. */
function exchangesOf(value: Buffer | null): (readonly [string, string])[] {
  return (decodeOutcomes(value) ?? []).flatMap(({ jti, ingress }) => {
    const member = originOfRefusal(ingress)?.member;
    return jti === undefined || member === undefined ? [] : [[jti, member] as const];
  });
}
