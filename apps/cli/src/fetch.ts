import { readFile } from 'node:fs/promises';
import { FAULTS, type FaultCode, type FaultReport } from '#faults';
import { CliError, EXIT } from './exit.js';

/** How long one small request may take, in milliseconds. */
const REQUEST_MS = 10_000;

/** An answer whose body was read as JSON; `body` is undefined where it was something else. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Asks a service. Ends the command with `unreachable` where nothing answers in time. */
export async function askJson(url: string, init: RequestInit = {}): Promise<JsonAnswer> {
  const { status, text } = await askText(url, init);
  return { status, body: parse(text) };
}

/** Like {@link askJson}, for an answer that is plain text. */
export async function askText(url: string, init: RequestInit = {}): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    throw new CliError(EXIT.unreachable, `${withoutSecret(url)} does not answer (${reason(error)}).`);
  }
}

/** Reads JSON from a URL or a file. Ends the command where it cannot be had. */
export async function readJson(place: string): Promise<unknown> {
  if (/^https?:\/\//.test(place)) {
    const { status, body } = await askJson(place);
    if (status !== 200) throw new CliError(EXIT.unreachable, `${withoutSecret(place)} answers ${status}.`);
    if (body === undefined) throw new CliError(EXIT.usage, `${withoutSecret(place)} does not answer with JSON.`);
    return body;
  }
  const body = parse((await readInput(place)).toString('utf8'));
  if (body === undefined) throw new CliError(EXIT.usage, `${place} is not JSON.`);
  return body;
}

/** Reads bytes from a URL or a file. Ends the command where they cannot be had. */
export async function readBytes(place: string): Promise<Buffer> {
  if (!/^https?:\/\//.test(place)) return readInput(place);
  try {
    const answer = await fetch(place, { signal: AbortSignal.timeout(REQUEST_MS) });
    if (answer.ok) return Buffer.from(await answer.arrayBuffer());
    throw new CliError(EXIT.unreachable, `${withoutSecret(place)} answers ${answer.status}.`);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(EXIT.unreachable, `${withoutSecret(place)} does not answer (${reason(error)}).`);
  }
}

/** Reads a whole file, or ends the command with `usage`. */
export async function readInput(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be read (${reason(error)}).`);
  }
}

/** What a service of ours answers instead of yes (problem+json); another kind of server says none of it. */
interface Refusal {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly FaultReport[];
}

/**
 * Ends the command with what a service answered instead of yes: its fault, what to do, and one line for each error that it names
 * (problem+json), or, from another kind of server, the status alone.
 */
export function refuse(who: string, status: number, body: unknown): never {
  const { code, title = '', detail = '', errors = [] } = (body ?? {}) as Refusal;
  const sentence = code === undefined ? `${who} answers ${status}.` : `${code}: ${title}. ${detail}`;
  throw new CliError(status === 503 ? EXIT.unreachable : EXIT.no, [sentence, ...errors.map(lineOf)].join('\n'));
}

/** A newer service may know faults that this command does not: those keep their code alone. */
const lineOf = ({ code, pointer = '' }: FaultReport): string =>
  `  ${code}${pointer === '' ? '' : ` at ${pointer}`}${code in FAULTS ? `: ${FAULTS[code as FaultCode].title}` : ''}`;

/** What a text says in JSON; undefined where it is something else, so that the callers say what they expected. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // another kind of server answered
  }
}

/** What a person should know of a failed call: the system's code, never what was sent. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const { cause } = error;
  if (cause instanceof Error) return reason(cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** A URL may carry a user and a password, which have no place on a terminal. */
function withoutSecret(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
