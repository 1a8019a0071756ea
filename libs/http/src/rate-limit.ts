import { type FaultCode, FaultError } from '#faults';

/**
 * The headers by which a caller learns of its quota (draft-ietf-httpapi-ratelimit-headers-10): the policy, `q` in each `w` seconds, and what
 * remains, `r`, until it is whole again in `t` seconds.
 */
export function rateLimitHeaders(
  name: string,
  limit: number,
  windowMs: number,
  remaining: number,
  resetMs: number,
): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `"${name}";q=${limit};w=${Math.round(windowMs / 1000)}`,
    ratelimit: `"${name}";r=${Math.max(0, remaining)};t=${secondsOf(resetMs)}`,
  };
}

/** Rounded up: who comes back then does not come too early. */
const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** Thrown where a quota is used up: the answer has its headers and `retry-after` (RFC 9110 section 10.2.3). */
export class QuotaExceeded extends FaultError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: FaultCode, headers: Readonly<Record<string, string>>, resetMs: number) {
    super(code);
    this.headers = { ...headers, 'retry-after': String(secondsOf(resetMs)) };
  }
}
