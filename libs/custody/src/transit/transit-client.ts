import { readFileSync, statSync } from 'node:fs';
import { FaultError } from '#faults';
import { refused, unavailable } from '../unavailable.js';

/** Where the transit engine is. */
export interface TransitPlace {
  /** Of the server, like `https://vault.gov.example:8200`; plain HTTP is only taken on loopback. */
  readonly url: string;
  /** Where the engine is mounted, like `transit`. */
  readonly mount: string;
  /** The file of the token, read again for every request, so that an agent may renew it. Only its owner may read it. */
  readonly tokenFile: string;
  readonly timeoutMs: number;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Asks a Vault or OpenBao server over its HTTP API. Nothing that a server says is passed on but its status. */
export class TransitClient {
  constructor(private readonly place: TransitPlace) {
    const url = URL.canParse(place.url) ? new URL(place.url) : undefined;
    if (url === undefined || (url.protocol !== 'https:' && !LOOPBACK.has(url.hostname)))
      throw new FaultError('SETTINGS_INVALID', 'KHIDI_TRANSIT_URL is an https address (http on loopback only)');
  }

  /**
   * The `data` of the answer, undefined for 404. Rejects with KEY_STORE_REFUSED where the token is not accepted (403), and
   * otherwise with KEY_STORE_UNAVAILABLE.
   */
  async ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { url, mount, timeoutMs } = this.place;
    let answer: Response;
    let json: unknown;
    try {
      answer = await fetch(`${url.replace(/\/$/, '')}/v1/${mount}/${path}`, {
        method,
        headers: { 'x-vault-token': this.token(), 'x-vault-request': 'true', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error', // a standby redirects: name the address of the active node or of the load balancer
        signal: AbortSignal.timeout(timeoutMs),
      });
      json = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    } catch (error) {
      if (error instanceof FaultError) throw error;
      throw unavailable('the transit server does not answer');
    }
    if (answer.status === 404) return undefined;
    if (answer.status === 403) throw refused('the transit server does not accept the token, or the token may not do this');
    if (!answer.ok) throw unavailable(`the transit server answered ${answer.status}`);
    const { data } = json as { data?: unknown };
    return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  }

  private token(): string {
    const { tokenFile } = this.place;
    try {
      if ((statSync(tokenFile).mode & 0o077) !== 0) throw new FaultError('KEY_FILE_EXPOSED', tokenFile);
      return readFileSync(tokenFile, 'utf8').trim();
    } catch (error) {
      if (error instanceof FaultError) throw error;
      throw new FaultError('KEY_FILE_UNREADABLE', `${tokenFile}: it cannot be read`);
    }
  }
}
