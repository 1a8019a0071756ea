import { ClassicLevel } from 'classic-level';
import { FaultError } from '#faults';
import { decodeOutcomes, type Outcome, type OutcomesEvent } from '#record';
import { type AcceptedMark, AcceptedMarks } from './accepted-marks.js';
import type { Place } from './cursor.js';
import {
  acceptedKey,
  eventPrefix,
  IDENTITY,
  ingressKey,
  outcomeKey,
  outcomesKey,
  outcomesOffset,
  POSITION,
  readOutcomeKey,
  readPlace,
  SWEPT,
  timeKey,
  within,
  writePlace,
} from './keys.js';

/** What is known of one event: door and road together, in no particular order. */
export interface Known {
  readonly accepted: readonly AcceptedMark[];
  readonly outcomes: readonly Outcome[];
}

/** One event of the outcomes topic. */
export interface OutcomesAt {
  readonly offset: bigint;
  readonly value: Buffer | null;
}

/** An outcome and where it stands. */
export interface PlacedOutcome {
  readonly place: Place;
  readonly outcome: Outcome;
}

/** The most entries that are read of one event's history; an id that is repeated more often shows its latest ones. */
const MOST_HISTORY = 200;
/** How many events of the outcomes topic, of a hundred kilobytes or so, are read together. */
const EVENTS_AT_ONCE = 4;

/**
 * What the adapter remembers, in LevelDB: outcomes by offset and by event, always written together with the position they were
 * read up to, and marks of accepted events. Everything but the marks can be read again from the outcomes topic.
 */
export class OutcomeStore {
  private readonly listeners = new Set<() => void>();

  private constructor(
    private readonly level: ClassicLevel,
    private readonly marks: AcceptedMarks,
  ) {}

