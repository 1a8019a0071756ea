import { Worker } from 'node:worker_threads';
import { checksOf } from './compare.js';
import type { Question, Verdict } from './verdict.js';

/** What one comparison may cost. */
export interface Budget {
  /** Wall clock, 2,000 by default. */
  readonly milliseconds?: number;
  /** Heap of the thread, 64 by default. It counts from when the thread starts. */
  readonly megabytes?: number;
}

const MILLISECONDS = 2_000;
const MEGABYTES = 64;
const YOUNG_MEGABYTES = 8;
const STACK_MEGABYTES = 4;
/** Verdicts that are kept: the same question is asked before a registration, by it, and by everybody's pipeline. */
const KEPT = 1_000;

interface Waiting {
  readonly question: Question;
  readonly resolve: (verdict: Verdict) => void;
}

interface Answer {
  readonly id: number;
  readonly verdict: Verdict;
}

/**
 * Compares off the event loop: one thread, started when it is first asked, that answers one question after the other. A question that takes
 * too long or too much memory ends the thread, is answered with `undecided`, and the next one gets a new thread. Never rejects.
 */
export class Comparer {
  private readonly waiting: Waiting[] = [];
  private readonly kept = new Map<string, Verdict>();
  private worker: Worker | undefined;
  private current: (Waiting & { readonly id: number; readonly timer: NodeJS.Timeout }) | undefined;
  private questions = 0;

  constructor(private readonly budget: Budget = {}) {}

  /** The verdict, at the latest when the budget of this question and of those before it is used up. */
  async compare(question: Question): Promise<Verdict> {
    const key = JSON.stringify(question);
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    const verdict = await new Promise<Verdict>((resolve) => {
      this.waiting.push({ question, resolve });
      this.next();
    });
    if (isLasting(verdict)) this.keep(key, verdict);
    return verdict;
  }

  /** Ends the thread. Questions that are open are answered with `undecided`. */
  async close(): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    for (const { question, resolve } of this.waiting.splice(0)) resolve(gaveUp(question, 'the comparison was stopped'));
    this.settle(undefined, 'the comparison was stopped');
    await worker?.terminate();
  }

  private next(): void {
    if (this.current !== undefined) return;
    const waiting = this.waiting.shift();
    if (waiting === undefined) return;
    const id = ++this.questions;
    const milliseconds = this.budget.milliseconds ?? MILLISECONDS;
    const timer = setTimeout(() => this.abandon(`it takes longer than ${milliseconds} ms`), milliseconds);
    this.current = { ...waiting, id, timer };
    this.worker ??= this.start();
    this.worker.ref();
    this.worker.postMessage({ id, question: waiting.question });
  }

  private start(): Worker {
    // Where only the sources are at hand (tests), the thread runs what was built from them.
    const isSource = import.meta.url.endsWith('.ts');
    const file = new URL(isSource ? '../../../dist/libs/compatibility/src/worker.js' : './worker.js', import.meta.url);
    const megabytes = this.budget.megabytes ?? MEGABYTES;
    const worker = new Worker(file, {
      execArgv: [],
      resourceLimits: {
        maxOldGenerationSizeMb: megabytes - YOUNG_MEGABYTES,
        maxYoungGenerationSizeMb: YOUNG_MEGABYTES,
        stackSizeMb: STACK_MEGABYTES,
      },
    });
    worker.on('message', ({ id, verdict }: Answer) => {
      if (worker === this.worker && id === this.current?.id) this.settle(verdict, '');
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (worker !== this.worker) return;
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.abandon(isMemory ? `it takes more than ${megabytes} MB` : `it failed (${error.name})`);
    });
    return worker;
  }

  private abandon(why: string): void {
    const worker = this.worker;
    this.worker = undefined;
    this.settle(undefined, why);
    void worker?.terminate();
  }

  private settle(verdict: Verdict | undefined, why: string): void {
    const current = this.current;
    if (current === undefined) return;
    clearTimeout(current.timer);
    this.current = undefined;
    this.worker?.unref(); // an idle thread keeps nobody awake
    current.resolve(verdict ?? gaveUp(current.question, why));
    this.next();
  }

  private keep(key: string, verdict: Verdict): void {
    this.kept.set(key, verdict);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}

/** A verdict that depends on nothing but the question. */
function isLasting(verdict: Verdict): boolean {
  return verdict.verdict === 'compatible' || verdict.undecided.every(({ code }) => code !== 'BUDGET');
}

function gaveUp(question: Question, why: string): Verdict {
  const reason = `comparing was given up: ${why}`;
  const undecided = checksOf(question).map((check) => ({ ...check, code: 'BUDGET' as const, reason }));
  return { verdict: 'undecided', undecided };
}

/** Answers one question in a thread of its own, which ends with it. Who asks often keeps a {@link Comparer}. Never rejects. */
export async function compareWithin(question: Question, budget: Budget = {}): Promise<Verdict> {
  const comparer = new Comparer(budget);
  const verdict = await comparer.compare(question);
  await comparer.close();
  return verdict;
}
