import type { IncomingHttpHeaders } from 'node:http';

const FROM = /^bytes=(0|[1-9][0-9]{0,15})-$/;

/**
 * From which byte on a content is asked for (RFC 9110, `Range: bytes=N-`); 0 for the whole of it. Whatever else a `Range` says is passed over, as a
 * server may: then all of it is given. So is one under an `If-Range` that names another content.
 */
export function startOf({ range, 'if-range': only }: IncomingHttpHeaders, size: number, etag: string): number {
  const from = Number(FROM.exec(range ?? '')?.[1] ?? 0);
  return from < size && (only === undefined || only === etag) ? from : 0;
}