  /**
   * Opens the store in `folder` or makes it. `identity` names cluster and topic: what was kept of others is dropped, since
   * their offsets mean nothing here. `onRefused` is told when it begins to refuse marks of accepted events. Throws SETTINGS_INVALID
   * where another process has it open.
   */
  static async open(
    folder: string,
    identity: string,
    onRefused?: (error: unknown) => void,
  ): Promise<{ store: OutcomeStore; dropped: boolean }> {
    const level = new ClassicLevel(folder, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
    await level.open().catch((cause: unknown) => {
      throw new FaultError(
        'SETTINGS_INVALID',
        `the store in ${folder} cannot be opened: another process has it, or it is damaged`,
        { cause },
      );
    });
    const kept = await level.get(IDENTITY);
    const dropped = kept !== undefined && kept !== identity;
    const marks = await AcceptedMarks.open(level, folder, dropped, onRefused); // before LevelDB forgets whose it is
    if (dropped) await level.clear();
    if (kept !== identity) await level.put(IDENTITY, identity);
    return { store: new OutcomeStore(level, marks), dropped };
  }

  /** The next offset to read of the outcomes topic; undefined where nothing was read yet. */
  async position(): Promise<bigint | undefined> {
    const kept = await this.level.get(POSITION);
    return kept === undefined ? undefined : BigInt(kept);
  }

  /** The first offset whose outcomes are still kept. */
  async sweptTo(): Promise<bigint> {
    return BigInt((await this.level.get(SWEPT)) ?? '0');
  }

  /** Outcomes before `offset` will never be read here; cursors before it have expired. */
  async lostUpTo(offset: bigint): Promise<void> {
    if (offset > (await this.sweptTo())) await this.level.put(SWEPT, offset.toString());
  }

  /** Forgets everything that was read and begins anew at offset 0. */
  async forget(): Promise<void> {
    await this.marks.flush();
    const identity = await this.level.get(IDENTITY);
    await this.level.clear();
    if (identity !== undefined) await this.level.put(IDENTITY, identity);
  }

  /** Keeps the outcomes and the position after them, all or nothing. Gives the number of events that were not outcomes. */
  async append(events: readonly OutcomesAt[]): Promise<number> {
    const last = events.at(-1);
    if (last === undefined) return 0;
    let foreign = 0;
    const batch = this.level.batch();
    for (const { offset, value } of events) {
      const outcomes = decodeOutcomes(value);
      if (outcomes === undefined || value === null) {
        foreign++;
        continue;
      }
      batch.put(outcomesKey(offset), value.toString('utf8'));
      for (const [index, outcome] of outcomes.entries()) {
        const { key, value: found } = foundBy(outcome, offset, index);
        batch.put(key, found);
      }
    }
    batch.put(POSITION, (last.offset + 1n).toString());
    await batch.write();
    for (const listener of [...this.listeners]) listener();
    return foreign;
  }

  /** Keeps marks of accepted events: once it resolves, they outlive this process. */
  accepted(marks: readonly AcceptedMark[]): Promise<void> {
    return this.marks.add(marks);
  }

  /** All that is known of an event. */
  async known(source: string, id: string): Promise<Known> {
    const event = eventPrefix(source, id);
    const places: { offset: bigint; index: number }[] = [];
    const marks = new Map(this.marks.of(event));
    for await (const [key, value] of this.level.iterator({ ...within(event), reverse: true, limit: MOST_HISTORY })) {
      const place = readOutcomeKey(key, event);
      if (place !== undefined) places.push(place);
      else marks.set(key, value);
    }
    const accepted = [...marks].map(([key, value]): AcceptedMark => {
      const { type, at } = JSON.parse(value) as Pick<AcceptedMark, 'type' | 'at'>;
      return { source, id, type, at, ingress: key.slice(acceptedKey(event, '').length) };
    });
    places.push(...(await this.namelessPlaces(accepted.map(({ ingress }) => ingress))));
    const offsets = [...new Set(places.map(({ offset }) => offset))];
    const values = await this.level.getMany(offsets.map(outcomesKey));
    const events = new Map(offsets.map((offset, i) => [offset, readOutcomes(values[i])]));
    const outcomes = places.map(({ offset, index }) => events.get(offset)?.[index]).filter((found) => found !== undefined);
    return { accepted, outcomes };
  }

  /** Where outcomes stand that name only the position of the record, since its id or source was ill-formed. */
  private async namelessPlaces(ingress: readonly string[]): Promise<{ offset: bigint; index: number }[]> {
    const values = await this.level.getMany(ingress.map(ingressKey));
    return values.map((value) => readPlace(value ?? '')).filter((place) => place !== undefined);
  }

  /** The outcomes from `from` on, oldest first. */
  async *outcomes(from: Place): AsyncGenerator<PlacedOutcome> {
    for await (const { offset, outcomes } of this.events(from.offset)) {
      for (const [index, outcome] of outcomes.entries()) {
        if (offset === from.offset && index < from.index) continue;
        yield { place: { offset, index }, outcome };
      }
    }
  }

  /**
   * Events from `offset` on, a few at a time. Keys and values are read apart: an iterator over values keeps the last ones of them
   * out of V8's sight until it is collected itself, and there is one for each page.
   */
  private async *events(offset: bigint): AsyncGenerator<{ key: string; offset: bigint; outcomes: readonly Outcome[] }> {
    let range: { gte: string } | { gt: string } = { gte: outcomesKey(offset) };
    for (;;) {
      const keys: string[] = await this.level.keys({ ...range, lt: within('o:').lt, limit: EVENTS_AT_ONCE }).all();
      const values = await this.level.getMany(keys);
      for (const [i, key] of keys.entries()) yield { key, offset: outcomesOffset(key), outcomes: readOutcomes(values[i]) };
      const last: string | undefined = keys.at(-1);
      if (last === undefined || keys.length < EVENTS_AT_ONCE) return;
      range = { gt: last };
    }
  }

  /** Resolves at the next outcomes that arrive, or when `signal` is aborted. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.listeners.add(done);
      signal.addEventListener('abort', done);
    });
  }

  /** Deletes what is older than `before`, a part at a time. Gives how many entries went. */
  async sweep(before: Date): Promise<number> {
    return (await this.sweepMarks(before)) + (await this.sweepOutcomes(before));
  }

  private async sweepMarks(before: Date): Promise<number> {
    await this.marks.flush();
    let gone = 0;
    for await (const [key, value] of this.level.iterator({ gte: 't:', lt: timeKey(before.getTime(), 0) })) {
      const keys = JSON.parse(value) as string[];
      const batch = this.level.batch().del(key);
      for (const mark of keys) batch.del(mark);
      await batch.write();
      gone += keys.length;
    }
    return gone;
  }

  private async sweepOutcomes(before: Date): Promise<number> {
    let gone = 0;
    for await (const { key, offset, outcomes } of this.events(0n)) {
      if (outcomes.some(({ at }) => Date.parse(at) >= before.getTime())) break;
      const batch = this.level
        .batch()
        .del(key)
        .put(SWEPT, (offset + 1n).toString());
      for (const [index, outcome] of outcomes.entries()) batch.del(foundBy(outcome, offset, index).key);
      await batch.write();
      gone += outcomes.length;
    }
    return gone;
  }

  async close(): Promise<void> {
    await this.marks.close();
    await this.level.close();
  }
}

/** The outcomes of a value that `append` has found to be some. */
function readOutcomes(value: string | undefined): readonly Outcome[] {
  return value === undefined ? [] : (JSON.parse(value) as OutcomesEvent).outcomes;
}

/** The key under which an outcome is found again: by its event, or where that is unreadable by the position of its record. */
function foundBy({ source, id, ingress }: Outcome, offset: bigint, index: number): { key: string; value: string } {
  return source === undefined || id === undefined
    ? { key: ingressKey(ingress), value: writePlace(offset, index) }
    : { key: outcomeKey(eventPrefix(source, id), offset, index), value: '' };
}
