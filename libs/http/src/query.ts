import type { IncomingMessage } from 'node:http';
import { ProblemException } from './problem-exception.js';

/** The query of a request. Each parameter may be sent once and must be one of `known`; otherwise DOOR_PARAMETER. */
export function readQuery<const K extends string>(request: IncomingMessage, known: readonly K[]): Partial<Record<K, string>> {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const query: Partial<Record<K, string>> = {};
  if (mark === -1) return query;
  for (const [name, value] of new URLSearchParams(url.slice(mark + 1))) {
    const parameter = known.find((candidate) => candidate === name);
    if (parameter === undefined) throw wrong(`the parameters are ${known.join(', ') || 'none'}`);
    if (query[parameter] !== undefined) throw wrong(`${parameter} was sent twice`);
    query[parameter] = value;
  }
  return query;
}

/** A whole number within bounds, both included; `fallback` where it was not sent. */
export function readWhole(name: string, sent: string | undefined, least: number, most: number, fallback: number): number {
  if (sent === undefined) return fallback;
  const value = /^[0-9]{1,9}$/.test(sent) ? Number(sent) : Number.NaN;
  if (!(value >= least && value <= most)) throw wrong(`${name} is a whole number from ${least} to ${most}`);
  return value;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** The instant that a text names (RFC 3339 section 5.6, in capitals), in milliseconds since 1970; undefined where it names none. */
export function instantIn(text: string): number | undefined {
  const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** DOOR_PARAMETER with a sentence that does not quote what was sent. */
export function wrong(detail: string): ProblemException {
  return new ProblemException('DOOR_PARAMETER', { detail });
}
