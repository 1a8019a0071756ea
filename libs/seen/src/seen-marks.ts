import { FaultError } from '#faults';
import { connectTelling, type Patience, type RedisPlace, type RedisState, reason, timedOut } from './connection.js';
import { type Marks, markValue, positionSuffix, type SeenEntry, type SeenVerdict, verdictOf } from './marks.js';

/** Where the marks live and for how long. */
export interface SeenMarksOptions extends RedisPlace {
  /** Part of each key, so that offsets of another Kafka cluster are never taken for ours. */
  readonly clusterId: string;
  /** Seconds until a mark is forgotten; 30 days unless told. */
  readonly ttl?: number;
  /** Called once whenever Redis goes away or comes back. */
  readonly onChange?: (state: RedisState) => void;
  readonly patience?: Patience;
}

/** Long enough for a machine that is busy with other things: an answer that arrived but was not read yet must not count as lost. */
const PATIENCE: Patience = { answer: 3000, connect: 2000 };
const THIRTY_DAYS = 30 * 24 * 3600;
/** A script keeps Redis from answering anyone else; so many marks take it about two milliseconds. */
const MARKS_PER_SCRIPT = 1000;

/**
 * The marks in Redis (7 or later: `SET … NX GET`). Every failure, time-out or answer that is not one of ours is
 * SEEN_UNAVAILABLE: an undecided id is never called new. An emptied Redis only forgets.
 */
export class SeenMarks implements Marks {
  readonly #redis;
  readonly #prefix;
  readonly #ttl;

  constructor({ redisUrl, redisPassword, clusterId, ttl = THIRTY_DAYS, onChange, patience }: SeenMarksOptions) {
    this.#prefix = `khidi:${clusterId}:seen:`;
    this.#ttl = ttl;
    this.#redis = connectTelling({ redisUrl, redisPassword }, patience ?? PATIENCE, onChange).redis;
  }

  async mark(entries: readonly SeenEntry[]): Promise<SeenVerdict[]> {
    const parts: Promise<SeenVerdict[]>[] = [];
    for (let i = 0; i < entries.length; i += MARKS_PER_SCRIPT) parts.push(this.#mark(entries.slice(i, i + MARKS_PER_SCRIPT)));
    return (await Promise.all(parts)).flat();
  }

  async #mark(entries: readonly SeenEntry[]): Promise<SeenVerdict[]> {
    const keys = entries.map(({ jti }) => this.#prefix + jti);
    const found = await this.#ask(this.#redis.khidiMark(keys.length, ...keys, this.#ttl, ...entries.map(markValue)));
    if (!Array.isArray(found) || found.length !== entries.length) throw undecided('Redis answered in another form');
    return entries.map((entry, i) => {
      const before: unknown = found[i];
      const verdict = before === null || typeof before === 'string' ? verdictOf(before, entry) : undefined;
      if (verdict === undefined) throw undecided('a mark was written by something else');
      return verdict;
    });
  }

  async release(entries: readonly Pick<SeenEntry, 'jti' | 'position'>[]): Promise<void> {
    if (entries.length === 0) return;
    const keys = entries.map(({ jti }) => this.#prefix + jti);
    await this.#ask(this.#redis.khidiRelease(keys.length, ...keys, ...entries.map(({ position }) => positionSuffix(position))));
  }

  async ready(): Promise<boolean> {
    try {
      return (await this.#ask(this.#redis.ping())) === 'PONG';
    } catch {
      return false; // not an error of the caller: this is the answer
    }
  }

  async #ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      // Answers are matched to commands by their order alone: begin anew rather than wait for one that may be lost.
      if (timedOut(error)) this.#redis.disconnect(true);
      throw undecided(reason(error));
    }
  }

  /** Leaves at once; answers that are still awaited become SEEN_UNAVAILABLE. */
  close(): void {
    this.#redis.disconnect();
  }
}

function undecided(why: string): FaultError {
  return new FaultError('SEEN_UNAVAILABLE', why);
}
