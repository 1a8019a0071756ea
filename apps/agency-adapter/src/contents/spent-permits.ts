import { type ContentPermit, type KeySet, openContentPermit } from '#envelope';
import { FaultError } from '#faults';
import type { ContentUrn, MemberId } from '#record';

/** More permits than anybody fetches with at a time: beyond it the adapter says no rather than forget. */
const MOST_SPENT = 100_000;

/** Judges permits, and lets each be used once in the life of this process. */
export class SpentPermits {
  private readonly spent = new Map<string, number>();

  constructor(
    private readonly provider: MemberId,
    /** The operator's keys for permits, asked each time; none where nobody may fetch. */
    private readonly keys: () => KeySet,
    private readonly now: () => Date,
    /** Reads the keys anew: a permit may be the first by a key that delivery has just made. */
    private readonly refresh: () => Promise<void>,
  ) {}

  /** What a request's `Authorization` permits for a content, which counts as used from now on. Throws CONTENT_PERMIT. */
  async spend(authorization: string | undefined, content: ContentUrn): Promise<ContentPermit> {
    const jws = /^Bearer ([A-Za-z0-9._-]{1,4096})$/.exec(authorization ?? '')?.[1];
    const now = this.now();
    const open = () => openContentPermit(jws ?? '', { keys: this.keys(), now, provider: this.provider, content });
    let opened = open();
    if (!opened.ok && opened.pointer === '') {
      await this.refresh();
      opened = open();
    }
    if (!opened.ok) throw new FaultError('CONTENT_PERMIT', opened.pointer);
    const seconds = now.getTime() / 1000;
    for (const [jti, exp] of this.spent) {
      if (exp > seconds) break; // the oldest stand first, and all hold about as long
      this.spent.delete(jti);
    }
    const { jti, exp } = opened.permit;
    if (this.spent.has(jti) || this.spent.size >= MOST_SPENT) throw new FaultError('CONTENT_PERMIT', '/jti');
    this.spent.set(jti, exp);
    return opened.permit;
  }
}
