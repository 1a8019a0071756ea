import { randomBytes } from 'node:crypto';
import { sha256 } from '#canonical';
import { checkpointNote, isGranted, timestampRequest } from '#evidence';
import { FaultError } from '#faults';
import { describeError, type Logger } from '#telemetry';
import type { LogFiles } from '../log/log-files.js';
import type { Publication } from '../publication.js';

export interface StampingOptions {
  readonly files: LogFiles;
  readonly publication: Publication;
  /** The time-stamping authority (RFC 3161 over HTTP); none where absent. */
  readonly url: string | undefined;
  readonly everySeconds: number;
  readonly log: Logger;
}

const TIMEOUT_MS = 10_000;
const AGAIN_MS = 60_000;

/**
 * Has the newest cosigned checkpoint time-stamped now and then: not every record, since one stamp covers all leaves before it. A
 * stamp that cannot be had is tried again; nothing waits for it.
 */
export class Stamping {
  private timer: NodeJS.Timeout | undefined;
  private work: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: StampingOptions) {}

  start(): void {
    if (this.options.url !== undefined) this.after(1000);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.work;
  }

  private after(ms: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.work = this.turn();
    }, ms).unref();
  }

  private async turn(): Promise<void> {
    const { everySeconds, log } = this.options;
    try {
      this.after((await this.stamp()) ? everySeconds * 1000 : Math.min(2000, everySeconds * 1000));
    } catch (error) {
      log.warn('no time-stamp', describeError(error));
      this.after(Math.min(AGAIN_MS, everySeconds * 1000));
    }
  }

  /** False where there is nothing new to stamp. */
  private async stamp(): Promise<boolean> {
    const { publication, files, url = '' } = this.options;
    const checkpoint = publication.cosignedCheckpoint;
    if (checkpoint === undefined || checkpoint.size === 0 || (await files.stampedSizes()).includes(checkpoint.size)) return false;
    const note = checkpointNote(checkpoint);
    const digest = sha256(Buffer.from(note));
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: new Uint8Array(timestampRequest(digest, randomBytes(8))),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (!answer.ok || !isGranted(bytes, digest)) throw new FaultError('LOG_TIMESTAMP_REFUSED', `status ${answer.status}`);
    await files.writeStamp({ size: checkpoint.size, note, answer: bytes });
    return true;
  }
}
