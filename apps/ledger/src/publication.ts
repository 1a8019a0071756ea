import {
  type Checkpoint,
  checkpointNote,
  type NoteSigner,
  openCheckpoint,
  type SignedCheckpoint,
  signCheckpoint,
} from '#evidence';
import { FaultError } from '#faults';
import type { LogFiles } from './log/log-files.js';

/** What the log says of itself to everybody: the checkpoint that was signed last, and the last one that enough witnesses cosigned. */
export class Publication {
  private newest: SignedCheckpoint | undefined;
  private witnessed: SignedCheckpoint | undefined;

  constructor(
    private readonly files: LogFiles,
    private readonly signer: NoteSigner,
  ) {}

  /** Undefined before the first one. */
  get checkpoint(): SignedCheckpoint | undefined {
    return this.newest;
  }

  /** The newest one with a quorum of cosignatures; undefined before the first one. */
  get cosignedCheckpoint(): SignedCheckpoint | undefined {
    return this.witnessed;
  }

  /** Signs a checkpoint that was decided and publishes it. Throws KEY_STORE_UNAVAILABLE and LOG_STORE_UNAVAILABLE. */
  async publish(decided: Checkpoint): Promise<void> {
    const signed = await signCheckpoint(decided, this.signer);
    await this.files.writeCheckpoint(checkpointNote(signed));
    this.newest = signed;
  }

  /** Keeps a checkpoint that a quorum has cosigned. */
  async cosigned(checkpoint: SignedCheckpoint): Promise<void> {
    await this.files.writeCosigned(checkpointNote(checkpoint));
    this.witnessed = checkpoint;
  }

  /** Reads the cosigned checkpoint that was kept before. Throws LOG_DIFFERS where the log did not sign it, or has become smaller. */
  async openCosigned(): Promise<SignedCheckpoint | undefined> {
    const note = await this.files.readCosigned();
    if (note === undefined) return undefined;
    const kept = openCheckpoint(note, this.signer.key);
    if (kept === undefined || kept.size > (this.newest?.size ?? 0)) {
      throw new FaultError('LOG_DIFFERS', 'the cosigned checkpoint is not of this log');
    }
    this.witnessed = kept;
    return kept;
  }
}
