import { joinSignals } from '#concurrency';
import { FaultError, type FaultReport } from '#faults';
import { FewAtOnce, ProblemException } from '#http';
import { deliveryTopic, type RecordType, type SubsystemId, schemaUrn } from '#record';
import type { Metrics } from '#telemetry';
import type { Caller } from '../door-event.js';
import type { HandOver } from '../hand-over.js';
import { admit } from '../steps/admit.js';
import { fateOf } from '../store/fate.js';
import type { OutcomeStore } from '../store/outcome-store.js';
import { AnswerLane, type AnswerStream, type Awaited } from './answer-lane.js';
import type { Answer, AnswerReading } from './read-answer.js';
import type { Question } from './read-question.js';

/** What asking takes, put together in open-questions.ts or by a test. */
export interface QuestionParts extends AnswerReading {
  /** The record type and schema version of questions. */
  readonly type: RecordType;
  readonly schemaVersion: number;
  /** How long a question waits where its caller does not say. */
  readonly seconds: number;
  readonly atOnce: number;
  /** What speaks against asking now; none where nothing does. Throws CONFIGURATION_EXPIRED and the like. */
  readonly notAgreed: (consumer: SubsystemId, about: RecordType, purpose: string) => readonly FaultReport[];
  readonly stream: AnswerStream;
  readonly handOver: HandOver;
  readonly store: Pick<OutcomeStore, 'known' | 'next'>;
  /** Aborted when the service stops: whoever waits is told where the answer will be. */
  readonly stopping: AbortSignal;
  readonly metrics: Pick<Metrics, 'questions' | 'questionsWaiting' | 'questionSeconds'>;
}

/** Where an answer is looked for: among what was delivered from `from` on, the answer to `digest`. */
export interface AnswerPlace {
  readonly about: RecordType;
  readonly digest: string;
  readonly from: bigint;
}

/** An answer, or where it will be found once it is there. */
export type Asking = { readonly answer: Answer } | { readonly late: AnswerPlace };

/** Broker and adapter need not have the same clock, and Kafka stamps what is still on its way. */
const MARGIN_MS = 60_000;

/** Asks questions for the subsystems of one member, and waits for their answers. */
export class Questions {
  readonly seconds: number;
  private readonly lanes = new Map<string, AnswerLane>();
  private readonly places: FewAtOnce;
  private readonly began: number;

  constructor(private readonly parts: QuestionParts) {
    this.seconds = parts.seconds;
    this.began = parts.now().getTime();
    this.places = new FewAtOnce(parts.atOnce, tooMany, (waiting) => parts.metrics.questionsWaiting.set(waiting));
  }

  /**
   * Puts a question on the road and waits until it is answered, refused or `signal` is aborted. What was asked before under the same id and
   * with the same content is not asked twice: its answer may be there already. Throws QUESTION_TOO_MANY and QUESTION_NOT_AGREED before
   * anything is on the road, STREAM_UNAVAILABLE as well where the deliveries cannot be read before `signal` is aborted, QUESTION_REJECTED
   * where the road refuses, and what handing over and reading throw.
   */
  async ask(caller: Caller, about: RecordType, question: Question, signal: AbortSignal, traceparent?: string): Promise<Asking> {
    const { metrics, notAgreed } = this.parts;
    const free = this.places.take(caller.subsystem);
    let label = 'unread'; // a type that nobody agreed on would be the caller's own word
    try {
      const faults = notAgreed(caller.subsystem, about, question.purpose);
      if (faults.length > 0) throw new ProblemException('QUESTION_NOT_AGREED', { errors: faults });
      label = about;
      const began = performance.now();
      const asking = await this.askAgreed(caller, about, question, signal, traceparent);
      metrics.questions.inc({ record_type: label, result: 'answer' in asking ? 'answered' : 'late' });
      if ('answer' in asking) metrics.questionSeconds.observe({ record_type: label }, (performance.now() - began) / 1000);
      return asking;
    } catch (error) {
      metrics.questions.inc({ record_type: label, result: resultOf(error) });
      throw error;
    } finally {
      free();
    }
  }

  /** Looks for an answer, and waits up to `seconds` for it; undefined where it did not come. Throws QUESTION_TOO_MANY. */
  async find(
    caller: Caller,
    { about, digest, from }: AnswerPlace,
    seconds: number,
    gone: AbortSignal,
  ): Promise<Answer | undefined> {
    const free = this.places.take(caller.subsystem);
    try {
      const lane = this.laneOf(caller.subsystem, about);
      const { answer, leave } = await lane.enter(digest);
      try {
        const { start, end } = await lane.ends();
        const sources = [gone, this.parts.stopping];
        const before = await within(sources, LOOKING_MS, (signal) => lane.find(digest, from > start ? from : start, end, signal));
        return before ?? (await within(sources, seconds * 1000, (signal) => orAborted(answer, signal)));
      } finally {
        leave();
      }
    } finally {
      free();
    }
  }

  /** How many topics are read, or were a moment ago. */
  get reading(): number {
    return this.lanes.size;
  }

