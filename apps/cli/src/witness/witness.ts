import {
  checkpointNote,
  cosign,
  judgeAddCheckpoint,
  type NoteKey,
  type NoteSigner,
  type SignatureLine,
  type SignedCheckpoint,
  type WitnessAnswer,
  writeNote,
  writeSignatureLine,
} from '#evidence';
import type { WitnessStore } from './witness-store.js';

/** What the witness answers to a log. */
export type CosignAnswer = { readonly status: 200; readonly lines: string } | Exclude<WitnessAnswer, { readonly status: 200 }>;

/**
 * Cosigns what continues what it cosigned before, and nothing else. Requests are judged one after another, so that between the
 * judgement and the memory of it no other one can come.
 */
export class Witness {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly signer: NoteSigner,
    private readonly logs: readonly NoteKey[],
    private readonly store: WitnessStore,
    private readonly now: () => Date,
  ) {}

  /** C2SP tlog-witness, `add-checkpoint`. */
  addCheckpoint(body: string): Promise<CosignAnswer> {
    const answer = this.turn.then(() => this.judge(body));
    this.turn = answer.catch(() => undefined); // whoever asked hears of it
    return answer;
  }

  /** The checkpoint that was cosigned last, with the log's and our signature; undefined where there is none. */
  latest(originHash: string): string | undefined {
    const found = this.store.noteOf(originHash);
    return found === undefined ? undefined : checkpointNote(found);
  }

  private async judge(body: string): Promise<CosignAnswer> {
    const answer = judgeAddCheckpoint(body, this.logs, (origin) => this.store.get(origin));
    if (answer.status !== 200) return answer;
    const { checkpoint } = answer;
    const line = await cosign(checkpoint.note.text, Math.floor(this.now().getTime() / 1000), this.signer);
    await this.store.keep(checkpoint, writeNote(checkpoint.note.text, [...this.linesOfLog(checkpoint), line]));
    return { status: 200, lines: writeSignatureLine(line) };
  }

  private linesOfLog({ origin, note }: SignedCheckpoint): readonly SignatureLine[] {
    const keys = this.logs.filter(({ name }) => name === origin);
    return note.lines.filter((line) => keys.some((key) => key.keyId.equals(line.keyId) && key.name === line.name));
  }
}
