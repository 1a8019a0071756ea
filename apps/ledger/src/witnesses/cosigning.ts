import { readFile } from 'node:fs/promises';
import { consistencyProof, cosigners, type Policy, readPolicy } from '#evidence';
import { FaultError } from '#faults';
import { describeError, type Logger } from '#telemetry';
import type { LogFiles } from '../log/log-files.js';
import type { Publication } from '../publication.js';
import { type Asked, askWitness } from './ask-witness.js';

export interface CosigningOptions {
  readonly files: LogFiles;
  readonly publication: Publication;
  /** A C2SP tlog-policy; it is read again for every round. Without a file nobody witnesses. */
  readonly policyFile: string | undefined;
  /** How long the log goes on without a quorum, in seconds. */
  readonly windowSeconds: number;
  readonly log: Logger;
  /** Told after each round: seconds left of the window, and whether each witness cosigned. */
  readonly observe: (left: number, answers: ReadonlyMap<string, boolean>) => void;
  readonly now: () => Date;
}

/** A round begins at most so often, and at least so often even if nothing grows. */
const SOONEST_MS = 1000;
const LATEST_MS = 30_000;
/** With so little of the window left there is an alarm in every round. */
const ALARM_SHARE = 1 / 3;

/**
 * Has the newest checkpoint cosigned by the witnesses of the policy, again and again. The window is counted by a clock that
 * nobody can set; only what is left of it at the start is read from the last cosigned checkpoint.
 */
export class Cosigning {
  private policy: Policy | undefined;
  private policyText = '';
  private readonly sizes = new Map<string, number>();
  private lastGood: number;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;
  private enough: (() => void)[] = [];

  constructor(private readonly options: CosigningOptions) {
    this.lastGood = performance.now();
  }

  /** Reads the policy and what was cosigned last, and asks for the first time. Throws SETTINGS_INVALID for a policy with mistakes. */
  async start(): Promise<void> {
    this.policy = await this.readPolicy();
    if (this.policy === undefined) return;
    await this.rememberLast(this.policy);
    await this.next();
  }

  /** The lines of the policy file about witnesses and their quorum, as they are followed. */
  policyLines(): string {
    if (this.policy === undefined) return 'quorum none\n';
    return `${this.policyText
      .split('\n')
      .filter((line) => /^\s*(witness|group|quorum)\s/.test(line))
      .join('\n')}\n`;
  }

  /** Seconds left until the log rests; undefined where nobody witnesses. */
  left(): number | undefined {
    if (this.policy === undefined) return undefined;
    return Math.max(0, this.options.windowSeconds - (performance.now() - this.lastGood) / 1000);
  }

  /** Settles at once while the window is open, otherwise with the next quorum or at the end. */
  async open(): Promise<void> {
    while (this.left() === 0 && !this.stopped) await new Promise<void>((resolve) => this.enough.push(resolve));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.wake();
    await this.round;
  }

  private async next(): Promise<void> {
    const begun = performance.now();
    const before = this.options.publication.checkpoint?.size;
    this.round = this.ask().catch((error: unknown) => this.options.log.warn('no round of witnesses', describeError(error)));
    await this.round;
    this.schedule(begun, before);
  }

  /** Soon if the log has grown meanwhile or the quorum is missing, late otherwise. */
  private schedule(begun: number, before: number | undefined): void {
    if (this.stopped) return;
    const grown = (): boolean =>
      this.options.publication.checkpoint?.size !== before || (this.left() ?? 0) < this.options.windowSeconds / 2;
    const tick = (): void => {
      if (grown() || performance.now() - begun > LATEST_MS) void this.next();
      else this.timer = setTimeout(tick, SOONEST_MS).unref();
    };
    this.timer = setTimeout(tick, Math.max(0, SOONEST_MS - (performance.now() - begun))).unref();
  }

  private async ask(): Promise<void> {
    const { publication, files, log, observe, windowSeconds } = this.options;
    this.policy = (await this.readPolicy()) ?? this.policy;
    const { policy } = this;
    const { checkpoint } = publication;
    if (policy === undefined || checkpoint === undefined) return;
    const prove = (old: number) => consistencyProof((tile) => files.tile(tile), old, checkpoint.size);
    const asked = await Promise.all(
      policy.witnesses.map(async (witness): Promise<[string, Asked]> => {
        const answer = await askWitness(witness, checkpoint, Math.min(this.sizes.get(witness.name) ?? 0, checkpoint.size), prove);
        if (answer.kind === 'cosigned') this.sizes.set(witness.name, checkpoint.size);
        else this.complain(witness.name, answer);
        return [witness.name, answer];
      }),
    );
    const cosigned = asked.flatMap(([, answer]) => (answer.kind === 'cosigned' ? [answer.line] : []));
    const names = asked.flatMap(([name, { kind }]) => (kind === 'cosigned' ? [name] : []));
    if (policy.satisfied(new Set(names))) {
      await publication.cosigned({ ...checkpoint, note: { ...checkpoint.note, lines: [...checkpoint.note.lines, ...cosigned] } });
      this.lastGood = performance.now();
      this.wake();
    }
    const left = this.left() ?? 0;
    if (left < windowSeconds * ALARM_SHARE)
      log.error('the log will rest without its witnesses', { secondsLeft: Math.round(left) });
    observe(left, new Map(asked.map(([name, { kind }]) => [name, kind === 'cosigned'])));
  }

  private complain(witness: string, answer: Exclude<Asked, { kind: 'cosigned' }>): void {
    if (answer.kind === 'away') this.options.log.warn('witness does not cosign', { witness, why: answer.why });
    else this.options.log.error('witness contradicts the log', { witness, size: answer.size });
  }

  /** What of the window had passed when the last quorum was heard, by the witnesses' clocks; never more than the window. */
  private async rememberLast(policy: Policy): Promise<void> {
    const last = await this.options.publication.openCosigned();
    if (last === undefined) return;
    const times = [...cosigners(policy, last.note.text, last.note.lines).values()];
    const age = this.options.now().getTime() / 1000 - Math.max(0, ...times);
    this.lastGood = performance.now() - 1000 * Math.min(Math.max(age, 0), this.options.windowSeconds);
  }

  private async readPolicy(): Promise<Policy | undefined> {
    const { policyFile } = this.options;
    if (policyFile === undefined) return undefined;
    const text = await readFile(policyFile, 'utf8').catch(() => undefined); // a file that cannot be read changes nothing
    if (text === undefined && this.policy === undefined) throw new FaultError('SETTINGS_INVALID', `${policyFile} cannot be read`);
    if (text === undefined || text === this.policyText) return this.policy;
    const read = readPolicy(text);
    if ('mistakes' in read) throw new FaultError('SETTINGS_INVALID', `${policyFile}: ${read.mistakes.join('; ')}`);
    const nameless = read.policy.witnesses.filter(({ url }) => url === undefined);
    if (nameless.length > 0) throw new FaultError('SETTINGS_INVALID', `${policyFile}: a witness has no address`);
    this.policyText = text;
    return read.policy;
  }

  private wake(): void {
    for (const resolve of this.enough.splice(0)) resolve();
  }
}
