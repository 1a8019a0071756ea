import type { Ledger } from './ledger.js';

/** One message of a sealed topic as a consumer read it, in the order of its partition. */
export interface Delivered {
  readonly event: string;
  /** `<iss> <jti>`: by this a consumer applies. */
  readonly exchange: string;
  readonly sub: string;
  readonly seq: number;
  /** SHA-256 of the canonical record inside; undefined where the envelope did not verify. */
  readonly digest: string | undefined;
}

/** One outcome as the agency read it. */
export interface Told {
  readonly event: string;
  readonly kind: string;
}

/** The numbers that decide; every one but the first five must be zero. */
export interface Count {
  readonly acked: number;
  readonly sealed: number;
  readonly rejected: number;
  readonly repeats: number;
  readonly unknown: number;
  readonly lost: number;
  readonly both: number;
  readonly duplicated: number;
  readonly misordered: number;
  readonly altered: number;
  readonly invented: number;
  readonly unsigned: number;
  readonly wrongly: number;
}

/**
 * Compares what was sent with what came out (reference/reliability.md 7.3): lost = acknowledged and neither sealed nor rejected;
 * both = sealed and rejected; duplicated = applied twice by a consumer that applies by (iss, jti), or one id under two of them;
 * misordered = a change applied after a later one of its subject, or a `seq` that does not grow; altered = sealed content that
 * is not what was sent; invented = came out and was never sent; unsigned = an envelope that does not verify; wrongly = a sound
 * record rejected or a spoilt one sealed.
 */
export function judge(ledger: Ledger, delivered: readonly Delivered[], told: readonly Told[]): Count {
  const applied = new Map<string, Delivered>();
  const exchanges = new Map<string, string>();
  const lastChange = new Map<string, number>();
  const lastSeq = new Map<string, number>();
  const rejected = new Set(told.filter((line) => line.kind === 'rejected').map((line) => line.event));
  const count = { repeats: 0, duplicated: 0, misordered: 0, altered: 0, invented: 0, unsigned: 0, wrongly: 0 };
  for (const message of delivered) {
    if (message.digest === undefined) {
      count.unsigned++;
      continue;
    }
    const before = applied.get(message.exchange);
    if (before !== undefined) {
      count.repeats++;
      if (before.digest !== message.digest) count.duplicated++;
      continue;
    }
    applied.set(message.exchange, message);
    if (exchanges.has(message.event)) count.duplicated++;
    exchanges.set(message.event, message.exchange);
    const sent = ledger.intents.get(message.event);
    if (sent === undefined) {
      count.invented++;
      continue;
    }
    if (sent.digest !== message.digest) count.altered++;
    if (sent.faulty) count.wrongly++;
    if (sent.change <= (lastChange.get(sent.subject) ?? 0) || message.seq <= (lastSeq.get(message.sub) ?? -1)) count.misordered++;
    lastChange.set(sent.subject, sent.change);
    lastSeq.set(message.sub, message.seq);
  }
  for (const event of rejected) {
    const sent = ledger.intents.get(event);
    if (sent === undefined) count.invented++;
    else if (!sent.faulty) count.wrongly++;
  }
  const lost = [...ledger.acked].filter((event) => !exchanges.has(event) && !rejected.has(event)).length;
  const both = [...rejected].filter((event) => exchanges.has(event)).length;
  return {
    acked: ledger.acked.size,
    sealed: applied.size,
    rejected: rejected.size,
    unknown: ledger.unknown,
    lost,
    both,
    ...count,
  };
}

/** One line for people and scripts. */
export function printCount(count: Count): string {
  return Object.entries(count)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** The names of the numbers that are not zero and must be. */
export function breaches(count: Count): string[] {
  const zero = ['lost', 'both', 'duplicated', 'misordered', 'altered', 'invented', 'unsigned', 'wrongly'] as const;
  return zero.filter((name) => count[name] !== 0);
}
