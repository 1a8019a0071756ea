import { type Checkpoint, checkpointNote, type NoteSigner, type SignedCheckpoint, signCheckpoint } from '#evidence';
import type { LogFiles } from './log/log-files.js';

/** What the log says of itself to everybody: the checkpoint that was signed last. */
export class Publication {
  private latest: SignedCheckpoint | undefined;
  private listeners: ((checkpoint: SignedCheckpoint) => void)[] = [];

  constructor(
    private readonly files: LogFiles,
    private readonly signer: NoteSigner,
  ) {}

  /** Undefined before the first one. */
  get checkpoint(): SignedCheckpoint | undefined {
    return this.latest;
  }

  /** Signs a checkpoint that was decided and publishes it. Throws KEY_STORE_UNAVAILABLE and LOG_STORE_UNAVAILABLE. */
  async publish(decided: Checkpoint): Promise<void> {
    const signed = await signCheckpoint(decided, this.signer);
    await this.files.writeCheckpoint(checkpointNote(signed));
    this.latest = signed;
    for (const tell of this.listeners) tell(signed);
  }

  /** `tell` hears of every checkpoint from now on. */
  onPublished(tell: (checkpoint: SignedCheckpoint) => void): void {
    this.listeners.push(tell);
  }
}
