import { encodeLeaf } from '#evidence';
import { FaultError } from '#faults';
import { crashPoint, type DeadLetterSeal, type WireRecord } from '#stream';
import { describeError, type Logger } from '#telemetry';
import type { Inputs } from './inputs.js';
import { type Growth, grow, type LogEnd } from './log/grow.js';
import type { LogFiles } from './log/log-files.js';
import type { LedgerObserver } from './observe.js';
import type { Publication } from './publication.js';
import type { CommittedState } from './state/committed-state.js';
import type { LedgerState } from './state/ledger-state.js';
import { draftsOf, type JudgedChunk, judgeChunk, Known, type ReadChunk } from './steps/judge-chunk.js';
import { tellLost } from './steps/tell-lost.js';
import { deadLettersOf, evidenceOf } from './steps/write-evidence.js';
import { keyOf, type LeafKeys } from './store/leaf-keys.js';

/** What the sequencer works with. */
export interface SequencerDesk {
  readonly service: string;
  readonly seal?: DeadLetterSeal | undefined;
  readonly inputs: Inputs;
  readonly files: LogFiles;
  readonly keys: LeafKeys;
  readonly state: CommittedState;
  readonly publication: Publication;
  /** Settles while the log may go on: it rests without its witnesses. */
  readonly gate: () => Promise<void>;
  readonly log: Logger;
  readonly observe: LedgerObserver;
  readonly now: () => Date;
  readonly chunkRecords: number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3000;

/**
 * Gives every record its place in the log, one integration after another. Each integration is: tiles durable, then the decision
 * (tree, marks and evidence events in one Kafka transaction), then the signature. So nothing is announced that is not on disk,
 * nothing is signed that was not decided, and only one ledger can decide.
 */
export class Sequencer {
  private waitingFor: string | undefined;
  private stopping = false;
  private readonly marks: Map<string, bigint>;

  constructor(
    private readonly desk: SequencerDesk,
    private end: LogEnd,
    private decided: LedgerState,
  ) {
    this.marks = new Map(decided.marks);
  }

  /** Whether nothing keeps records from getting their place. */
  ready(): boolean {
    return this.waitingFor === undefined && !this.stopping;
  }

  /** Works until `stop`. Throws LOG_FENCED once another ledger has taken over. */
  async run(): Promise<void> {
    const { inputs, chunkRecords } = this.desk;
    for (;;) {
      const chunks = await inputs.take(chunkRecords);
      if (chunks.length === 0) return;
      await this.desk.gate();
      if (this.stopping) return;
      await this.integrate(chunks);
      if (this.stopping) return;
    }
  }

  /** Ends after the integration under way. */
  stop(): void {
    this.stopping = true;
  }

  private async integrate(read: readonly ReadChunk[]): Promise<void> {
    const { files, keys, state, publication, observe, now, service, seal } = this.desk;
    const began = now().getTime();
    crashPoint('after-read');
    const judged = await this.judge(read, Math.floor(now().getTime() / 1000));
    for (const { topic, partition, next } of read) this.marks.set(`${topic}/${partition}`, next);
    const leaves = judged.flatMap((one) => one.leaves);
    if (leaves.length === 0 && !read.some(({ sealed, records }) => sealed && records.length > 0)) return;

    const first = this.end.edge.size;
    const growth = grow(this.end, leaves.map(encodeLeaf));
    await this.insist('tiles', () => files.write(growth.files));
    crashPoint('after-tiles');
    const next: LedgerState = { checkpoint: { ...this.decided.checkpoint, ...sizeAndRoot(growth) }, marks: this.marks };
    const told = tellLost(judged, now(), (topic) => this.desk.inputs.follows(topic));
    const records = [...recordsOf(judged, first, growth.size, { service, seal }), ...told];
    await this.insist('commit', () => state.commit(next, records));
    crashPoint('after-decision');
    this.end = growth.end;
    this.decided = next;
    await this.insist('unique', () => keys.add(first, leaves));
    if (leaves.length > 0) await this.insist('publish', () => publication.publish(next.checkpoint));
    crashPoint('after-checkpoint');
    observe.integrated(judged, growth.size, began);
    await this.tidy(growth);
  }

  /** Asks the index once for all ids of the turn. */
  private async judge(read: readonly ReadChunk[], t: number): Promise<JudgedChunk[]> {
    const asked = read.flatMap((chunk) => draftsOf(chunk).map(keyOf));
    const found = await this.insist('unique', () => this.desk.keys.find(asked));
    const known = new Known(asked, found);
    return read.map((chunk) => judgeChunk(chunk, known, t));
  }

  /** Partial tiles and bundles of which the full one is there are of no more use. */
  private async tidy({ files }: Growth): Promise<void> {
    const full = files.map(([path]) => path).filter((path) => !path.includes('.p/'));
    await Promise.all(full.map((path) => this.desk.files.removePartials(path))).catch((error: unknown) => {
      this.desk.log.warn('partial tiles could not be removed', describeError(error));
    });
  }

  /** Tries until it is done: there is nothing else that the ledger may do meanwhile. */
  private async insist<T>(step: Parameters<LedgerObserver['step']>[0], work: () => Promise<T>): Promise<T> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const stop = this.desk.observe.step(step);
      try {
        const result = await work();
        this.waitingFor = undefined;
        return result;
      } catch (error) {
        if (this.stopping || (error instanceof FaultError && error.code === 'LOG_FENCED')) throw error;
        this.waitingFor = step;
        this.desk.log.warn('the log waits', { step, ...describeError(error) });
        await new Promise((resolve) => setTimeout(resolve, pause));
      } finally {
        stop();
      }
    }
  }
}

const sizeAndRoot = ({ size, root }: Growth) => ({ size, root });

function recordsOf(
  judged: readonly JudgedChunk[],
  first: number,
  size: number,
  whose: Pick<SequencerDesk, 'service' | 'seal'>,
): WireRecord[] {
  let leaf = first;
  return judged.flatMap((one) => {
    const event = evidenceOf(one, leaf, size);
    leaf += one.leaves.length;
    return [...(event === undefined ? [] : [event]), ...deadLettersOf(one, whose)];
  });
}