  async close(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lane) => lane.close()));
  }

  private async askAgreed(
    caller: Caller,
    about: RecordType,
    question: Question,
    signal: AbortSignal,
    traceparent: string | undefined,
  ): Promise<Asking> {
    const { handOver, now } = this.parts;
    const { digest } = question;
    const lane = this.laneOf(caller.subsystem, about);
    const before = question.named ? await this.askedBefore(caller, question) : undefined;
    const { answer, leave, from: entered } = await enterBefore(signal, lane, digest);
    const { signal: until, end } = joinSignals([signal, this.parts.stopping]);
    try {
      const from = before === undefined ? entered : await lane.offsetAt(before);
      const admitted = admit(this.eventOf(question, traceparent), caller, now());
      if (!admitted.ok)
        throw new ProblemException(admitted.fault, admitted.detail === undefined ? {} : { detail: admitted.detail });
      await handOver([admitted.event]);
      const lookBack = async () => lane.find(digest, from, (await lane.ends()).end, until).then(orNever(until));
      // All begin in the same moment: what one of them rejects with while another is still awaited, nobody would hear.
      const given = await Promise.race([
        orAborted(answer, until),
        this.refusalOf(caller, question, until),
        ...(before === undefined ? [] : [lookBack()]),
      ]);
      return given === undefined ? { late: { about, digest, from } } : { answer: given };
    } finally {
      end();
      leave();
    }
  }

  private laneOf(consumer: SubsystemId, about: RecordType): AnswerLane {
    const topic = deliveryTopic(consumer, about);
    const known = this.lanes.get(topic);
    if (known !== undefined) return known;
    // A caller may look for answers of any type there is a word for: what has no topic leaves nothing behind.
    const forget = (): void => {
      if (this.lanes.get(topic) === made) this.lanes.delete(topic);
    };
    const made = new AnswerLane(topic, this.parts.stream, this.parts, forget);
    this.lanes.set(topic, made);
    return made;
  }

  /**
   * Since when this question may have been on the road: what is known of its id, or a while where this process began just now and may not
   * have been told of what it did before. Undefined where it is new.
   */
  private async askedBefore({ source }: Caller, { id }: Question): Promise<Date | undefined> {
    const { store, now } = this.parts;
    const [first] = fateOf(await store.known(source, id))?.history ?? [];
    if (first !== undefined) return new Date(Date.parse(first.at) - MARGIN_MS);
    const at = now().getTime();
    return at - this.began < MARGIN_MS ? new Date(at - 5 * MARGIN_MS) : undefined;
  }

  private eventOf({ id, data }: Question, traceparent: string | undefined) {
    const { type, schemaVersion } = this.parts;
    const attributes = {
      ...{ specversion: '1.0', id, type: `${type}.created`, datacontenttype: 'application/json' },
      dataschema: schemaUrn(type, schemaVersion),
      traceparent,
    };
    return { attributes, data };
  }

  /** Throws QUESTION_REJECTED once the road refuses the question; settles with nothing once `until` is aborted. */
  private async refusalOf({ source }: Caller, { id }: Question, until: AbortSignal): Promise<undefined> {
    const { store } = this.parts;
    while (!until.aborted) {
      const arrived = store.next(until); // asked for before reading, so that nothing falls between the two
      const fate = fateOf(await store.known(source, id));
      if (fate?.status === 'rejected' || fate?.status === 'conflict')
        throw new ProblemException('QUESTION_REJECTED', { errors: fate.faults ?? [] });
      await arrived;
    }
    return undefined;
  }
}

/** What a subsystem is told that waits for as many answers as it may. */
export const tooMany = (): ProblemException => new ProblemException('QUESTION_TOO_MANY', { headers: { 'retry-after': '1' } });

/** What was delivered before is looked through for so long: whoever asks for an old answer gets what is found by then. */
const LOOKING_MS = 8_000;

/** Enters a lane, but waits for that no longer than its caller does: the first question opens the reading, and a slow broker takes its time. */
async function enterBefore(signal: AbortSignal, lane: AnswerLane, digest: string): Promise<Awaited> {
  const entering = lane.enter(digest);
  const entered = await orAborted(entering, signal);
  if (entered !== undefined) return entered;
  entering.then(
    ({ leave }) => leave(),
    () => undefined,
  );
  throw new FaultError('STREAM_UNAVAILABLE', 'deliveries could not be read in time; nothing was asked');
}

/** What comes before the signal, or nothing. */
function orAborted<T>(coming: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = () => resolve(undefined);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    coming.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

/** Does some work that is given up with one of the signals, or after `ms`. */
async function within<T>(sources: readonly AbortSignal[], ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, end } = joinSignals(sources, ms);
  return work(signal).finally(end);
}

/** Not to have found anything is no answer: others may still find it. */
const orNever =
  (signal: AbortSignal) =>
  (found: Answer | undefined): Promise<Answer | undefined> =>
    found === undefined ? orAborted(new Promise<never>(() => undefined), signal) : Promise.resolve(found);

function resultOf(error: unknown): string {
  if (!(error instanceof ProblemException || error instanceof FaultError)) return 'failed';
  if (error.code === 'QUESTION_NOT_AGREED') return 'refused';
  if (error.code === 'QUESTION_REJECTED') return 'rejected';
  return 'failed';
}
