import { type Delivered, judge, type Told } from '../flow/judge.js';
import type { Ledger } from '../flow/ledger.js';
import type { Road } from './road.js';

/** The numbers of one scenario. The first six say what happened; every other one must be zero. */
export interface Tally {
  /** Records that the door acknowledged. */
  readonly acked: number;
  /** Hand-overs to the two consumers, one by topic and one by webhook. */
  readonly delivered: number;
  /** Records that a webhook never took and that are kept. */
  readonly dead: number;
  readonly rejected: number;
  readonly repeats: number;
  readonly unknown: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly misordered: number;
  readonly unlogged: number;
  readonly invented: number;
  /** Sealed and rejected, or brought and kept as a dead letter. */
  readonly both: number;
  readonly altered: number;
  readonly unsigned: number;
  readonly wrongly: number;
  /** Exchanges with more than one leaf, and states of the log that contradict each other. */
  readonly twice: number;
  readonly forks: number;
  /** Gaps in what a consumer got, and what it could not take. */
  readonly complaints: number;
}

const FACTS = ['acked', 'delivered', 'dead', 'rejected', 'repeats', 'unknown'] as const;

/** Where the observer stood when a scenario began. */
export interface Since {
  readonly delivered: number;
  readonly posted: number;
  readonly told: number;
  readonly dead: number;
  readonly complaints: number;
}

export const since = ({ observer }: Road): Since => ({
  delivered: observer.delivered.length,
  posted: observer.posted.length,
  told: observer.told.length,
  dead: observer.dead.length,
  complaints: observer.complaints.length,
});

/** What has come out since then. */
export function outOf({ observer }: Road, from: Since) {
  return {
    delivered: observer.delivered.slice(from.delivered),
    posted: observer.posted.slice(from.posted),
    told: observer.told.slice(from.told).filter(({ ingress }) => !observer.aside.has(ingress)),
    dead: new Set(observer.dead.slice(from.dead)),
    complaints: observer.complaints.slice(from.complaints),
  };
}

/** How many acknowledged records have not come out at every end. */
export function missing(road: Road, ledger: Ledger, from: Since): number {
  const { delivered, posted, told, dead } = outOf(road, from);
  const rejected = new Set(told.filter(({ kind }) => kind === 'rejected').map(eventOf));
  const byTopic = new Map(delivered.map((one) => [one.event, one.exchange]));
  const byWebhook = new Set(posted.map(({ event }) => event));
  return [...ledger.acked].filter((event) => {
    if (rejected.has(event)) return false;
    const exchange = byTopic.get(event);
    return exchange === undefined || !(road.consumers === 1 || byWebhook.has(event) || dead.has(exchange));
  }).length;
}

/** How many deliveries and refusals have no leaf. */
export function unlogged(road: Road, from: Since): number {
  const { delivered, posted, told } = outOf(road, from);
  const { leaves } = road.leaves;
  const names = new Set([
    ...[...delivered, ...posted].map(({ exchange }) => `record ${exchange.replace(' ', '|')}`),
    ...told.filter(({ kind }) => kind === 'rejected').map(({ ingress, at }) => `rejection ${ingress}@${at}`),
  ]);
  return [...names].filter((name) => !leaves.has(name)).length;
}

/** Compares what was sent with what came out at every end (reference/reliability.md 7.3). */
export function tally(road: Road, ledger: Ledger, from: Since): Tally {
  const { delivered, posted, told, dead, complaints } = outOf(road, from);
  const lines: Told[] = told.map((one) => ({ event: eventOf(one), kind: one.kind }));
  const byTopic = judge(ledger, delivered, lines);
  // A record that the webhook did not take stands where it would have come, so that its absence is no loss.
  const keptDead = delivered.filter(({ exchange }) => dead.has(exchange));
  const byWebhook = judge(ledger, posted, lines);
  const lostAtWebhook =
    road.consumers === 1 ? 0 : byWebhook.lost - keptDead.filter(({ event }) => ledger.acked.has(event)).length;
  const bothAtWebhook = posted.filter(({ exchange }) => dead.has(exchange)).length;
  const twice = [...road.leaves.leaves.values()].filter((times) => times > 1).length;
  return {
    acked: byTopic.acked,
    delivered: delivered.length + posted.length,
    dead: keptDead.length,
    rejected: byTopic.rejected,
    repeats: byTopic.repeats + byWebhook.repeats,
    unknown: ledger.unknown,
    lost: byTopic.lost + lostAtWebhook + bothAtWebhook,
    duplicated: byTopic.duplicated + byWebhook.duplicated,
    misordered: byTopic.misordered + misorderedAmong(posted),
    unlogged: unlogged(road, from),
    invented: byTopic.invented + posted.filter(({ event }) => !ledger.intents.has(event)).length,
    both: byTopic.both + bothAtWebhook,
    altered: byTopic.altered + byWebhook.altered,
    unsigned: byTopic.unsigned + byWebhook.unsigned,
    wrongly: byTopic.wrongly,
    twice,
    forks: road.leaves.forks,
    complaints: complaints.length,
  };
}

const eventOf = ({ source, id }: { source?: string; id?: string }): string => `${source ?? ''} ${id ?? ''}`;

/** A webhook gets one subject's records one after another, so their `seq` rises. */
function misorderedAmong(posted: readonly Delivered[]): number {
  const last = new Map<string, number>();
  let count = 0;
  for (const { sub, seq } of posted) {
    if (seq <= (last.get(sub) ?? -1)) count += 1;
    last.set(sub, seq);
  }
  return count;
}

/** One line for people and scripts. */
export const printTally = (count: Tally): string =>
  Object.entries(count)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** The names of the numbers that are not zero and must be. */
export const breaches = (count: Tally): string[] =>
  Object.entries(count).flatMap(([name, value]) => (FACTS.some((fact) => fact === name) || value === 0 ? [] : [name]));
