import { sha256Digest } from '#canonical';
import { auditRecord } from '#evidence';
import { type FaultCode, FaultError } from '#faults';
import type { ReceivedRecord } from '#record';
import { openDeadLetterBody, type ReadDeadLetter, readDeadLetter, type WireRecord } from '#stream';
import type { Decisions } from '../state/decisions.js';
import type { DeadLetter, DeadLetters } from './dead-letters.js';

/** What became of a dead letter. */
export interface Resolution {
  readonly state: 'replayed' | 'discarded';
  readonly by: string;
  readonly at: string;
  readonly why?: string;
}

/** A dead letter as the desk shows it. */
export type ShownDeadLetter = DeadLetter & { readonly resolution?: Resolution };

/** Which ones are asked for. Times are milliseconds since 1970; `until` is not included. */
export interface DeadLetterQuery {
  readonly code?: string;
  readonly consumer?: string;
  readonly service?: string;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Also those that were dealt with. */
  readonly all?: boolean;
}

/** Sends a record on its way again: a fault where that did not help; no promise at all where there is no way. */
export type Replay = (record: ReceivedRecord) => Promise<FaultCode | undefined> | undefined;

export interface DeskParts {
  readonly letters: DeadLetters;
  readonly decisions: Decisions;
  readonly replay: Replay;
  readonly now: () => Date;
}

/** Where operators decide what becomes of what could not be handled. One act at a time. */
export class DeadLetterDesk {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: DeskParts) {}

  list({
    code,
    consumer,
    service,
    since = Number.NEGATIVE_INFINITY,
    until = Number.POSITIVE_INFINITY,
    all = false,
  }: DeadLetterQuery): readonly ShownDeadLetter[] {
    return this.parts.letters
      .all()
      .filter(
        (one) =>
          (code === undefined || one.code === code) &&
          (consumer === undefined || one.consumer === consumer) &&
          (service === undefined || one.id.startsWith(`${service}/`)) &&
          Date.parse(one.at) >= since &&
          Date.parse(one.at) < until,
      )
      .map((one) => this.shown(one))
      .filter(({ resolution }) => all || resolution === undefined);
  }

  /** Throws DEAD_LETTER_UNKNOWN. */
  show(id: string): ShownDeadLetter {
    const letter = this.parts.letters.get(id);
    if (letter === undefined) throw new FaultError('DEAD_LETTER_UNKNOWN', id);
    return this.shown(letter);
  }

  /**
   * Sends it on its way again, the same record under the same identity, so that nothing takes effect twice. Throws
   * DEAD_LETTER_UNKNOWN, DEAD_LETTER_CLOSED, DEAD_LETTER_STUCK, and the fault where it fails once more: then it stays. An encrypted body
   * takes its `contentKey`, which opens this one message and which only the operators' key gives; DEAD_LETTER_SEALED without the right one.
   */
  replay(id: string, by: string, contentKey?: Uint8Array): Promise<ShownDeadLetter> {
    return this.act(id, by, 'replayed', undefined, async (record) => {
      const read = readDeadLetter(record);
      const under = read === undefined ? undefined : this.parts.replay(opened(id, read, contentKey));
      if (under === undefined) throw new FaultError('DEAD_LETTER_STUCK', id);
      const fault = await under;
      if (fault !== undefined) throw new FaultError(fault, id);
      return [];
    });
  }

  /** The encrypted body, as it lies on its topic. Throws DEAD_LETTER_UNKNOWN, and DOOR_NOT_FOUND where it is not encrypted. */
  async body(id: string): Promise<Buffer> {
    if (this.show(id).encryptedTo === undefined) throw new FaultError('DOOR_NOT_FOUND', 'the body is not encrypted');
    const record = await this.parts.letters.fetch(id);
    if (record?.value == null) throw new FaultError('DEAD_LETTER_UNKNOWN', id);
    return record.value;
  }

  /** Gives it up for a reason, which is kept in the evidence log. Throws like {@link replay}. */
  discard(id: string, by: string, why: string): Promise<ShownDeadLetter> {
    return this.act(id, by, 'discarded', why, async ({ value }) => {
      const before = sha256Digest(value ?? Buffer.alloc(0));
      return [
        auditRecord({
          kind: 'override',
          at: this.parts.now().toISOString(),
          by,
          action: `dead-letter.discard ${id}`,
          before,
          why,
        }),
      ];
    });
  }

  private act(
    id: string,
    by: string,
    state: Resolution['state'],
    why: string | undefined,
    work: (record: ReceivedRecord) => Promise<readonly WireRecord[]>,
  ): Promise<ShownDeadLetter> {
    const done = this.last.then(async () => {
      if (this.show(id).resolution !== undefined) throw new FaultError('DEAD_LETTER_CLOSED', id);
      const record = await this.parts.letters.fetch(id);
      if (record === undefined) throw new FaultError('DEAD_LETTER_UNKNOWN', id);
      const records = await work(record);
      const resolution: Resolution = { state, by, at: this.parts.now().toISOString(), ...(why === undefined ? {} : { why }) };
      await this.parts.decisions.commit({ key: keyOf(id), value: Buffer.from(JSON.stringify(resolution)), records });
      return { ...this.show(id), resolution };
    });
    this.last = done.catch(() => undefined); // whoever asked hears of it
    return done;
  }

  private shown(letter: DeadLetter): ShownDeadLetter {
    const value = this.parts.decisions.get(keyOf(letter.id));
    if (value === undefined) return letter;
    return { ...letter, resolution: JSON.parse(value.toString('utf8')) as Resolution };
  }
}

/** The record as it was when it was given up. */
function opened(id: string, { original, encryptedTo }: ReadDeadLetter, contentKey: Uint8Array = Buffer.alloc(0)): ReceivedRecord {
  if (encryptedTo === undefined) return original;
  const body = openDeadLetterBody(original.value ?? Buffer.alloc(0), contentKey);
  if (!body.ok) throw new FaultError('DEAD_LETTER_SEALED', id);
  return { ...original, value: body.content };
}

const keyOf = (id: string): string => `dead|${id}`;
