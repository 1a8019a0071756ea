import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as plain } from 'node:http';
import { Agent as SecureAgent, request as secure } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type Address, addressOf, patientResolve, type Resolve } from './addresses.js';

/** What came of one request. `why` is a word, never text of the other side. */
export type Posted =
  | { readonly ok: true; readonly status: number }
  | { readonly ok: false; readonly why: PushFailure; readonly status?: number };
export type PushFailure = 'status' | 'redirect' | 'timeout' | 'tls' | 'connection' | 'address';

export interface PostOptions {
  /** The whole request may take this long, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether addresses that are not public, and plain HTTP, may be used. */
  readonly privateAllowed: boolean;
  readonly resolve?: Resolve;
}

/** How long a name may take to be looked up. The record was judged before: an agreement that ends meanwhile must not be overtaken by much. */
const LOOKUP_MS = 2000;
/** An answer says yes or no; nobody reads more of it. */
const ANSWER_BYTES = 16 * 1024;
const ANSWER_MS = 2000;

/** Posts to one address; connections are kept for the next request. */
export class Poster {
  private readonly agents = { 'http:': new PlainAgent({ keepAlive: true }), 'https:': new SecureAgent({ keepAlive: true }) };

  private readonly resolve: Resolve;

  constructor(private readonly options: PostOptions) {
    this.resolve = patientResolve(LOOKUP_MS, options.resolve);
  }

  /**
   * Sends `body` and waits for the status. Redirects are answers, not instructions; the host is resolved once and connected to at that
   * very address; the body of the answer is thrown away. Never rejects.
   */
  async post(url: URL, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<Posted> {
    const { privateAllowed } = this.options;
    const allowed = url.protocol === 'https:' || (url.protocol === 'http:' && privateAllowed);
    if (!allowed || url.username !== '' || url.password !== '') return { ok: false, why: 'address' };
    const address = await addressOf(url.hostname, privateAllowed, this.resolve).catch(() => 'unknown' as const);
    if (address === 'unknown') return { ok: false, why: 'connection' };
    return address === undefined ? { ok: false, why: 'address' } : this.send(url, headers, body, address);
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  /** `fresh`: over a connection of its own, not over one that was kept. */
  private send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    address: Address,
    fresh = false,
  ): Promise<Posted> {
    return new Promise((resolve) => {
      const lookup: LookupFunction = (_host, { all }, answer) =>
        all === true ? answer(null, [address]) : answer(null, address.address, address.family);
      const options = { method: 'POST', headers: { ...headers, 'content-length': body.length }, lookup };
      const request: ClientRequest =
        url.protocol === 'https:'
          ? secure(url, { ...options, agent: fresh ? false : this.agents['https:'] })
          : plain(url, { ...options, agent: fresh ? false : this.agents['http:'] });
      let settled = false;
      const settle = (posted: Posted): void => {
        settled = true;
        clearTimeout(timer);
        resolve(posted);
      };
      const timer = setTimeout(() => {
        settle({ ok: false, why: 'timeout' });
        request.destroy();
      }, this.options.timeoutMs);
      request.on('error', (error) => {
        // The other side closed a connection that was kept: it never saw the request, or sees the same `webhook-id` once more.
        if (!settled && !fresh && request.reusedSocket && isReset(error)) {
          clearTimeout(timer);
          return resolve(this.send(url, headers, body, address, true));
        }
        settle({ ok: false, why: isTls(error) ? 'tls' : 'connection' });
      });
      request.on('response', (response) => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) settle({ ok: true, status });
        else settle({ ok: false, why: status >= 300 && status < 400 ? 'redirect' : 'status', status });
        throwAway(response);
      });
      request.end(body);
    });
  }
}

/** Reads a short answer, so that the connection can be used again, and cuts off a long or a slow one. */
function throwAway(response: IncomingMessage): void {
  let bytes = 0;
  const slow = setTimeout(() => response.destroy(), ANSWER_MS);
  response.on('error', () => undefined); // its status has arrived, and nothing else is wanted
  response.on('close', () => clearTimeout(slow));
  response.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > ANSWER_BYTES) response.destroy();
  });
}

const isReset = (error: Error): boolean => 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');

function isTls(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return /^ERR_(TLS|SSL)|CERT|SIGNATURE|^EPROTO$/.test(code);
}
