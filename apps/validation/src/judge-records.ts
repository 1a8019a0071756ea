import { jtiOf } from '#envelope';
import type { FaultCode, FaultReport } from '#faults';
import type { MemberOutcome, OutgoingRecord, ReceivedRecord, Verdict } from '#record';
import type { Marks, SeenEntry, SeenVerdict } from '#seen';
import type { Metrics } from '#telemetry';
import type { PseudonymKeys } from './keys/pseudonym-keys.js';
import type { OriginSeals } from './origin-seals.js';
import type { Found, Schemas } from './schemas/schemas.js';
import { type CheckedEvent, checkEvent } from './steps/check-event.js';
import { count } from './steps/count.js';
import type { IngressTopic, IngressTopics, SchemaName } from './steps/ingress-topics.js';
import { judgeContent } from './steps/judge-content.js';
import { barred, type Standing } from './steps/member-standing.js';
import { nameSchema } from './steps/name-schema.js';
import { paced } from './steps/paced.js';
import { readEvent } from './steps/read-event.js';
import { tell } from './steps/tell.js';
import { isWhole, validatedRecord } from './steps/validated-record.js';

/** What validation works with. */
export interface JudgeParts {
  readonly topics: IngressTopics;
  readonly schemas: Schemas;
  readonly keys: PseudonymKeys;
  readonly marks: Marks;
  readonly originSeals: OriginSeals;
  /** Whether a member takes part. */
  readonly standing: Standing;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

/** A record that is valid by itself: its output is ready, and only its id is still in question. */
interface Valid {
  readonly output: OutgoingRecord;
  readonly mark: SeenEntry;
}

/**
 * Judges records: each gets exactly one verdict, with all its faults where it is rejected. Throws FaultError SEEN_UNAVAILABLE,
 * STREAM_UNAVAILABLE or CONFIGURATION_EXPIRED while Redis, the schemas or the directory cannot be asked: then nothing is decided and the chunk must come again.
 */
export class RecordJudge {
  constructor(private readonly parts: JudgeParts) {}

  /** The chunk comes from one partition, in order. */
  async judge(records: readonly ReceivedRecord[]): Promise<Verdict[]> {
    const [first] = records;
    if (first === undefined) return [];
    const { topics, standing, metrics, now } = this.parts;
    const topic = topics.of(first.topic);

    const bar = standing(topic.member);
    const check = (record: ReceivedRecord) => checkEvent(readEvent(record), topic);
    const read = await this.timed('read', () =>
      paced(records, (record) => (bar === undefined ? check(record) : barred(check(record), bar))),
    );
    const events = await this.nameSchemas(read, topic);
    const schemas = await this.findSchemas(events);
    // Everything is prepared before an id is marked: after that nothing can fail, so no mark outlives a failed record.
    const valid = await this.timed('judge', () =>
      paced(records, (record, i) => this.judgeOne(record, events[i], schemas, topic)),
    );
    const seen = await this.timed('seen', () => this.askMarks(records, events, valid));

    const at = now().toISOString();
    const verdicts = records.map((record, i) => verdict(record, topic, events[i], valid[i], seen[i], at));
    count(metrics, topic.type, verdicts);
    return verdicts;
  }

  /**
   * Gives up a record that cannot be handled or written: its id is free again, also where an earlier try had marked it, and its
   * member is told. Throws SEEN_UNAVAILABLE while Redis is away.
   */
  async bury(record: ReceivedRecord, fault: FaultCode): Promise<MemberOutcome> {
    const { topics, marks, now } = this.parts;
    const topic = topics.of(record.topic);
    const event = checkEvent(readEvent(record), topic);
    const { id, source } = event;
    if (id !== undefined && source !== undefined) await marks.release([{ jti: jtiOf(source, id), position: record }]);
    return tell('rejected', record, topic, event, now().toISOString(), [{ code: fault }]);
  }

  /** What serializers of Confluent's API say of the schema. An id is called unknown only after everything was read. */
  private async nameSchemas(events: readonly CheckedEvent[], topic: IngressTopic): Promise<readonly CheckedEvent[]> {
    const { schemas } = this.parts;
    const named = events.map(({ schemaId }) => schemaId).filter((id) => id !== undefined);
    if (named.length === 0) return events;
    if (named.some((id) => schemas.named(id, topic.type) === 'unknown')) await schemas.caughtUp();
    return events.map((event) => nameSchema(event, schemas, topic));
  }

