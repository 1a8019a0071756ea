import { FaultError } from '#faults';
import { describeError, type Logger } from '#telemetry';
import type { Decisions } from '../state/decisions.js';
import type { Coverage, Watermarks } from './watermarks.js';

/** What keeping takes. */
export interface KeptEvidenceParts {
  readonly decisions: Pick<Decisions, 'get' | 'keys' | 'commit'>;
  readonly watermarks: Pick<Watermarks, 'restore' | 'coverage' | 'partitions'>;
  /** The sealed topics of which the newest records are kept for ever. */
  readonly registers: () => readonly string[];
  readonly log: Pick<Logger, 'warn'>;
}

/** What the ledger says is kept for 60 days on its topic; to keep it here each quarter of an hour is often enough. */
const EVERY_MS = 900_000;
/** How many runs of withheld offsets stand in one value, so that it stays far below what a broker takes. */
const RUNS = 20_000;

/**
 * Remembers what the ledger said of registers for longer than the evidence topic does: their records are kept for ever, and without it an
 * initial load after 60 days would hold them for unproven, and would no longer know which ones were withheld.
 */
export class KeptEvidence {
  private readonly saved = new Map<string, bigint>();
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;

  constructor(private readonly parts: KeptEvidenceParts) {}

  /** Gives back what was remembered; to be called before the watermarks are read. Throws DELIVERY_STATE_UNREADABLE. */
  restore(): void {
    const { decisions, watermarks } = this.parts;
    for (const key of decisions.keys(PREFIX)) {
      const [, topic = '', partition = '', part] = key.split('|');
      if (part !== undefined) continue;
      const head = this.read(key) as { first: string; next: string; parts: number };
      const without = Array.from({ length: head.parts }, (_, i) => offsetsIn(this.read(`${key}|${i}`) as string[])).flat();
      watermarks.restore(topic, Number(partition), {
        first: BigInt(head.first),
        next: BigInt(head.next),
        without: new Set(without),
      });
      this.saved.set(key, BigInt(head.next));
    }
  }

  start(): void {
    const again = (): void => {
      this.working ??= this.save()
        .catch((error: unknown) => this.parts.log.warn('what the ledger said could not be kept', describeError(error)))
        .finally(() => {
          this.working = undefined;
        });
    };
    this.timer = setInterval(again, EVERY_MS).unref();
  }

  /** Remembers what is known now. Rejects with what `Decisions.commit` gives. */
  async save(): Promise<void> {
    const { watermarks, registers } = this.parts;
    for (const topic of registers()) {
      for (const partition of watermarks.partitions(topic)) {
        const key = `${PREFIX}${topic}|${partition}`;
        const { first, next, without } = watermarks.coverage(topic, partition);
        if ((this.saved.get(key) ?? -1n) >= next) continue;
        const runs = runsOf(without);
        const parts = Math.ceil(runs.length / RUNS);
        // What is withheld comes first: a head that says more than its parts would let out what is withheld.
        for (let i = 0; i < parts; i += 1) await this.write(`${key}|${i}`, runs.slice(i * RUNS, (i + 1) * RUNS));
        await this.write(key, { first: String(first), next: String(next), parts });
        this.saved.set(key, next);
      }
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  private async write(key: string, value: object): Promise<void> {
    await this.parts.decisions.commit({ key, value: Buffer.from(JSON.stringify(value)), records: [] });
  }

  private read(key: string): unknown {
    try {
      return JSON.parse(String(this.parts.decisions.get(key)));
    } catch (cause) {
      throw new FaultError('DELIVERY_STATE_UNREADABLE', key, { cause });
    }
  }
}

const PREFIX = 'evidence|';

/** Offsets as runs, `<first>-<last>`, in order: repeats come in rows. */
function runsOf(offsets: Coverage['without']): string[] {
  const runs: [bigint, bigint][] = [];
  for (const offset of [...offsets].map(BigInt).sort((a, b) => (a < b ? -1 : 1))) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] + 1n === offset) last[1] = offset;
    else runs.push([offset, offset]);
  }
  return runs.map(([first, last]) => `${first}-${last}`);
}

function offsetsIn(runs: readonly string[]): string[] {
  return runs.flatMap((run) => {
    const [first = '0', last = '0'] = run.split('-');
    return Array.from({ length: Number(BigInt(last) - BigInt(first)) + 1 }, (_, i) => String(BigInt(first) + BigInt(i)));
  });
}
