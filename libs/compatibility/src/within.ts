import { Worker } from 'node:worker_threads';
import { threadFile } from '#concurrency';
import { checksOf } from './compare.js';
import type { Finding } from './lint/lint.js';
import { READY, type Request } from './request.js';
import { threadTime } from './thread-time.js';
import type { Question, SchemaSource, Verdict } from './verdict.js';

/** What one comparison may cost. */
export interface Budget {
  /**
   * Processor time of the thread, 2,000 by default, and ten times that by the clock; where the system does not tell processor time (only
   * Linux does), by the clock alone. So a verdict does not depend on how busy the machine is. Starting the thread does not count.
   */
  readonly milliseconds?: number;
  /** Heap of the thread, 64 by default. */
  readonly megabytes?: number;
}

const MILLISECONDS = 2_000;
const MEGABYTES = 64;
const YOUNG_MEGABYTES = 8;
const STACK_MEGABYTES = 4;
/** A thread that does not even start in this time is given up. */
const START_MILLISECONDS = 20_000;
/** A thread that gets less of the processor than a tenth is given up, too. */
const PATIENCE = 10;
/** How often a question that has had its time by the clock is looked at again. */
const LOOK_MILLISECONDS = 100;
/** Verdicts that are kept, by all the text that their questions hold: the same one is asked before a registration and by it. */
const KEPT_CHARACTERS = 8 * 1024 * 1024;

interface Waiting {
  readonly request: Request;
  readonly resolve: (answer: unknown) => void;
  /** What is answered where the thread gives none. */
  readonly gaveUp: (why: string) => unknown;
}

/**
 * Compares off the event loop: one thread, started when it is first asked, that answers one question after the other. A question that takes
 * too long or too much memory ends the thread, is answered with `undecided`, and the next one gets a new thread. Never rejects.
 */
export class Comparer {
  private readonly waiting: Waiting[] = [];
  private readonly kept = new Map<string, Verdict>();
  private keptCharacters = 0;
  private worker: Worker | undefined;
  private isReady = false;
  private current: (Waiting & { readonly id: number; timer: NodeJS.Timeout }) | undefined;
  private requests = 0;
  private thread: number | undefined;

  constructor(private readonly budget: Budget = {}) {}

  /** The verdict, at the latest when the budget of this question and of those before it is used up. */
  async compare(question: Question): Promise<Verdict> {
    const key = JSON.stringify(question);
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    const verdict = (await this.ask({ question }, (why) => undecidedFor(question, why))) as Verdict;
    if (isLasting(verdict)) this.keep(key, verdict);
    return verdict;
  }

  /** What there is to say of one schema, as {@link lint} says it, within the same budget. */
  async lint(source: SchemaSource): Promise<readonly Finding[]> {
    const gaveUp = (why: string): Finding[] => [
      { severity: 'note', rule: 'unfinished', pointer: '#', words: `Looking the schema over was given up: ${why}.` },
    ];
    return (await this.ask({ source }, gaveUp)) as readonly Finding[];
  }

  /** Ends the thread. Questions that are open are answered with `undecided`. */
  async close(): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    for (const { gaveUp, resolve } of this.waiting.splice(0)) resolve(gaveUp('it was stopped'));
    this.settle((one) => one.gaveUp('it was stopped'));
    await worker?.terminate();
  }

  private ask(request: Request, gaveUp: (why: string) => unknown): Promise<unknown> {
    return new Promise((resolve) => {
      this.waiting.push({ request, resolve, gaveUp });
      this.next();
    });
  }

  private next(): void {
    if (this.current !== undefined) return;
    const waiting = this.waiting.shift();
    if (waiting === undefined) return;
    const id = ++this.requests;
    this.worker ??= this.start();
    this.current = { ...waiting, id, timer: this.clock() };
    this.worker.ref();
    this.worker.postMessage({ id, request: waiting.request });
  }

  private clock(): NodeJS.Timeout {
    const milliseconds = this.isReady ? (this.budget.milliseconds ?? MILLISECONDS) : START_MILLISECONDS;
    const before = this.isReady ? threadTime(this.thread) : undefined;
    const began = performance.now();
    const look = (): void => {
      const used = (threadTime(this.thread) ?? Number.POSITIVE_INFINITY) - (before ?? Number.NEGATIVE_INFINITY);
      const isSlow = performance.now() - began > milliseconds * PATIENCE;
      if (used >= milliseconds || isSlow || this.current === undefined) this.abandon(`it takes longer than ${milliseconds} ms`);
      else this.current.timer = setTimeout(look, Math.max(milliseconds - used, LOOK_MILLISECONDS));
    };
    return setTimeout(look, milliseconds);
  }

  private start(): Worker {
    const megabytes = this.budget.megabytes ?? MEGABYTES;
    const resourceLimits = {
      maxOldGenerationSizeMb: megabytes - YOUNG_MEGABYTES,
      maxYoungGenerationSizeMb: YOUNG_MEGABYTES,
      stackSizeMb: STACK_MEGABYTES,
    };
    this.isReady = false;
    const worker = new Worker(threadFile(import.meta.url, './worker.js'), { execArgv: [], resourceLimits });
    worker.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
      if (id === READY) this.onReady(worker, answer as number | undefined);
      else if (worker === this.worker && id === this.current?.id) this.settle(() => answer);
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (worker === this.worker) this.abandon(isMemory ? `it takes more than ${megabytes} MB` : `it failed (${error.name})`);
    });
    return worker;
  }

  /** The budget begins when the thread runs, not while the machine is busy starting it. */
  private onReady(worker: Worker, thread: number | undefined): void {
    if (worker !== this.worker) return;
    this.thread = thread;
    this.isReady = true;
    if (this.current === undefined) return;
    clearTimeout(this.current.timer);
    this.current.timer = this.clock();
  }

  private abandon(why: string): void {
    const worker = this.worker;
    this.worker = undefined;
    void worker?.terminate();
    this.settle((one) => one.gaveUp(why));
  }

  private settle(answerOf: (one: Waiting) => unknown): void {
    const current = this.current;
    if (current === undefined) return;
    clearTimeout(current.timer);
    this.current = undefined;
    this.worker?.unref(); // an idle thread keeps nobody awake
    current.resolve(answerOf(current));
    this.next();
  }

  private keep(key: string, verdict: Verdict): void {
    this.kept.set(key, verdict);
    this.keptCharacters += key.length;
    for (const [oldest] of this.kept) {
      if (this.keptCharacters <= KEPT_CHARACTERS) return;
      this.kept.delete(oldest);
      this.keptCharacters -= oldest.length;
    }
  }
}

/** A verdict that depends on nothing but the question. */
function isLasting(verdict: Verdict): boolean {
  return verdict.verdict === 'compatible' || verdict.undecided.every(({ code }) => code !== 'BUDGET');
}

function undecidedFor(question: Question, why: string): Verdict {
  const reason = `comparing was given up: ${why}`;
  const undecided = checksOf(question).map((check) => ({ ...check, code: 'BUDGET' as const, reason }));
  return { verdict: 'undecided', undecided, changes: [] };
}

/** Answers one question in a thread of its own, which ends with it. Who asks often keeps a {@link Comparer}. Never rejects. */
export async function compareWithin(question: Question, budget: Budget = {}): Promise<Verdict> {
  const comparer = new Comparer(budget);
  const verdict = await comparer.compare(question);
  await comparer.close();
  return verdict;
}