  /** Before a schema is called unknown, everything that was registered until now must be known here. */
  private async findSchemas(events: readonly CheckedEvent[]): Promise<ReadonlyMap<SchemaName, Found>> {
    const { schemas } = this.parts;
    const named = new Set(events.map(({ schema }) => schema).filter((name) => name !== undefined));
    const find = () => new Map([...named].map((name) => [name, schemas.find(name)]));
    const found = find();
    if ([...found.values()].every(({ state }) => state !== 'unknown')) return found;
    await schemas.caughtUp();
    return find();
  }

  private judgeOne(
    record: ReceivedRecord,
    event: CheckedEvent | undefined,
    schemas: ReadonlyMap<SchemaName, Found>,
    topic: IngressTopic,
  ): Valid | undefined {
    if (event === undefined || event.unreadable) return undefined;
    const { keys } = this.parts;
    const found = event.schema === undefined ? undefined : schemas.get(event.schema);
    const content = judgeContent(event, found, event.faults);
    if (content === undefined) return undefined;
    if (!isWhole(event)) throw new TypeError('an event without faults lacks an attribute');
    const seal = this.parts.originSeals.judge(record, event, content.canonical, topic);
    if (typeof seal === 'object') {
      event.faults.push(seal);
      return undefined;
    }
    const pseudonym = keys.of(topic.registry)(content.identifier);
    const mac = keys.content(`${event.type}\0`, content.canonical);
    return {
      output: validatedRecord(record, event, content, topic, pseudonym, seal),
      mark: { jti: jtiOf(event.source, event.id), mac, position: record },
    };
  }

  /** One answer for each record; undefined for those that are not valid, whose own marks are forgotten instead. */
  private async askMarks(
    records: readonly ReceivedRecord[],
    events: readonly CheckedEvent[],
    valid: readonly (Valid | undefined)[],
  ): Promise<(SeenVerdict | undefined)[]> {
    const { marks } = this.parts;
    const asked: SeenEntry[] = [];
    const refused: Pick<SeenEntry, 'jti' | 'position'>[] = [];
    records.forEach((position, i) => {
      const mark = valid[i]?.mark;
      const { id, source } = events[i] ?? {};
      if (mark !== undefined) asked.push(mark);
      else if (id !== undefined && source !== undefined) refused.push({ jti: jtiOf(source, id), position });
    });
    // The release is called first, so that a corrected record further on in this chunk finds its id free.
    const [, answers] = await Promise.all([marks.release(refused), marks.mark(asked)]);
    const answer = answers[Symbol.iterator]();
    return valid.map((one) => (one === undefined ? undefined : answer.next().value));
  }

  private async timed<T>(step: string, work: () => Promise<T>): Promise<T> {
    const stop = this.parts.metrics.stepSeconds.startTimer({ step });
    try {
      return await work();
    } finally {
      stop();
    }
  }
}

function verdict(
  record: ReceivedRecord,
  topic: IngressTopic,
  event: CheckedEvent | undefined,
  valid: Valid | undefined,
  seen: SeenVerdict | undefined,
  at: string,
): Verdict {
  if (event === undefined) throw new RangeError('there must be one event for each record');
  if (valid === undefined) return { kind: 'rejected', outcome: tell('rejected', record, topic, event, at, event.faults) };
  switch (seen) {
    case 'new':
    case 'repeat':
      return { kind: 'accepted', outputs: [valid.output] };
    case 'duplicate':
      return { kind: 'duplicate', outcome: tell('duplicate', record, topic, event, at) };
    case 'conflict':
      return { kind: 'conflict', outcome: tell('conflict', record, topic, event, at, CONFLICT) };
    case undefined:
      return { kind: 'retry', fault: 'SEEN_UNAVAILABLE' }; // an id nobody judged is never new
  }
}

const CONFLICT: readonly FaultReport[] = [{ code: 'SEEN_CONFLICT', pointer: '/id', rule: 'attribute' }];
