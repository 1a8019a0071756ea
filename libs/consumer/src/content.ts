import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { joinSignals } from '#concurrency';
import { FAULTS, type FaultCode, FaultError } from '#faults';
import { type ContentReference, contentUrn, digestIn } from '#record';
import type { Delivery } from './delivery.js';
import { resumed } from './resumed.js';

/** Where a consumer asks for contents. */
export interface ContentSource {
  /** The address of delivery, and what proves the subsystem there (HTTP Basic). Nobody else is shown it. */
  readonly url: string;
  readonly authorization: string;
  readonly signal?: AbortSignal;
  /** How long the source may be silent, in milliseconds; 30 seconds where absent. */
  readonly silenceMs?: number;
  /** How long to wait before a download that broke off goes on, in milliseconds; a second where absent. */
  readonly pauseMs?: number;
}

/** What names a content: a delivery of the consumer's own, whose record holds the reference. */
type Naming = Pick<Delivery<unknown>, 'envelope'>;

const REQUEST_MS = 10_000;
const SILENCE_MS = 30_000;
const PAUSE_MS = 1000;

/**
 * Fetches a content that the record of a delivery names, into a file. The file is there only once the bytes are known to be those that were
 * sealed: they are written beside it first. What breaks off goes on where it was, some times. Throws CONTENT_DIFFERS where they are others, more or fewer; CONTENT_UNREACHABLE where they
 * do not come; and the fault that delivery or the agency answers. Repeat it where the fault says so.
 */
export async function fetchContent(
  delivery: Naming,
  reference: ContentReference,
  file: string,
  source: ContentSource,
): Promise<void> {
  const draft = `${file}.${randomUUID()}.part`;
  try {
    const bytes = await openContent(delivery, reference, source);
    await pipeline(bytes, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }));
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * The same as a stream, for who writes elsewhere. **Nothing of it counts before it has ended without an error**: what the bytes are is known with the
 * last one only. It ends with CONTENT_DIFFERS or CONTENT_UNREACHABLE.
 */
export async function openContent({ envelope }: Naming, reference: ContentReference, source: ContentSource): Promise<Readable> {
  const { dataref, size } = reference;
  if (contentUrn(dataref) === undefined) throw new FaultError('CONTENT_REFERENCE');
  const from = (start: number) => bytesFrom(start, envelope, dataref, source);
  const bytes = resumed(await from(0), { from, pauseMs: source.pauseMs ?? PAUSE_MS, signal: source.signal });
  return Readable.from(proven(bytes, size, digestIn(dataref)), { objectMode: false });
}

/** The bytes from one on. Each time by a permit of its own: one holds for two minutes, and the agreement is asked again. */
async function bytesFrom(
  start: number,
  envelope: Buffer,
  dataref: string,
  source: ContentSource,
): Promise<AsyncIterable<Uint8Array>> {
  const { permit, url } = await permitFor(envelope, dataref, source);
  const { signal, end } = joinSignals(source.signal === undefined ? [] : [source.signal]);
  const silence = setTimeout(end, source.silenceMs ?? SILENCE_MS);
  const over = (): void => {
    clearTimeout(silence);
    end();
  };
  try {
    // The address is delivery's, the permit all that is shown there; a redirect would show it to somebody else.
    const headers = { authorization: `Bearer ${permit}`, ...(start === 0 ? {} : { range: `bytes=${start}-` }) };
    const answer = await fetch(url, { headers, redirect: 'error', signal });
    const isPart = start > 0 && answer.status === 206;
    if ((answer.status !== 200 && !isPart) || answer.body === null) throw await faultOf(answer, 'CONTENT_UNREACHABLE');
    return arriving(answer.body as unknown as AsyncIterable<Uint8Array>, isPart ? 0 : start, { silence, over });
  } catch (error) {
    over();
    throw error instanceof FaultError ? error : new FaultError('CONTENT_UNREACHABLE', '', { cause: error });
  }
}

/** What arrives over one connection but for the first `skip` bytes: who does not know ranges gives all of it once more. */
async function* arriving(
  source: AsyncIterable<Uint8Array>,
  skip: number,
  { silence, over }: { readonly silence: NodeJS.Timeout; readonly over: () => void },
): AsyncGenerator<Uint8Array> {
  let left = skip;
  try {
    for await (const chunk of source) {
      silence.refresh();
      const rest = chunk.subarray(left);
      left -= chunk.length - rest.length;
      if (rest.length > 0) yield rest;
      silence.refresh(); // whoever reads may take its time
    }
  } catch (error) {
    throw new FaultError('CONTENT_UNREACHABLE', 'it broke off', { cause: error });
  } finally {
    over();
  }
}

/** Passes on as many bytes as there must be, and ends well only if they were the right ones. */
async function* proven(source: AsyncIterable<Uint8Array>, size: number, digest: Buffer): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > size) throw new FaultError('CONTENT_DIFFERS', 'there are more bytes');
    hash.update(chunk);
    yield chunk;
  }
  if (length < size || !hash.digest().equals(digest)) throw new FaultError('CONTENT_DIFFERS');
}

async function permitFor(envelope: Buffer, dataref: string, { url, authorization, signal }: ContentSource): Promise<Permitted> {
  const until = joinSignals(signal === undefined ? [] : [signal], REQUEST_MS);
  try {
    const answer = await fetch(`${url.replace(/\/$/, '')}/v1/content-permits`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ envelope: envelope.toString('latin1'), dataref }),
      redirect: 'error',
      signal: until.signal,
    }).catch((cause: unknown) => {
      throw new FaultError('CONTENT_UNREACHABLE', 'delivery does not answer', { cause });
    });
    if (answer.status !== 200) throw await faultOf(answer, 'CONTENT_UNREACHABLE');
    const { permit, url: where } = (await answer.json().catch(() => ({}))) as Partial<Permitted>;
    if (typeof permit === 'string' && typeof where === 'string' && /^https?:\/\//.test(where)) return { permit, url: where };
    throw new FaultError('CONTENT_UNREACHABLE', 'delivery answers something else');
  } finally {
    until.end();
  }
}

/** The fault that a service answers; another one where it is no service of ours. */
async function faultOf(answer: Response, otherwise: FaultCode): Promise<FaultError> {
  const { code } = (await answer.json().catch(() => ({}))) as { readonly code?: unknown };
  const known = typeof code === 'string' && Object.hasOwn(FAULTS, code) ? (code as FaultCode) : undefined;
  return known === undefined ? new FaultError(otherwise, `it answers ${answer.status}`) : new FaultError(known);
}

interface Permitted {
  readonly permit: string;
  readonly url: string;
}
